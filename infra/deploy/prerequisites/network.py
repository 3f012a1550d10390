"""The stage's VPC settings in `.chalice/config.json`, written from what infra/database made."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_SETTINGS: Final = ("subnet_ids", "security_group_ids")


class SettingMissing(Exception):
    """The stage has no such setting to be replaced; the message names it."""


def write(project: Path, stage: str, outputs: Mapping[str, Sequence[str]]) -> bool:
    """Put subnets and security groups into a stage's settings; return whether that changed something.

    Functions with settings of their own keep them. The rest of the file stays as it is laid out. Raises SettingMissing.
    """
    path = project / ".chalice" / "config.json"
    before = path.read_text()
    begin = re.search(rf'^    "{re.escape(stage)}": \{{$', before, re.MULTILINE)
    end = re.compile(r"^    \}", re.MULTILINE).search(before, begin.end()) if begin else None
    if begin is None or end is None:
        raise SettingMissing(f".chalice/config.json has no stage {stage}, indented by four spaces")
    section = before[begin.end() : end.start()]
    for name in _SETTINGS:
        section = _replaced(section, name, outputs[name])
    after = before[: begin.end()] + section + before[end.start() :]
    if json.loads(after) == json.loads(before):
        return False
    path.write_text(after)
    return True


def _replaced(section: str, name: str, values: Sequence[str]) -> str:
    setting = re.compile(rf'^(      "{name}": )\[[^\]]*\]', re.MULTILINE)
    if not setting.search(section):
        raise SettingMissing(f".chalice/config.json lacks {name} in the stage: add one, with [] as its value")
    return setting.sub(lambda found: found[1] + json.dumps(list(values)), section)
