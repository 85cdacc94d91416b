"""The queue API over HTTP: who may ask, how a question is read, and how an answer leaves."""
