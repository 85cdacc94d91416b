"""The API's own document: OpenAPI 3.1 from the marks and the types, and the page that shows it."""
