"""Deploy Assay to an AWS account, and remove it; see `python -m infra.deploy --help`."""
