"""Deliver S3's notifications as S3 may: at least once, mostly, and in any order."""

import json
import threading
import time
from collections import Counter
from enum import StrEnum
from random import Random
from typing import Any, Final, Self
from urllib.parse import unquote_plus

from infra.local.aws.http_requests import Delivery
from infra.local.lambdas.runtime import LambdaRuntime

_POLL_INTERVAL: Final = 0.02  # seconds
_LONGEST_DELAY: Final = 2.0  # seconds
_MOST_RECORDS: Final = 5
_MOST_COPIES: Final = 3
_DROPPED, _DUPLICATED, _DELAYED, _MERGED = 0.03, 0.15, 0.3, 0.5


class DeliveryFault(StrEnum):
    """A fault in the delivery of notifications."""

    DROPPED = "events dropped"
    DUPLICATED = "events duplicated"
    DELAYED = "events delayed"
    SHUFFLED = "events out of order"
    MERGED = "events of several records"


class UnreliableDelivery:
    """Delivers notifications with faults; a context manager.

    The seed, the key and the number of the notification for that key determine its faults, not the time. Those of
    `spared` keys are never dropped: no sweep finds a key that is not an upload's.
    """

    def __init__(self, seed: int, *, spared: frozenset[str] = frozenset()) -> None:
        self.delivery_faults: Final[Counter[DeliveryFault]] = Counter()
        self._spared = spared
        self._seed = seed
        self._counts: Counter[str] = Counter()
        self._pending: list[tuple[float, str, dict[str, Any]]] = []
        self._lock = threading.Lock()
        self._send: Delivery = lambda _function, _event: None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._deliver_due, daemon=True)
        self._order = Random(f"order {seed}")

    def __enter__(self) -> Self:
        """Start delivering."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop delivering."""
        self._closing.set()
        self._thread.join()

    @property
    def held(self) -> int:
        """The number of records in flight."""
        with self._lock:
            return len(self._pending)

    def over(self, runtime: LambdaRuntime) -> Delivery:
        """Return the callable that takes notifications for a runtime's functions."""
        self._send = runtime.invoke_async
        return self.take

    def take(self, function: str, event: str) -> None:
        """Take a notification."""
        (record,) = json.loads(event)["Records"]
        key = unquote_plus(record["s3"]["object"]["key"])
        with self._lock:
            self._counts[key] += 1
            rng = Random(f"{self._seed} {key} {self._counts[key]}")
            if rng.random() < _DROPPED and key not in self._spared:
                self.delivery_faults[DeliveryFault.DROPPED] += 1
                return
            copies = rng.randint(2, _MOST_COPIES) if rng.random() < _DUPLICATED else 1
            self.delivery_faults[DeliveryFault.DUPLICATED] += copies > 1
            for _ in range(copies):
                delay = rng.uniform(0, _LONGEST_DELAY) if rng.random() < _DELAYED else 0.0
                self.delivery_faults[DeliveryFault.DELAYED] += delay > 0
                self._pending.append((time.monotonic() + delay, function, record))

    def _deliver_due(self) -> None:
        while not self._closing.wait(_POLL_INTERVAL):
            for function, records in self._due():
                self._send(function, json.dumps({"Records": records}))

    def _due(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """Take the due records out of order, some of them merged into one event."""
        now = time.monotonic()
        with self._lock:
            due = [(function, record) for moment, function, record in self._pending if moment <= now]
            self._pending = [each for each in self._pending if each[0] > now]
            in_order = list(due)
            self._order.shuffle(due)
            self.delivery_faults[DeliveryFault.SHUFFLED] += sum(
                one is not other for one, other in zip(due, in_order, strict=True)
            )
            events: list[tuple[str, list[dict[str, Any]]]] = []
            for function, record in due:
                if events and len(events[-1][1]) < _MOST_RECORDS and self._order.random() < _MERGED:
                    events[-1][1].append(record)
                else:
                    events.append((function, [record]))
            self.delivery_faults[DeliveryFault.MERGED] += sum(len(records) > 1 for _, records in events)
        return events
