"""Tests, as a tree that mirrors the code."""
