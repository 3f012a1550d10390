"""Malformed payloads for functions and routes: each gets a response or one of Assay's exceptions."""
