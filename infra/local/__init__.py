"""The whole of Assay on one machine: PostgreSQL, AWS and the Lambdas; see `python -m infra.local --help`."""
