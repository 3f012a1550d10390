"""What the functions report about themselves: logs, metrics and traces."""
