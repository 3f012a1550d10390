"""CloudWatch: describes alarms completely in the query protocol (XML), which Terraform's old provider uses."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from xml.sax.saxutils import escape

from infra.rehearsal.emulator.patching import ministack, replace

_MOST: Final = 100
_NAMES: Final = tuple(f"AlarmNames.member.{number}" for number in range(1, _MOST + 1))


def patch() -> None:
    """Patch ministack's CloudWatch."""
    replace(ministack("services.cloudwatch"), "_describe_alarms", _describe)


def _describe(original: Callable[..., Any], params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> Any:  # noqa: FBT001, FBT002 - as ministack calls it
    if is_cbor or is_json:
        return original(params, data, is_cbor, is_json)
    service = ministack("services.cloudwatch")
    names = [name for parameter in _NAMES if (name := service._p(params, parameter))]  # noqa: SLF001 - no other way in
    asked = {"AlarmNames": names, "MaxRecords": _MOST}
    alarms = json.loads(original({}, asked, False, True)[2])["MetricAlarms"]  # noqa: FBT003 - the same
    result = f"<DescribeAlarmsResult><MetricAlarms>{_xml(alarms)}</MetricAlarms></DescribeAlarmsResult>"
    return service._xml(HTTPStatus.OK.value, "DescribeAlarmsResponse", result)  # noqa: SLF001 - the same


def _xml(value: Any) -> str:
    """Write a value as AWS's query protocol does; without timestamps, which no caller here reads."""
    if isinstance(value, dict):
        return "".join(
            f"<{name}>{_xml(inner)}</{name}>"
            for name, inner in value.items()
            if name[:1].isupper() and inner is not None and not name.endswith("Timestamp")
        )
    if isinstance(value, list):
        return "".join(f"<member>{_xml(inner)}</member>" for inner in value)
    return escape(json.dumps(value) if isinstance(value, bool) else str(value))
