"""The deployment and its rehearsal."""
