"""How the exceptions of psycopg become Assay's while rows are loaded.

::

    psycopg.Error
    ├── class 53: disk full, out of memory, a limit    DatabaseFull
    ├── OperationalError, InterfaceError, InternalError    DatabaseUnavailable
    ├── InsufficientPrivilege                           LoadForbidden
    ├── DataError, IntegrityError, an error of a trigger, an index entry that is too large    RowsRefused
    ├── UndefinedTable, UndefinedColumn                 TableUnfit: altered meanwhile
    └── any other                                       not translated: bugs

PostgreSQL's messages quote values, so only names are repeated: of tables, columns, constraints and users.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from chalicelib.errors import DatabaseFull, DatabaseUnavailable, LoadForbidden, RowsRefused, TableUnfit
from chalicelib.postgres.database import first_line

_RESOURCES = "53"
"""The SQLSTATE class of insufficient resources."""
_PLACE = re.compile(r"COPY \S+, line \d+, column ([^:]+)")


@contextmanager
def translated(table: str) -> Iterator[None]:
    """Translate the errors of a load into the table of that name."""
    try:
        yield
    except (psycopg.DataError, psycopg.IntegrityError, errors.RaiseException, errors.ProgramLimitExceeded) as error:
        raise RowsRefused(f"the table {table} refuses a row: {_reason(error)}") from None
    except errors.InsufficientPrivilege as error:
        reason = error.diag.message_primary
        raise LoadForbidden(f"the table {table} cannot be loaded: {reason}: grant it, then replay") from None
    except (errors.UndefinedTable, errors.UndefinedColumn):
        raise TableUnfit(f"the table {table} was altered during the load: replay the upload") from None
    except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError) as error:
        if (error.sqlstate or "").startswith(_RESOURCES):
            reason = f"PostgreSQL has no room for the rows of {table}: {first_line(error)}"
            raise DatabaseFull(f"{reason}: free disk space or raise the limit, then replay the upload") from None
        raise DatabaseUnavailable(f"PostgreSQL broke off the load: {first_line(error)}") from None


def _reason(error: psycopg.Error) -> str:
    """Return what forbids a row, without its values."""
    diag = error.diag
    place = _PLACE.search(diag.context or "")
    column = diag.column_name or (place[1] if place else None)
    parts = [type(error).__name__]
    parts += [f"column {column}"] if column else []
    parts += [f"constraint {diag.constraint_name}"] if diag.constraint_name else []
    return ", ".join(parts)
