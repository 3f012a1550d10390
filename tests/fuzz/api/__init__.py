"""Payloads that nobody should send, for functions and routes: each gets an answer or an error of ours."""
