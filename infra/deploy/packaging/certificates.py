"""The certificates of RDS's authority, which the deployment package contains as `rds.pem`.

libpq verifies the database's certificate against a file. `sslrootcert=system` does not work: psycopg's binary package
looks for the system's certificates in a directory of its own.
"""

import ssl
from pathlib import Path
from typing import Any, Final

import urllib3

FILE: Final = Path("vendor", "rds.pem")
"""Chalice packages what is in vendor/ at the top: on Lambda it is /var/task/rds.pem."""
_HOSTS: Final = {"us-gov-": "truststore.pki.{region}.rds.amazonaws.com", "": "truststore.pki.rds.amazonaws.com"}
_SECONDS: Final = 30


class AuthorityUnknown(Exception):
    """The certificates of RDS's authority cannot be downloaded; the message says why."""


def provide(project: Path, region: str, url: str | None = None) -> bool:
    """Download the certificates of a region's authority, unless they are there; return whether that was done.

    Raises AuthorityUnknown.
    """
    path = project / FILE
    if path.exists():
        require_authority(path.read_text())
        return False
    source = url or _url(region)
    try:
        answer = urllib3.request("GET", source, timeout=_SECONDS, retries=urllib3.Retry(3, redirect=0))
    except urllib3.exceptions.HTTPError as error:
        raise AuthorityUnknown(f"{source} does not answer: {error}. Put its certificates into {FILE}.") from error
    content = answer.data.decode("ascii", errors="replace")
    require_authority(content)
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    return True


def require_authority(content: str) -> None:
    """Raise AuthorityUnknown unless all of these certificates are RDS's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=content)
    except (ssl.SSLError, ValueError) as error:
        raise AuthorityUnknown(f"what should be RDS's certificates is something else: {error}") from error
    certificates: Any = context.get_ca_certs()
    subjects = [dict(part for (part,) in certificate["subject"]) for certificate in certificates]
    others = [it for it in subjects if it.get("organizationalUnitName") != "Amazon RDS"]
    if others or not subjects:
        raise AuthorityUnknown(f"what should be RDS's certificates has others: {others[:1]}")


def _url(region: str) -> str:
    if region.startswith("cn-"):
        raise AuthorityUnknown(f"RDS's certificates in China are elsewhere: put those of {region} into {FILE}")
    host = next(host for prefix, host in _HOSTS.items() if region.startswith(prefix)).format(region=region)
    return f"https://{host}/{region}/{region}-bundle.pem"
