"""Ports: one in use is named, and a free one can be used."""

import pytest

from infra.local.ports import PortInUse, free_port, listen, require_free


def test_port_in_use_is_named() -> None:
    """The message is one line with the port."""
    with listen(0) as listener:
        port = listener.getsockname()[1]

        with pytest.raises(PortInUse) as caught:
            require_free(port)

    assert f"port {port} on 127.0.0.1 is in use" == str(caught.value)


def test_free_port_can_be_listened_on() -> None:
    """The returned port is not in use."""
    port = free_port()

    with listen(port) as listener:
        assert port == listener.getsockname()[1]


def test_free_port_is_another_one_each_time() -> None:
    """A port may be chosen again that nothing listens on yet."""
    assert 1_000 == len({free_port() for _ in range(1_000)})
