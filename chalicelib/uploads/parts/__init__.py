"""Validates a large object in parts: plans them, validates each one, checks their seams, and merges them."""
