"""The fast path: find the records that may skip the reference checker.

A schema and a dialect are compiled to one regular language, "(clean record)*", which is scanned a block at a time.
Every record of that language is valid by the reference checker. The reverse need not hold: where a scan stops, the
reference checker checks one record, and the scan resumes after it.
"""
