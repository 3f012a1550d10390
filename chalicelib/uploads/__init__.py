"""The lifecycle of an upload and the use cases that move it; imports neither AWS nor PostgreSQL."""
