"""Tests of the local stack, with example handlers where the app itself is not tested."""
