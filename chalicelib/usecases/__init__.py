"""What Assay does, one class a capability, in terms of the domain and its ports."""
