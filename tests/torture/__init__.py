"""Torture tests of the lifecycle: Hypothesis chooses operations, crashes and lost messages."""
