"""The native engine: finds records and judges cells in C, and leaves to the reference what it cannot decide."""
