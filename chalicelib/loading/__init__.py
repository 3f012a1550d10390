"""Prepares accepted rows for a table: column types, DDL, and the lines of COPY. Knows no database driver."""
