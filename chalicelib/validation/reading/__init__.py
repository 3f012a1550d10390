"""Bytes to records: decompression, decoding, dialects, and the exact reader."""
