"""All of Assay on one machine: PostgreSQL, AWS and the Lambda functions; see `python -m infra.local --help`."""
