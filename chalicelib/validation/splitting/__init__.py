"""Splits a file into its accepted and its rejected rows."""
