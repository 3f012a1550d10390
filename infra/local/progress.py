"""Progress and verdict of an upload, for a terminal or as JSON."""

import json
import os
from typing import Final, TextIO

from attrs import frozen

from chalicelib import codec
from chalicelib.errors import AttemptSuperseded
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.read_models import Upload
from chalicelib.validation.cli.terminal import error_table, printable
from chalicelib.validation.reporting.wording import counted
from infra.local.aws.executions import SUCCEEDED
from infra.local.lambdas.runtime import FailedInvocation
from infra.local.stack import Verdict

_ERRORS_SHOWN: Final = 20
_BOLD, _DIM, _RED, _GREEN, _YELLOW = "1", "2", "31", "32", "33"
_COLOURS: Final = {Status.VALIDATED: _GREEN, Status.VALIDATION_FAILED: _RED}


@frozen
class Progress:
    """Prints progress line by line; in colour on a terminal, unless NO_COLOR is set."""

    _out: TextIO

    def say(self, text: str) -> None:
        """Print a line and flush."""
        print(text, file=self._out, flush=True)

    def uploaded(self, name: str, uri: str) -> None:
        """Print that a file is in the bucket."""
        self.say(f"\n{self._paint(printable(name), _BOLD)}\n  put to {printable(uri)}")

    def entered(self, state: str, seconds: float) -> None:
        """Print that an execution entered a state, `seconds` after the upload."""
        self.say(f"  {self._paint(f'{seconds:6.2f} s', _DIM)}  {state}")

    def settled(self, verdict: Verdict) -> None:
        """Print the status, the rows, and the first errors in a table."""
        upload = verdict.upload
        self.say(f"  {self.headline(upload, verdict.execution_status)}")
        if upload.errors:
            table = error_table(upload.errors[:_ERRORS_SHOWN], upload.error_count or 0)
            self.say("\n" + "\n".join(f"  {line}" for line in table.splitlines()))

    def loaded(self, selected: str) -> None:
        """Print a query and its result."""
        query, *rows = selected.splitlines()
        self.say("\n" + "\n".join([f"  {self._paint(query, _DIM)}", *(f"  {row}" for row in rows)]))

    def reported(self, name: str) -> None:
        """Print where the full report is."""
        self.say(f"\n  The full report is {self._paint(printable(name), _BOLD)}")

    def failed(self, failure: FailedInvocation) -> None:
        """Print a failed invocation with its traceback; a superseded one takes one line."""
        if failure.error_type == AttemptSuperseded.__name__:
            self.say(f"{failure.function}: {failure.error_message}")
            return
        self.say(f"{self._paint('failed invocation', _BOLD, _RED)}: {failure}")

    def headline(self, upload: Upload, execution_status: str) -> str:
        """Return the result of an upload in one line; a failed execution is not an error of the file."""
        judged = execution_status == SUCCEEDED
        facts = [] if upload.row_count is None else [counted(upload.row_count, "row")]
        facts += [] if upload.error_count is None else [counted(upload.error_count, "error")]
        facts += [f"{counted(upload.rejected_rows, 'row')} rejected"] if upload.rejected_rows else []
        if upload.loaded_rows is not None:
            facts.append(f"{counted(upload.loaded_rows, 'row')} loaded into {upload.loaded_table}")
        facts += [] if judged else [f"execution {execution_status}"]
        colour = _COLOURS.get(upload.status, _YELLOW) if judged else _YELLOW
        return f"{self._paint(upload.status, _BOLD, colour)}  {', '.join(facts)}"

    def _paint(self, text: str, *codes: str) -> str:
        if not self._out.isatty() or os.environ.get("NO_COLOR"):
            return text
        return f"\033[{';'.join(codes)}m{text}\033[0m"


def json_line(file: str, verdict: Verdict) -> str:
    """Return the verdict on a file as one line of JSON."""
    upload = codec.unstructure(verdict.upload)
    names = ("uploadId", "status", "rowCount", "errorCount", "errors", "executionName")
    line = {"file": file} | {name: upload[name] for name in names}
    line |= {name: upload[name] for name in ("rejectedRows", "loadedRows")} | {"table": upload["loadedTable"]}
    return json.dumps(line | {"states": verdict.states, "seconds": round(verdict.seconds, 3)})
