"""What is uploaded and which faults are injected when, derived from a seed."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import islice
from random import Random
from typing import Final

from attrs import frozen

from tests.chaos.contents import Content


class Kind(StrEnum):
    """A kind of upload."""

    VALID = "valid"
    INVALID = "invalid"
    OVERSIZED = "oversized record"
    LARGE = "large"
    REPLACED = "replaced while validating"
    CONTESTED = "two keys for one id"
    MALFORMED = "malformed key"


_SHARES: Final = {
    Kind.VALID: 40,
    Kind.INVALID: 30,
    Kind.REPLACED: 12,
    Kind.MALFORMED: 8,
    Kind.CONTESTED: 4,
    Kind.OVERSIZED: 3,
    Kind.LARGE: 3,
}
_LARGE_ROWS: Final = 80_000
"""About 3 MB."""


class Fault(StrEnum):
    """A fault to inject."""

    KILL = "workers killed"
    KILL_LOADER = "workers killed within a COPY"
    OUTAGE = "database outages"
    OUTAGE_IN_COPY = "database outages within a COPY"
    ABORT = "executions aborted"


WITHIN_COPY: Final = frozenset({Fault.KILL_LOADER, Fault.OUTAGE_IN_COPY})
"""Faults that wait for a COPY as long as the trial lasts, because only those of large files take long."""
_UPLOADS_A_FAULT: Final = {
    Fault.KILL: 8,
    Fault.KILL_LOADER: 100,
    Fault.OUTAGE: 200,
    Fault.OUTAGE_IN_COPY: 250,
    Fault.ABORT: 100,
}


@frozen(kw_only=True)
class Put:
    """A file under a key."""

    key: str
    content: Content


@frozen(kw_only=True)
class PlannedUpload:
    """What a client uploads, in order: several files under one key, or under several keys for one upload id."""

    kind: Kind
    upload_id: str
    puts: tuple[Put, ...]

    @property
    def is_well_formed(self) -> bool:
        """Whether its key has the form of an upload's."""
        return self.kind is not Kind.MALFORMED


@frozen(kw_only=True)
class PlannedFault:
    """A fault that occurs once `after` executions have ended."""

    fault: Fault
    after: int


@frozen(kw_only=True)
class Plan:
    """All uploads and all faults, in order."""

    seed: int
    uploads: tuple[PlannedUpload, ...]
    faults: tuple[PlannedFault, ...]

    @property
    def notified_once(self) -> frozenset[str]:
        """Keys that may be rejected: only the notification reports that, no sweep repeats it."""
        kinds = {Kind.MALFORMED, Kind.CONTESTED}
        return frozenset(put.key for upload in self.uploads if upload.kind in kinds for put in upload.puts)

    @classmethod
    def of(cls, seed: int, uploads: int) -> "Plan":
        """Make a plan that has each kind of upload and of fault at least once, if `uploads` allow it."""
        rng = Random(f"plan {seed}")
        return cls(seed=seed, uploads=tuple(_uploads(rng, uploads)), faults=tuple(_faults(rng, uploads)))


def _uploads(rng: Random, count: int) -> Iterator[PlannedUpload]:
    further = rng.choices(list(_SHARES), list(_SHARES.values()), k=max(0, count - len(_SHARES)))
    kinds = [*islice(_SHARES, count), *further]
    rng.shuffle(kinds)
    for number, kind in enumerate(kinds):
        upload_id = f"{number}-{rng.getrandbits(40):x}"
        yield PlannedUpload(kind=kind, upload_id=upload_id, puts=_PUTS[kind](rng, upload_id))


def _faults(rng: Random, uploads: int) -> Iterator[PlannedFault]:
    moments = [
        (rng.randrange(max(1, uploads * 3 // 4)), fault)
        for fault, every in _UPLOADS_A_FAULT.items()
        for _ in range(max(1, uploads // every))
    ]
    for after, fault in sorted(moments):
        yield PlannedFault(fault=fault, after=after)


def _key(owner: str, upload_id: str) -> str:
    return f"uploads/{owner}/{upload_id}/orders {upload_id}.csv"


def _one(content: Callable[[Random, str], Content]) -> Callable[[Random, str], tuple[Put, ...]]:
    return lambda rng, upload_id: (Put(key=_key("acme", upload_id), content=content(rng, upload_id)),)


def _valid(rng: Random, mark: str) -> Content:
    return Content(rows=rng.randrange(50), mark=mark)


def _invalid(rng: Random, mark: str) -> Content:
    wrong = rng.randint(1, 300)
    return Content(rows=wrong + rng.randrange(20), wrong=wrong, mark=mark)


def _any(rng: Random, mark: str) -> Content:
    return rng.choice((_valid, _invalid))(rng, mark)


def _replaced(rng: Random, upload_id: str) -> tuple[Put, ...]:
    versions = range(rng.randint(2, 4))
    return tuple(Put(key=_key("acme", upload_id), content=_any(rng, f"version {n}")) for n in versions)


def _contested(rng: Random, upload_id: str) -> tuple[Put, ...]:
    return tuple(Put(key=_key(owner, upload_id), content=_any(rng, owner)) for owner in ("first", "second"))


def _malformed(rng: Random, upload_id: str) -> tuple[Put, ...]:
    key = rng.choice(
        ("{}.csv", "acme/{}.csv", "acme/{} not an id/orders.csv", "/{}/orders.csv", "acme/{}+%2F/orders.csv")
    )
    return (Put(key="uploads/" + key.format(upload_id), content=_valid(rng, upload_id)),)


_PUTS: Final[dict[Kind, Callable[[Random, str], tuple[Put, ...]]]] = {
    Kind.VALID: _one(_valid),
    Kind.INVALID: _one(_invalid),
    Kind.OVERSIZED: _one(lambda rng, mark: Content(rows=rng.randrange(20), oversized=1, mark=mark)),
    Kind.LARGE: _one(lambda _rng, mark: Content(rows=_LARGE_ROWS, mark=mark)),
    Kind.REPLACED: _replaced,
    Kind.CONTESTED: _contested,
    Kind.MALFORMED: _malformed,
}
