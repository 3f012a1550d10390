"""Let somebody without an account follow one upload."""

from datetime import timedelta

from attrs import frozen

from chalicelib.errors import LinkInvalid
from chalicelib.telemetry import logs
from chalicelib.uploads.links import LinkTokens
from chalicelib.uploads.registration import SignedLink

VALID_FOR = timedelta(days=7)
"""Long enough to mend a file, and short enough that a link in an old mail opens nothing."""


@frozen(kw_only=True)
class LinkUpload:
    """Gives links, and opens them."""

    tokens: LinkTokens | None
    """None where no secret is set to sign them with: then there are no links."""

    def link(self, upload_id: str, address: str) -> SignedLink | None:
        """Give a link to an upload, for whoever knows the API by that URL."""
        if self.tokens is None:
            return None
        expires_at = (self.tokens.now() + VALID_FOR).replace(microsecond=0)
        return SignedLink(url=f"{address}/links/{self.tokens.token(upload_id, expires_at)}", expires_at=expires_at)

    def open(self, token: str) -> str:
        """Give the upload to which a link leads; raises LinkInvalid."""
        if self.tokens is None:
            raise LinkInvalid("links are not in use here: there is no secret to sign them with")
        upload_id = self.tokens.upload_id(token)
        logs.note(uploadId=upload_id)
        return upload_id
