"""Table Schema descriptors, compiled into checks."""
