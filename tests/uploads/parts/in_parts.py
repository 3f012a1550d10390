"""Validates objects of an emulated S3 as a whole and in parts, as the state machine does, without it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from attrs import evolve, frozen

from chalicelib import schemas as packaged
from chalicelib.aws.object_store import S3ObjectStore
from chalicelib.aws.part_store import S3Parts
from chalicelib.aws.report_store import S3Reports
from chalicelib.aws.result_store import S3Results
from chalicelib.aws.splitting.result_assembly import S3ResultAssembly
from chalicelib.aws.splitting.segment_store import S3Segments
from chalicelib.uploads.messages import ValidationRequest, ValidationResponse
from chalicelib.uploads.parts.merging import merge_parts
from chalicelib.uploads.parts.messages import PartRequest, PartsRequest
from chalicelib.uploads.parts.part import read_part
from chalicelib.uploads.parts.planning import PartPlanner
from chalicelib.uploads.parts.readings import PartToRead, PlannedParts
from chalicelib.uploads.parts.seams import check_seams
from chalicelib.uploads.splitting.joining import join_split
from chalicelib.uploads.splitting.messages import SegmentRequest, SplitRequest
from chalicelib.uploads.splitting.planned import PlannedSplit
from chalicelib.uploads.splitting.segment import split_stored_segment
from chalicelib.uploads.task_failure import TaskFailure
from chalicelib.uploads.validate import validate_upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEY = "uploads/acme/42/a.csv"
GIB = 1024**3


class Datasets:
    """The schemas of a test."""

    def __init__(self, datasets: Mapping[str, Any]) -> None:
        """Keep them by name."""
        self.datasets = dict(datasets)

    def names(self) -> tuple[str, ...]:
        """List the schemas."""
        return tuple(self.datasets)

    def load(self, name: str) -> Mapping[str, Any]:
        """Return a schema."""
        if name not in self.datasets:
            raise packaged.unknown(name, self.names())
        schema: Mapping[str, Any] = self.datasets[name]
        return schema


@frozen(kw_only=True)
class InParts:
    """What the functions of a deployment use."""

    client: "S3Client"
    schemas: Datasets
    part_bytes: int = 50
    above_bytes: int = 0
    whole_bytes: int = GIB
    load_bytes: int = GIB

    @property
    def objects(self) -> S3ObjectStore:
        """The uploaded objects."""
        return S3ObjectStore(client=self.client, pause=0)

    @property
    def store(self) -> S3Parts:
        """Plans and reports of parts."""
        return S3Parts(client=self.client)

    @property
    def segments(self) -> S3Segments:
        """Segments of objects that are split."""
        return S3Segments(client=self.client)

    @property
    def planner(self) -> PartPlanner:
        """Plans objects in parts."""
        return PartPlanner(
            objects=self.objects,
            store=self.store,
            above_bytes=self.above_bytes,
            whole_bytes=self.whole_bytes,
            load_bytes=self.load_bytes,
            part_bytes=self.part_bytes,
            concurrency=3,
        )

    def put(self, content: bytes, *, key: str = KEY, execution: str = "42-0a1b", **metadata: str) -> ValidationRequest:
        """Put an object, and return the request to validate it."""
        put = self.client.put_object(Bucket="inbox", Key=key, Body=content, Metadata=metadata)
        return ValidationRequest(
            upload_id="42", bucket="inbox", key=key, version_id=put.get("VersionId"), execution_name=execution
        )

    def validator(self, request: ValidationRequest, planner: PartPlanner | None) -> ValidationResponse:
        """Return the response of the validator."""
        return validate_upload(
            request,
            objects=self.objects,
            schemas=self.schemas,
            reports=S3Reports(client=self.client),
            results=S3Results(client=self.client),
            max_bytes=5 * 1024 * GIB,
            parts=planner,
            now=lambda: NOON,
        )

    def state(self, request: ValidationRequest, response: ValidationResponse) -> PartsRequest:
        """Return the state of the state machine."""
        return PartsRequest(
            upload_id=request.upload_id,
            bucket=request.bucket,
            key=request.key,
            version_id=request.version_id,
            execution_name=str(request.execution_name),
            validation=response,
        )

    def read(self, state: PartsRequest, readings: Iterable[PartToRead]) -> None:
        """Validate parts, in any order."""
        shuffled = list(readings)
        Random(3).shuffle(shuffled)  # noqa: S311 - not for cryptography
        for reading in shuffled:
            request = PartRequest(
                upload_id=state.upload_id,
                bucket=state.bucket,
                execution_name=state.execution_name,
                plan=state.parts.plan,
                shares=state.parts.shares or 0,
                reading=reading,
            )
            read_part(request, objects=self.objects, store=self.store)

    def merge(self, state: PartsRequest) -> ValidationResponse:
        """Return the verdict on the parts that were read."""
        return merge_parts(
            state,
            pinned=self.objects,
            objects=self.objects,
            store=self.store,
            segments=self.segments,
            reports=S3Reports(client=self.client),
            results=S3Results(client=self.client),
            now=lambda: NOON,
        )

    def split(self, state: PartsRequest, merged: ValidationResponse) -> None:
        """Split the segments that the merged response names, in any order, and join them."""
        numbers = list(merged.split.segments if merged.split else ())
        Random(4).shuffle(numbers)  # noqa: S311 - not for cryptography
        for number in numbers:
            self.split_segment(state, number)
        self.join(state, merged)

    def split_segment(self, state: PartsRequest, number: int, failure: TaskFailure | None = None) -> None:
        """Split one segment, or record its failure."""
        request = SegmentRequest(
            upload_id=state.upload_id,
            bucket=state.bucket,
            execution_name=state.execution_name,
            plan=state.parts.plan,
            segment=number,
            failure=failure,
        )
        split_stored_segment(request, objects=self.objects, parts=self.store, store=self.segments)

    def join(self, state: PartsRequest, merged: ValidationResponse, failure: TaskFailure | None = None) -> PlannedSplit:
        """Join the segments that were split; `failure` is that of the Map."""
        request = SplitRequest(
            upload_id=state.upload_id,
            bucket=state.bucket,
            key=state.key,
            execution_name=state.execution_name,
            validation=merged,
            failure=failure,
        )
        assembly = S3ResultAssembly(client=self.client)
        return join_split(request, parts=self.store, store=self.segments, results=assembly)

    def settled(self, request: ValidationRequest) -> PartsRequest:
        """Return the state in which all parts have been read, and fit together."""
        state = self.state(request, self.validator(request, self.planner))
        while (parts := state.parts).readings:
            self.read(state, parts.readings)
            state = self._after(state, check_seams(state, store=self.store))
        return state

    def divided(self, request: ValidationRequest) -> ValidationResponse:
        """Return the verdict on an object in parts, if it has any."""
        response = self.validator(request, self.planner)
        if response.parts is None:
            return response
        merged = self.merge(state := self.settled(request))
        if merged.split:
            self.split(state, merged)
        return evolve(merged, split=None)

    def files(self, request: ValidationRequest, kind: str = "reports") -> Mapping[str, bytes]:
        """Return the files of the full report, and those in its workbook but for the one with the time of writing."""
        prefix = f"{kind}/{request.upload_id}/{request.execution_name}/"
        found = self.client.list_objects_v2(Bucket="inbox", Prefix=prefix).get("Contents", [])
        files = {}
        for key in (each["Key"] for each in found):
            content = self.client.get_object(Bucket="inbox", Key=key)["Body"].read()
            if not key.endswith(".xlsx"):
                files[key.removeprefix(prefix)] = content
                continue
            with ZipFile(BytesIO(content)) as book:
                files |= {name: book.read(name) for name in book.namelist() if name != "docProps/core.xml"}
        return files

    def _after(self, state: PartsRequest, parts: PlannedParts) -> PartsRequest:
        return evolve(state, validation=evolve(state.validation, parts=parts))
