"""Bring Assay to an AWS account and take it away again; see `python -m infra.deploy --help`."""
