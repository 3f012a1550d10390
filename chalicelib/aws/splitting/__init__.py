"""Splits objects in parts: segments in Amazon S3, and results that S3 assembles of them."""
