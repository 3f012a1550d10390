"""The outside world behind the domain's ports: S3, Step Functions, PostgreSQL, HTTP."""
