"""The HTTP API: requests, views, headers, and its OpenAPI description."""
