"""Requests generated from the API's own description, which check that the API conforms to it."""
