"""The keys of a part, as digests that all parts of a file share."""

import hashlib
from collections.abc import Sequence

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import KeyChecker
from chalicelib.validation.checking.key_entries import DIGEST_BYTES, ENTRY, PARTITIONS, KeyEntries
from chalicelib.validation.checking.keys import KeyLog


class EntryLog(KeyLog):
    """Keys of a part of a file, which are compared elsewhere."""

    def __init__(self, secret: bytes) -> None:
        """Make digests with a secret, which all parts of the file share."""
        super().__init__()
        self._secret = secret
        self._partitions = [bytearray() for _ in range(PARTITIONS)]

    def add(self, keys: Sequence[str | int], rows: Sequence[int], lines: Sequence[int]) -> None:
        """Add keys, each with its row position."""
        for key, row, line in zip(keys, rows, lines, strict=True):
            # No text contains a NUL.
            text = key.encode(errors="surrogatepass") if isinstance(key, str) else b"\0%d" % key
            digest = hashlib.blake2b(text, digest_size=DIGEST_BYTES, key=self._secret).digest()
            self._partitions[digest[0] % PARTITIONS] += ENTRY.pack(digest, row, line)

    def entries(self) -> KeyEntries:
        """Return all keys."""
        return KeyEntries(partitions=tuple(map(bytes, self._partitions)))


class PartKeys(KeyChecker):
    """The keys of a part, for the portable engine and the reference."""

    def __init__(self, columns: Columns, secret: bytes) -> None:
        """Record the keys of these columns."""
        self._entry_logs: list[EntryLog] = []

        def new_log() -> EntryLog:
            self._entry_logs.append(EntryLog(secret))
            return self._entry_logs[-1]

        super().__init__(columns, new_log)

    def entries(self) -> tuple[KeyEntries, ...]:
        """Return all keys, to be absorbed elsewhere."""
        return tuple(log.entries() for log in self._entry_logs)
