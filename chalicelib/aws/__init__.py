"""S3, Step Functions, EventBridge and Secrets Manager, behind the ports of `uploads`."""
