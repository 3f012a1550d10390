"""Regular expressions in linear time: Python's syntax, translated for RE2."""
