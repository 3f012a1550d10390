"""Benchmarks of Assay and comparable programs: `make bench`."""
