"""The codes of errors from AWS's library.

Its messages are never passed on: they quote URLs, which may contain signatures, and the refused input.
"""

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError


def error_code(error: BotoCoreError | ClientError | HTTPError) -> str:
    """Return the service's error code, or the exception's class name if the service did not answer."""
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
    return code or type(error).__name__
