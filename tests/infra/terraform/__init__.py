"""Terraform: the module offline, and the root with a real provider."""
