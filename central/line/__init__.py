"""The line: a vehicle comes, waits, is called, let in and done; what staff and posts are told of it."""
