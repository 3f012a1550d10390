"""Tests of the scans for advisories and secrets."""
