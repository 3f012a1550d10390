"""How far the current attempt at a large object is, by the names of the reports that its parts have written."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from attrs import evolve

from chalicelib.errors import ObjectForbidden, StorageUnavailable
from chalicelib.telemetry import logs
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.parts.location import PREFIX
from chalicelib.uploads.read_models import PartsProgress, Upload

_FILE = re.compile(r".*/([0-9a-f]{32}-([0-9]+))/(?:part-([0-9]+))?.*", re.ASCII)
"""The plan, the number of its parts, and if the file is a report, the number of its part."""


class PartFiles(Protocol):
    """Lists the files of executions that validate in parts."""

    def keys(self, bucket: str, prefix: str) -> Iterable[str]:
        """List the keys of all files under a prefix; raises StorageUnavailable or ObjectForbidden."""
        ...


def with_progress(upload: Upload, files: PartFiles | None) -> Upload:
    """Return an upload with the progress of its parts while it is validated. Without S3 the progress is unknown."""
    if files is None or upload.status is not Status.VALIDATING:
        return upload
    prefix = f"{PREFIX}{upload.upload_id}/{upload.execution_name}/"
    try:
        return evolve(upload, parts=_progress(files.keys(upload.bucket, prefix)))
    except (StorageUnavailable, ObjectForbidden) as error:
        logs.warn("progress of parts not known", error, uploadId=upload.upload_id)
        return upload


def _progress(keys: Iterable[str]) -> PartsProgress | None:
    """Return the progress of the plan that has most parts done: a repeated planning leaves another plan behind."""
    done: dict[tuple[str, str], set[str]] = defaultdict(set)
    for plan, parts, number in (match.groups() for match in map(_FILE.fullmatch, keys) if match):
        done[plan, parts].update([number] if number else [])
    return max(
        (PartsProgress(done=len(numbers), of=int(parts)) for (_, parts), numbers in done.items()),
        key=lambda progress: progress.done,
        default=None,
    )
