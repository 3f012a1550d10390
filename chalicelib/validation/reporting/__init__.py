"""The full report on a file: its errors as JSON lines, and a page that a person can open.

It contains cells of the file, so it must be kept as private as the file.
"""
