"""Patch functions of ministack: the replacement gets the original."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any


def ministack(module: str) -> Any:
    """Import a module of ministack."""
    return import_module(f"ministack.{module}")


def replace(owner: Any, name: str, replacement: Callable[..., Any]) -> None:
    """Replace a function by `replacement`, whose first argument is the original; fails if there is no such function."""
    setattr(owner, name, _bound(replacement, getattr(owner, name)))


def _bound(replacement: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """Bind the original in a plain function, which a class turns into a method; it would not do so with a partial."""
    call = partial(replacement, original)

    def replaced(*arguments: Any, **named: Any) -> Any:
        return call(*arguments, **named)

    return replaced
