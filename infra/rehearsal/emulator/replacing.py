"""Functions of ministack, replaced by ours that know the original."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any


def ministack(module: str) -> Any:
    """Import a module of ministack."""
    return import_module(f"ministack.{module}")


def replace(owner: Any, name: str, replacement: Callable[..., Any]) -> None:
    """Replace a function by `replacement`, which gets the original first; fails if it does not exist."""
    setattr(owner, name, _bound(replacement, getattr(owner, name)))


def _bound(replacement: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """Bind the original in a plain function, so that it still becomes a method on a class."""
    call = partial(replacement, original)

    def replaced(*arguments: Any, **named: Any) -> Any:
        return call(*arguments, **named)

    return replaced
