"""A deployment rehearsed on one machine, without an account; see `python -m infra.rehearsal --help`."""
