"""The HTTP API: requests, views, headers, and its description in OpenAPI."""
