"""Requests made up from the API's own description, and whether the API keeps to it."""
