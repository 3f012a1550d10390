"""A Lambda runtime: handlers invoked by name, in threads or in processes."""
