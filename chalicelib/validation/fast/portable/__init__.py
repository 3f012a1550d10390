"""The portable engine: finds runs of clean records by RE2, and leaves all other records to the reference."""
