"""Children of a Map that failed for good."""

from attrs import frozen

from chalicelib.uploads.task_failure import TaskFailure

_FAILED = "failed-"


@frozen(kw_only=True)
class FailedChild:
    """A child of a Map that failed for good, as it is stored."""

    what: str
    """The part, share or segment that it was to process, in words."""
    writes: str
    """The beginning of the name of the file that it writes last.

    If there is such a file, the child was repeated successfully, as by a redriven execution.
    """
    failure: TaskFailure

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{_FAILED}{self.writes}"

    @staticmethod
    def is_name(name: str) -> bool:
        """Return whether this is the name of a file about a child that failed."""
        return name.startswith(_FAILED)
