"""The arguments of the command line."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from chalicelib import schemas
from chalicelib.validation.cli.formats import FORMATS, version
from chalicelib.validation.repair.planning import ALL, Choice
from chalicelib.validation.repair.rules import RULES
from chalicelib.validation.report import MAX_ERRORS

COMMANDS = ("validate", "repair", "split", "infer", "schema", "completion")
_GENERAL = frozenset({"-h", "--help", "--version"})


def parse(arguments: Sequence[str], program: str) -> argparse.Namespace:
    """Parse arguments. Without a command, they are those of `validate`, or of `infer` if they have `--infer`."""
    given = list(arguments)
    if not given or (given[0] not in COMMANDS and given[0] not in _GENERAL):
        command = "infer" if "--infer" in given else "validate"
        given = [command, *(each for each in given if each != "--infer")]
    parser = make_parser(program)
    options = parser.parse_args(given)
    if options.command is None:
        parser.error("expected a command or a file")
    if options.command == "validate" and len(options.files) > 1:
        written = [f"--{name}" for name in ("report", "errors", "marked") if getattr(options, name)]
        if written:
            parser.error(f"{written[0]} is written for one file")
    return options


def make_parser(program: str) -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog=program, description="Validate CSV files against Table Schemas.")
    parser.add_argument("--version", action="version", version=f"assay {version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_validate(commands.add_parser("validate", help="check files", description=_VALIDATE))
    _add_repair(commands.add_parser("repair", help="write a mended copy of a file", description=_REPAIR))
    _add_split(commands.add_parser("split", help="write accepted and rejected rows to two files", description=_SPLIT))
    infer = commands.add_parser("infer", help="propose a schema for a file", description=_INFER)
    infer.add_argument("file", metavar="FILE", help="a CSV file, or - for standard input")
    schema = commands.add_parser("schema", help="check a schema alone", description=_SCHEMA)
    schema.add_argument("schema", metavar="NAME|PATH", help=_schema_help())
    completion = commands.add_parser("completion", help="print a completion script for a shell")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    return parser


_VALIDATE = (
    "Check CSV files against a Table Schema. Exit code: 0 valid, 1 invalid, 2 could not check, 130 interrupted, 141 "
    "output closed; for several files, the worst."
)
_INFER = "Propose a Table Schema that the file is valid by. Exit code: 0, or 1 if no schema fits the file."
_SCHEMA = "Check a Table Schema without a file. Exit code: 0 valid, 1 invalid, 2 could not be read."


def _add_validate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="CSV files, patterns such as '*.csv', or - for standard input; decompressed if the name ends in .gz",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--schema", metavar="NAME|PATH", default=schemas.DEFAULT, help=_schema_help())
    which.add_argument("--structure-only", action="store_true", help="check the structure alone, against no schema")
    parser.add_argument(
        "--dialect", metavar="JSON|PATH", help="a Table Dialect as JSON, or in a file; by default that of the schema"
    )
    parser.add_argument(
        "--max-errors",
        type=_at_least(0),
        default=MAX_ERRORS,
        metavar="N",
        help="list at most N errors; by default %(default)s",
    )
    parser.add_argument(
        "--processes", type=_at_least(1), metavar="N", help="use N processes instead of one for each processor"
    )
    parser.add_argument(
        "--report",
        type=_named(".html"),
        metavar="PAGE.html",
        help="write a page with each error and its record, and all errors as JSON lines beside it, in PAGE.jsonl",
    )
    parser.add_argument(
        "--errors",
        type=_named(".csv"),
        metavar="ERRORS.csv",
        help="write a table of the errors, with the wrong cells and what to write in their place",
    )
    parser.add_argument(
        "--marked",
        type=_named(".csv", ".xlsx"),
        metavar="ROWS.csv|ROWS.xlsx",
        help="write all rows with a column of their errors; in a workbook, wrong cells have a colour and a comment",
    )
    parser.add_argument(
        "--max-bytes", type=_at_least(1), metavar="N", help="refuse files of more than N bytes, decompressed"
    )
    parser.add_argument("--format", choices=tuple(FORMATS), default="text", help="how to print verdicts")
    parser.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")


def _rules(text: str) -> Choice:
    """Parse the names of rules."""
    names = text.split(",")
    if unknown := [name for name in names if name.partition(":")[0] not in {ALL, *RULES}]:
        raise argparse.ArgumentTypeError(f"no such rule: {', '.join(unknown)}; there are {', '.join(RULES)}")
    return Choice(rules=frozenset(names))


_REPAIR = (
    "Write a copy of a file in which rules mend cells, as far as the schema accepts the result. All other bytes stay. "
    "The file is read twice, in bounded memory. Exit code: 0 the copy is valid, 1 it is not, 2 could not repair."
)


def _add_repair(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a CSV file; decompressed if the name ends in .gz")
    parser.add_argument("--schema", metavar="NAME|PATH", default=schemas.DEFAULT, help=_schema_help())
    parser.add_argument("--dialect", metavar="JSON|PATH", help="how the file should be written, as in a Table Dialect")
    parser.add_argument("--output", metavar="OUT", required=True, help="the copy, compressed if the name ends in .gz")
    parser.add_argument(
        "--rules",
        type=_rules,
        default=_rules("all"),
        metavar="all|NAME,...",
        help="apply these rules, or name:variant of what the file does not prove; by default all that it proves",
    )


_SPLIT = (
    "Write the accepted rows of a file to accepted.csv, and the rejected ones to rejected.csv, as they are in the "
    "file. It is read twice in bounded memory. Exit code: 0 the file is valid, or its schema tolerates the "
    "rejected rows; 1 it is not; 2 could not split."
)


def _add_split(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a CSV file; decompressed if the name ends in .gz")
    parser.add_argument("--schema", metavar="NAME|PATH", default=schemas.DEFAULT, help=_schema_help())
    parser.add_argument("--dialect", metavar="JSON|PATH", help="a Table Dialect; by default that of the schema")
    parser.add_argument("--output", metavar="DIR", required=True, help="the directory of the two files")


def _schema_help() -> str:
    return f"a schema that comes with Assay ({', '.join(schemas.names())}), or a descriptor's .json file"


def _at_least(minimum: int) -> Callable[[str], int]:
    """Return a parser of numbers that are not less than a minimum."""

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < minimum:
            raise argparse.ArgumentTypeError(f"expected a number, {minimum} or more")
        return int(text)

    return number


def _named(*suffixes: str) -> Callable[[str], str]:
    """Return a parser of the names of files that end so."""

    def name(text: str) -> str:
        if Path(text).suffix not in suffixes:
            raise argparse.ArgumentTypeError(f"expected a name that ends in {' or '.join(suffixes)}")
        return text

    return name
