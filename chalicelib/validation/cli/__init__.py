"""The command line of the validator."""
