"""Splits a large object, segment by segment, after its parts were merged into a verdict."""
