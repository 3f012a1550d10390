"""The deployment package: what is in it, for which runtime, and how it is checked."""
