"""What to do about each kind of error, in one sentence for the sender of the file: the advice in English."""

from collections.abc import Mapping
from types import MappingProxyType

from chalicelib import words
from chalicelib.validation.report import ErrorCode

ADVICE: Mapping[str, str] = MappingProxyType({code: words.text(f"codes.{code}.todo") for code in ErrorCode})
