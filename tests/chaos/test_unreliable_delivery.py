"""Unreliable delivery drops, repeats, delays, shuffles and merges notifications, as planned."""

import json
import threading
from collections import Counter
from urllib.parse import quote_plus

from infra.local.lambdas.environments import Function
from infra.local.lambdas.runtime import LambdaRuntime
from tests.chaos.unreliable_delivery import DeliveryFault, UnreliableDelivery

KEYS = [f"uploads/a b/{number}/orders.csv" for number in range(300)]
PATIENCE = 60.0  # seconds


def notification(key: str) -> str:
    """Return a notification with the key alone."""
    return json.dumps({"Records": [{"s3": {"object": {"key": quote_plus(key, safe="/")}}}]})


def deliver(seed: int, *, spared: frozenset[str] = frozenset()) -> tuple[Counter[str], Counter[DeliveryFault]]:
    """Send notifications through a delivery; return how often each arrived, and what happened to them."""
    arrived: Counter[str] = Counter()
    is_over = threading.Event()

    def receive(event: dict[str, list[dict[str, dict[str, dict[str, str]]]]], _context: object) -> None:
        arrived.update(record["s3"]["object"]["key"] for record in event["Records"])
        if not delivery.held:
            is_over.set()

    with LambdaRuntime([Function(name="f", handler=receive)], region="us-east-1") as runtime:
        with UnreliableDelivery(seed, spared=spared) as delivery:
            take = delivery.over(runtime)
            for key in KEYS:
                take("f", notification(key))
            assert is_over.wait(PATIENCE)
        assert runtime.wait_until_delivered(PATIENCE)
    return arrived, delivery.delivery_faults


def test_each_delivery_fault_occurs() -> None:
    """Dropped events do not arrive, duplicated ones do more than once, and all others exactly once."""
    arrived, delivery_faults = deliver(seed=1)

    assert set(DeliveryFault) == {fault for fault, count in delivery_faults.items() if count}
    assert delivery_faults[DeliveryFault.DROPPED] == len(KEYS) - len(arrived)
    assert delivery_faults[DeliveryFault.DUPLICATED] == sum(count > 1 for count in arrived.values())


def test_fate_of_a_notification_is_determined_by_the_seed() -> None:
    """Not by the time it arrives."""
    assert deliver(seed=2)[0] == deliver(seed=2)[0]


def test_spared_keys_arrive() -> None:
    """No sweep would find them."""
    arrived, _ = deliver(seed=1, spared=frozenset(KEYS))

    assert len(KEYS) == len(arrived)
