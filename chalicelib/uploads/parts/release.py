"""Which validator this is: the parts of a file are validated by one release."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from chalicelib import validation

_CODE = frozenset({".py", ".c", ".json"})


@cache
def release() -> str:
    """Return a digest of the validator's code."""
    root = Path(validation.__file__).parent
    digest = sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in _CODE and path.is_file():
            digest.update(f"{path.relative_to(root)}\0".encode())
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]
