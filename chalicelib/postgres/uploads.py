"""All that Assay keeps of uploads, in PostgreSQL.

Four statements move an upload: `attempts._BEGIN_ANNOUNCED` and `attempts._BEGIN_NEXT` begin an attempt,
`verdicts._RECORD_VERDICT` ends it, and `attempts._RESUME` records that an execution has to be started again. No other
statement sets a status. The guard of each statement, its WHERE, allows only what the lifecycle allows. A trigger writes
the audit in the same transaction.
"""

from chalicelib.postgres.attempts import PostgresAttempts
from chalicelib.postgres.queries import PostgresQueries
from chalicelib.postgres.sweeps import PostgresSweeps
from chalicelib.postgres.verdicts import PostgresVerdicts


class PostgresUploads(PostgresAttempts, PostgresVerdicts, PostgresSweeps, PostgresQueries):
    """Keeps uploads in the tables `csv_uploads`, `csv_upload_transitions` and `csv_sweep`."""
