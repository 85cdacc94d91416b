"""The database: one writer, and readers that never wait for it, on SQLite or PostgreSQL."""
