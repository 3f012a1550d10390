"""Tests of all IAM policies, and of the configuration that they are written from."""
