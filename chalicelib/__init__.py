"""Assay: exact, durable verdicts on CSV files."""
