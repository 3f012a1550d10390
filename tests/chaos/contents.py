"""Generated files with their expected verdicts."""

from typing import Final

from attrs import frozen

from chalicelib.uploads.lifecycle import Status

_HEADER: Final = b"id,name,email,amount\n"
_OVERSIZED_NAME: Final = b"n" * (4 * 1024 * 1024 + 1)
"""Longer than the 4 MiB that a record may have."""


@frozen(kw_only=True)
class Verdict:
    """The expected or recorded verdict on a file."""

    status: Status
    row_count: int | None
    error_count: int | None


@frozen(kw_only=True)
class Content:
    """A file for the default schema: `rows` of them, of which `wrong` have an id that is not a number.

    `oversized` more are longer than a record may be. `mark` makes otherwise equal files distinct.
    """

    rows: int
    wrong: int = 0
    oversized: int = 0
    mark: str = ""

    @property
    def name(self) -> str:
        """The name in each of its rows that is not oversized."""
        return f"Ada {self.mark}"

    @property
    def data(self) -> bytes:
        """The file."""
        return _HEADER + b"".join(self._lines)

    @property
    def accepted(self) -> bytes:
        """The header, and the rows that are right."""
        return _HEADER + b"".join(self._lines[self.wrong : self.rows])

    @property
    def rejected(self) -> bytes:
        """The header, and the other rows."""
        return _HEADER + b"".join([*self._lines[: self.wrong], *self._lines[self.rows :]])

    @property
    def _lines(self) -> list[bytes]:
        name = self.name.encode()
        lines = [
            b"%s,%s,ada@example.com,%d.5\n" % (b"x" if n < self.wrong else b"7", name, n) for n in range(self.rows)
        ]
        return lines + [b"7,%s,ada@example.com,1\n" % _OVERSIZED_NAME] * self.oversized

    @property
    def verdict(self) -> Verdict:
        """The expected verdict on it."""
        errors = self.wrong + self.oversized
        status = Status.VALIDATION_FAILED if errors else Status.VALIDATED
        return Verdict(status=status, row_count=self.rows + self.oversized, error_count=errors)
