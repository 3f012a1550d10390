"""The files on which every contender is measured, and the purpose of each."""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

from tests.benchmarks.tables import CUSTOMERS, FIVE_HUNDRED, KEYED, NUMBERED, SPARSE, WIDE, Table


@frozen(kw_only=True)
class Case:
    """A kind of file, and the table it is checked against."""

    name: str
    recipe: str
    """Names the generator of the file; two cases may share one."""
    table: Table
    about: str
    peers_megabytes: int | None = None
    """The largest piece that the other contenders are given, in megabytes; only of malformed files.

    Of 4 MB of rows that are too short, DuckDB makes 3 GB of rejected cells.
    """

    @property
    def is_malformed(self) -> bool:
        """Whether hardly a record is well formed, so that other readers stop, or reach other verdicts."""
        return self.peers_megabytes is not None


_PIECE = 2

_CASES = (
    Case(
        name="clean",
        recipe="clean",
        table=CUSTOMERS,
        about="Four columns, an integer, a name, an e-mail address and an amount, and nothing wrong with any.",
    ),
    Case(
        name="dirty",
        recipe="dirty",
        table=CUSTOMERS,
        about="The same, with one bad cell in a thousand in each column, and two rows in ten thousand that are too "
        "short or too long.",
    ),
    Case(
        name="quoted",
        recipe="quoted",
        table=CUSTOMERS,
        about="All cells quoted, CRLF, and in half of the names a comma, a line break or a doubled quote.",
    ),
    Case(name="wide", recipe="wide", table=WIDE, about="Fifty columns: five times each of ten types."),
    Case(
        name="sparse",
        recipe="sparse",
        table=SPARSE,
        about="Ten columns, one of each type, none required, and six cells in ten empty.",
    ),
    Case(name="utf8", recipe="utf8", table=CUSTOMERS, about="Names in the scripts of the world."),
    Case(name="allbad", recipe="allbad", table=CUSTOMERS, about="Every amount is written as `12.30 EUR`."),
    Case(name="halfbad", recipe="halfbad", table=CUSTOMERS, about="A random half of the amounts is written so."),
    Case(
        name="unique",
        recipe="unique",
        table=KEYED,
        about="A key of 26 random letters and digits in place of the integer, which no two rows may share.",
    ),
    Case(name="primary", recipe="clean", table=NUMBERED, about="The clean file, with the integer as its primary key."),
    Case(
        name="misquoted",
        recipe="misquoted",
        table=CUSTOMERS,
        about='Every row has two cells of four, and a quote inside the second one, as in `7,Ada "the first`.',
        peers_megabytes=_PIECE,
    ),
    Case(
        name="blank",
        recipe="blank",
        table=CUSTOMERS,
        about="Every row but the first thousands is blank: an empty line, or delimiters alone.",
        peers_megabytes=_PIECE,
    ),
    Case(
        name="undecodable",
        recipe="undecodable",
        table=CUSTOMERS,
        about="Every row but the first thousands has one byte that is not UTF-8, in the name.",
        peers_megabytes=_PIECE,
    ),
    Case(
        name="truncated",
        recipe="truncated",
        table=FIVE_HUNDRED,
        about="500 columns of integers; rows have between 1 and 400 cells.",
        peers_megabytes=_PIECE,
    ),
)

CASES: Mapping[str, Case] = MappingProxyType({case.name: case for case in _CASES})
