"""What the functions report about themselves: log lines, metrics, traces."""
