"""Where an execution writes: under a prefix of its own, whose objects start no execution."""

from typing import ClassVar, Generic, TypeVar

from attrs import frozen

File = TypeVar("File", bound=str)


@frozen(kw_only=True)
class OutputLocation(Generic[File]):
    """Where one execution writes its files of one kind, and no other execution does."""

    ROOT: ClassVar[str]
    """The prefix of all locations of this kind."""

    bucket: str
    upload_id: str
    execution_name: str

    @property
    def prefix(self) -> str:
        """The prefix of the keys of all files."""
        return f"{self.ROOT}{self.upload_id}/{self.execution_name}/"

    def key(self, file: File) -> str:
        """Return the key of a file."""
        return f"{self.prefix}{file}"
