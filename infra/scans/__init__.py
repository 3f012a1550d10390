"""Looks for what should not be here: known vulnerabilities in requirements, secrets in files."""
