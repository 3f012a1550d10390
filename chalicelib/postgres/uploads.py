"""The repository of uploads in PostgreSQL, and which statements change a status.

- `attempts._REGISTER` inserts an upload as PENDING.
- `attempts._BEGIN_ANNOUNCED` and `attempts._BEGIN_NEXT` begin an attempt: VALIDATING.
- `verdicts._RECORD_VERDICT` records a verdict, or a system failure when an attempt is settled.
- `attempts._RESUME` records that the execution of a VALIDATING upload is started again.

No other statement sets a status. The WHERE of each allows only the transitions of `uploads/lifecycle.py`. A trigger
writes the audit in the same transaction.
"""

from chalicelib.postgres.attempts import PostgresAttempts
from chalicelib.postgres.queries import PostgresQueries
from chalicelib.postgres.sweeps import PostgresSweeps
from chalicelib.postgres.verdicts import PostgresVerdicts


class PostgresUploads(PostgresAttempts, PostgresVerdicts, PostgresSweeps, PostgresQueries):
    """Keeps uploads in the tables `csv_uploads`, `csv_upload_transitions` and `csv_sweep`."""
