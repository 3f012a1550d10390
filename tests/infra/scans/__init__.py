"""The scans find what they look for."""
