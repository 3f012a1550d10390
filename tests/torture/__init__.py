"""The lifecycle under attack: Hypothesis plays a world in which everything around it misbehaves."""
