"""The regular language of clean records: characters, patterns, cells, records, and the automaton that matches them."""
