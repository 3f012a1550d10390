"""Compare where parts were entered with where the parts before them ended."""

from collections.abc import Iterable, Sequence

from attrs import evolve, frozen

from chalicelib.errors import PartsInconsistent
from chalicelib.telemetry import logs
from chalicelib.uploads.parts.failures import recorded_failure
from chalicelib.uploads.parts.key_rounds import KeyRounds
from chalicelib.uploads.parts.messages import PartsRequest
from chalicelib.uploads.parts.ports import PartStore
from chalicelib.uploads.parts.readings import PartRead, PartToRead, PlannedParts
from chalicelib.uploads.parts.shares import StoredKeys
from chalicelib.uploads.parts.stored_plan import StoredPlan

MAX_ROUNDS = 20
"""How often parts are read at the most. A file in which one wrong entry leads to the next needs a round for each."""


@frozen(kw_only=True)
class Seams:
    """How the parts that have been read fit together."""

    chain: Sequence[PartRead]
    """The parts from the beginning on, each of which begins where the one before it ends."""
    wrong: Sequence[PartToRead]
    """The parts that have to be read once more, from another entry. Empty if the chain is complete."""

    def complete(self) -> Sequence[PartRead]:
        """Return all parts in order; raises PartsInconsistent unless they fit together."""
        if self.wrong:
            raise PartsInconsistent(f"no part {self.wrong[0].number} begins at {self.wrong[0].entry}")
        return self.chain

    @classmethod
    def of(cls, plan: StoredPlan, parts: Iterable[PartRead]) -> "Seams":
        """Compare the parts; raises PartsInconsistent if one that is needed has not been read.

        Behind a wrong entry the other parts are compared as if that part ended where it ended before: nearly all do.
        """
        by_entry = {(part.number, part.entry): part for part in parts}
        last = {part.number: part for part in sorted(by_entry.values(), key=lambda part: part.exit)}
        chain: list[PartRead] = []
        wrong: list[PartToRead] = []
        at = plan.start
        for number, end in enumerate(plan.ends):
            if at < end and number not in last:
                raise PartsInconsistent(f"part {number} is missing")
            while at < end:
                found = by_entry.get((number, at))
                if found is None:
                    wrong.append(PartToRead(number=number, entry=at))
                    found = last[number]
                    if found.exit < end:
                        return cls(chain=chain, wrong=wrong)
                elif not wrong:
                    chain.append(found)
                if found.exit <= at:
                    raise PartsInconsistent(f"part {number} ends at {found.exit}, where nothing was read")
                at = found.exit
        return cls(chain=chain, wrong=wrong)


def check_seams(request: PartsRequest, *, store: PartStore) -> PlannedParts:
    """Return what to read next: parts that do not fit, then shares of the keys, round by round; or a failure.

    Raises PartsInconsistent if a part or share is missing, if the parts do not fit together after MAX_ROUNDS, or if the
    state machine is of an earlier release and there are shares.
    """
    logs.add_fields(uploadId=request.upload_id, execution=request.execution_name)
    planned, location = request.parts, request.location
    files = store.files(location)
    if failure := recorded_failure(store, location, files) or request.failure:
        logs.add_fields(outcome="failed", error=failure.Error)
        return evolve(planned, readings=(), failure=failure)
    plan = store.plan(location)
    seams = Seams.of(plan, PartRead.among(files.items()))
    logs.add_fields(repeatedParts=len(seams.wrong))
    keys = StoredKeys(store=store, location=location, plan=plan, parts=seams.chain)
    shares = 0 if seams.wrong else planned.shares or keys.shares() or 0
    rounds = KeyRounds.among(files, shares, has_orphans=plan.has_orphans)
    missing = rounds.missing() if shares else ()
    logs.add_fields(shares=shares)
    if seams.wrong and planned.round >= MAX_ROUNDS:
        raise PartsInconsistent(f"the parts do not fit together after they were read {planned.round} times")
    if missing:
        planned.require_current_machine()
        logs.add_fields(keyRound=missing[0].round)
        if planned.shares and (missing[0].round == 0 or missing[0] in planned.readings):
            rounds.require_complete()  # these shares were to be compared by now
    return evolve(planned, round=planned.round + 1, shares=shares, readings=(*seams.wrong, *missing))
