"""The reference checker: header, cells, records and keys, one rule at a time."""
