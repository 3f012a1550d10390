"""Malformed payloads for functions and routes: each gets an answer or one of Assay's errors."""
