"""In-memory implementations of the ports; the contract suites run on these and on the real ones."""

from attrs import evolve

from chalicelib.errors import EventsUnavailable, ExecutionsUnavailable
from chalicelib.uploads.attempts import Execution, ExecutionStatus, ObjectCreated, PlannedExecution
from chalicelib.uploads.messages import Verdict
from chalicelib.uploads.storage_ports import BucketPage


class InMemoryExecutions:
    """Executions that run until `end` is called; tests/aws/test_step_functions.py is their contract.

    `unavailable` holds upload ids for which Step Functions is unavailable.
    """

    def __init__(self) -> None:
        self.planned: dict[str, PlannedExecution] = {}
        self.executions: dict[str, Execution] = {}
        self.unavailable: set[str] = set()

    def start(self, execution: PlannedExecution) -> None:
        if execution.request.upload_id in self.unavailable:
            raise ExecutionsUnavailable(f"could not start the execution {execution.name}")
        if execution.name not in self.executions:
            self.planned[execution.name] = execution
            self.executions[execution.name] = Execution(name=execution.name, status=ExecutionStatus.RUNNING)

    def find(self, name: str) -> Execution | None:
        return self.executions.get(name)

    def end(self, name: str, status: ExecutionStatus, error: str | None = None) -> Execution:
        """Change the status of an execution: RUNNING redrives it, others end it."""
        self.executions[name] = evolve(self.executions[name], status=status, error=error)
        return self.executions[name]


class InMemoryBus:
    """An event bus that keeps the published verdicts; tests/aws/test_event_bridge.py is its contract."""

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []
        self.unavailable = False

    def publish(self, verdict: Verdict) -> None:
        if self.unavailable:
            raise EventsUnavailable("could not publish to assay: ThrottlingException")
        self.verdicts.append(verdict)


class InMemoryBucket:
    """A versioned bucket; tests/aws/test_uploads_bucket.py is its contract. Its pages have two objects each."""

    page_keys = 2

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self.latest: dict[str, ObjectCreated] = {}
        self._versions = 0

    def put(self, key: str) -> ObjectCreated:
        """Put another version of an object."""
        self._versions += 1
        version = f"v{self._versions}"
        self.latest[key] = ObjectCreated(bucket=self.bucket, key=key, version_id=version, etag=f"e{version}")
        return self.latest[key]

    def current_version(self, key: str) -> ObjectCreated | None:
        return self.latest.get(key)

    def page(self, *, after: str, min_age: object) -> BucketPage:  # noqa: ARG002 - it has no grace period
        keys = sorted(key for key in self.latest if key > after and key.startswith("uploads/"))
        listed, rest = keys[: self.page_keys], keys[self.page_keys :]
        return BucketPage(objects=tuple(self.latest[key] for key in listed), last_key=listed[-1] if rest else "")
