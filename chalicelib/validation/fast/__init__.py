"""The fast path: which records may skip the reference checker, and how they are found."""
