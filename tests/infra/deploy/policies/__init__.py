"""What everything may do, word for word."""
