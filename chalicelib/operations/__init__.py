"""What an operator does with uploads, from a command line."""
