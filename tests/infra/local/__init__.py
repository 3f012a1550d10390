"""Tests of the local stack, with toy handlers wherever the app itself is not the point."""
