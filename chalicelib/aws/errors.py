"""What AWS's library says went wrong, in a word.

Its sentences stay here: they quote URLs, whose queries may be signatures, and the input that was refused.
"""

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError


def reason(error: BotoCoreError | ClientError | HTTPError) -> str:
    """Give the service's code for the error, or the name of the exception if the service did not answer."""
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
    return code or type(error).__name__
