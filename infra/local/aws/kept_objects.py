"""Keeps the objects of the local S3, which are in memory, in a directory: two files for each version."""

import json
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from attrs import frozen
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, s3_backends

from infra.local.lambdas.runtime import ACCOUNT

_READ_ONLY: Final = {"GET", "HEAD", "OPTIONS"}
_CONTENT: Final = ".content"


@frozen
class _Saved:
    """What is on disk of a version: its number, and the metadata, which moto sets after it has stored the object."""

    number: int
    metadata: dict[str, str]


class KeptObjects:
    """The objects of a versioned bucket in a directory, numbered in the order in which they were stored."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._bucket: FakeBucket | None = None
        self._saved: dict[str, _Saved] = {}
        """The saved versions by their ids."""

    def restore(self, bucket: str) -> None:
        """Put the kept objects into an empty bucket, without notifications, and keep that bucket from now on."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._bucket = s3_backends[ACCOUNT]["aws"].get_bucket(bucket)
        for path in sorted(self._directory.glob("*.json")):
            kept = json.loads(path.read_text())
            version = _version(kept, path, self._bucket)
            version.last_modified = datetime.fromisoformat(kept["lastModified"])
            self._bucket.keys[kept["key"]] = version  # after the earlier versions of the key
            self._saved[kept["versionId"]] = _Saved(int(path.stem), kept["metadata"])

    def save_after(self, application: WSGIApplication) -> WSGIApplication:
        """Return the application such that each request that may write is saved before it is answered."""

        def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            try:
                return application(environ, start_response)
            finally:
                if environ["REQUEST_METHOD"] not in _READ_ONLY:
                    self._save()

        return respond

    def _save(self) -> None:
        """Write new and changed versions, and remove the files of deleted ones."""
        if self._bucket is None:
            return
        with self._lock:
            versions = {version.version_id: version for _, each in self._bucket.keys.lists() for version in each}
            for version_id in self._saved.keys() - versions.keys():
                path = self._path(self._saved.pop(version_id).number)
                path.unlink()
                path.with_suffix(_CONTENT).unlink(missing_ok=True)
            number = max((saved.number for saved in self._saved.values()), default=0)
            for version_id, version in versions.items():
                saved = self._saved.get(version_id)
                metadata = _metadata(version)
                if saved is None:
                    number += 1
                    saved = _Saved(number, metadata)
                elif saved.metadata == metadata:
                    continue
                _write(version, self._path(saved.number), metadata)
                self._saved[version_id] = _Saved(saved.number, metadata)

    def _path(self, number: int) -> Path:
        return self._directory / f"{number:08}.json"


def _metadata(version: FakeKey | FakeDeleteMarker) -> dict[str, str]:
    return dict(version.metadata) if isinstance(version, FakeKey) else {}


def _write(version: FakeKey | FakeDeleteMarker, path: Path, metadata: dict[str, str]) -> None:
    """Write a version, its description last, so that a version is complete or missing."""
    etag = None
    if isinstance(version, FakeKey):
        path.with_suffix(_CONTENT).write_bytes(version.value)
        etag = version.etag.strip('"')
    kept = {
        "key": version.name,
        "versionId": version.version_id,
        "lastModified": version.last_modified.isoformat(),
        "etag": etag,
        "metadata": metadata,
    }
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(kept, indent=1))
    unfinished.replace(path)


def _version(kept: dict[str, Any], path: Path, bucket: FakeBucket) -> FakeKey | FakeDeleteMarker:
    is_marker = kept["etag"] is None
    stored = FakeKey(
        name=kept["key"],
        value=b"" if is_marker else path.with_suffix(_CONTENT).read_bytes(),
        account_id=ACCOUNT,
        region_name=bucket.region_name,
        etag=kept["etag"],
        is_versioned=True,
        version_id=kept["versionId"],
        bucket_name=bucket.name,
    )
    stored.set_metadata(kept["metadata"])
    if not is_marker:
        return stored
    marker = FakeDeleteMarker(key=stored)
    marker._version_id = kept["versionId"]  # noqa: SLF001 - moto always draws one
    return marker
