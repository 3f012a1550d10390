"""JSON that is almost valid, and arbitrary JSON."""

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

_ODD = ("\0", "\ud800", "\udfff\ud800", "é", "\u202e", "\ufeff", "😀", "%00", "%ff", "a\nb", "'", '"', "\\", "..", "/")
_SPACES = st.sampled_from([" ", "\t", "\u00a0"])
texts = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=20),
    st.lists(st.one_of(st.sampled_from(_ODD), _SPACES, st.text(max_size=5)), max_size=6).map("".join),
    st.builds(lambda part, times: part * times, st.sampled_from([*_ODD, "a"]), st.sampled_from([64, 65, 1025, 70_000])),
)
numbers = st.one_of(
    st.integers(-2, 3),
    st.sampled_from([2**31, 2**63, -(2**63) - 1, 10**400]),
    st.floats(),
    st.integers().map(str),
)


def _nested(depth: int, wrap: Callable[[Any], Any]) -> Any:
    inner: Any = "a"
    for _ in range(depth):
        inner = wrap(inner)
    return inner


_deep = st.builds(
    _nested,
    st.sampled_from([50, 500]),
    st.sampled_from([lambda inner: [inner], lambda inner: {"errors": inner}]),
)
values: st.SearchStrategy[Any] = st.one_of(
    st.recursive(
        st.one_of(st.none(), st.booleans(), numbers, texts),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=10,
    ),
    _deep,
)


def nearly(examples: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Generate one of the examples with up to three places changed: removed, added, or of another type."""
    changes = st.lists(st.tuples(st.integers(0, 200), st.sampled_from(_CHANGES), texts, values), max_size=3)
    return st.builds(_changed, st.sampled_from(list(examples)), changes)


def anything_or(examples: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Generate an almost valid payload more often than arbitrary JSON."""
    return st.one_of(nearly(examples), nearly(examples), values)


def _replace(holder: Any, key: Any, _: str, value: Any) -> None:
    holder[key] = value


def _remove(holder: Any, key: Any, _: str, __: Any) -> None:
    del holder[key]


def _add(holder: Any, key: Any, name: str, value: Any) -> None:
    if isinstance(holder, list):
        holder.insert(key, value)
    else:
        holder[name] = value


def _spoil(holder: Any, key: Any, name: str, _: Any) -> None:
    holder[key] = f"{holder[key]}{name}"


_CHANGES = (_replace, _replace, _remove, _add, _spoil)


def _changed(example: Any, changes: Sequence[tuple[int, Callable[..., None], str, Any]]) -> Any:
    whole = [copy.deepcopy(example)]
    for number, change, name, value in changes:
        places = list(_places(whole))
        if places:
            change(*places[number % len(places)], name, value)
    return whole[0] if whole else None


def _places(value: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """Return every place in a value, as its container and key, down to a limited depth."""
    keys = range(len(value)) if isinstance(value, list) else list(value) if isinstance(value, dict) else ()
    for key in keys:
        yield value, key
        if depth < 20:
            yield from _places(value[key], depth + 1)
