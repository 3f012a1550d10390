"""The local stack behind the page, with a validator that can be made to fail."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Never
from unittest.mock import patch

import attrs
from playwright.sync_api import Page

from infra.local.deployment import Deployment, describe_project
from infra.local.http_api import http_api
from infra.local.ports import LOOPBACK, free_port
from infra.local.sign_in.identity_provider import identity_provider
from infra.local.stack import LocalStack


@contextmanager
def stage(breaking: Path, *, log: Path, provider: Path | None = None, schema: Path | None = None) -> Iterator[str]:
    """Serve the real app; yield the page's address. While the file `breaking` exists, the validator raises.

    With `provider`, the Python that has an OpenID provider, people sign in. `schema` is one that uploads can name.
    """
    port = free_port()
    address = f"http://{LOOPBACK}:{port}/"
    with ExitStack() as running:
        if provider is not None:
            settings = running.enter_context(identity_provider(provider, address, log=log))
            running.enter_context(patch.dict(os.environ, settings))
        stack = running.enter_context(LocalStack(_breakable(breaking), report=lambda _failure: None))
        if schema is not None:
            stack.put_schema(schema)
        running.enter_context(http_api(port, log=log))
        yield address


def upload(page: Page, address: str, file: Path) -> None:
    """Upload a file by the page."""
    page.goto(address)
    page.locator("#submission").get_by_label("Owner").fill("ada@example.com")
    page.set_input_files("#submission input[type=file]", file)
    page.get_by_role("button", name="Upload and validate").click()


def _breakable(breaking: Path) -> Deployment:
    deployment = describe_project()

    def breakable(handler: Any) -> Any:
        return lambda event, context: _raise() if breaking.exists() else handler(event, context)

    functions = tuple(
        attrs.evolve(it, handler=breakable(it.handler)) if it.name.endswith("csv_validator") else it
        for it in deployment.functions
    )
    # `chalice local` takes the stage's bucket, whatever the environment was at the first import of the app.
    trigger = attrs.evolve(deployment.trigger, bucket=deployment.environment["UPLOADS_BUCKET"])
    return attrs.evolve(deployment, functions=functions, trigger=trigger)


def _raise() -> Never:
    raise ZeroDivisionError("a bug")
