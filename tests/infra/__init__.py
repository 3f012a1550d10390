"""Tests of where Assay runs."""
