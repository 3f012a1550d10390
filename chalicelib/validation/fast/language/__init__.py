"""The fast path: a schema and a dialect as one regular language, "(clean record)*", that is scanned for whole blocks.

Whatever the language holds to be clean is so by the exact checker too. The reverse need not be: where the scan stops,
the exact checker looks at one record, and the scan goes on behind it.
"""
