"""Object keys: `uploads/{owner}/{uploadId}/{filename}`."""

import pytest

from chalicelib.errors import KeyMalformed
from chalicelib.uploads.object_key import ObjectKey


@pytest.mark.parametrize(
    ("key", "owner", "upload_id", "filename"),
    [
        ("uploads/acme/42/orders.csv", "acme", "42", "orders.csv"),
        ("uploads/ada@example.com/a_B-9/orders.csv", "ada@example.com", "a_B-9", "orders.csv"),
        ("uploads/acme/42/2024/05/orders.csv", "acme", "42", "2024/05/orders.csv"),
        ("uploads/acme/42/my file + 100% ü.csv", "acme", "42", "my file + 100% ü.csv"),
        ("uploads/Müller & Söhne/42/a%20b.csv", "Müller & Söhne", "42", "a%20b.csv"),
        (f"uploads/acme/{'x' * 64}/a.csv", "acme", "x" * 64, "a.csv"),
    ],
)
def test_key_is_parsed_and_formatted(key: str, owner: str, upload_id: str, filename: str) -> None:
    """The three parts are returned unchanged, and make the same key."""
    parsed = ObjectKey.parse(key)
    assert ObjectKey(owner=owner, upload_id=upload_id, filename=filename) == parsed
    assert key == str(parsed)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("reports/acme/42/orders.csv", "does not start with 'uploads/'"),
        ("uploads//42/orders.csv", "the owner is empty"),
        ("uploads/acme//orders.csv", "the upload id"),
        ("uploads/acme/4 2/orders.csv", "the upload id"),
        ("uploads/acme/٤٢/orders.csv", "the upload id"),
        ("uploads/acme/42\n/orders.csv", "the upload id"),
        (f"uploads/acme/{'x' * 65}/a.csv", "the upload id"),
        ("uploads/acme/orders.csv", "the upload id"),
        ("uploads/acme/42/", "the file name is empty"),
        ("uploads/acme/42", "the file name is empty"),
        ("uploads/acme/42/a\0.csv", "NUL"),
        ("", "does not start with 'uploads/'"),
    ],
)
def test_key_of_another_form_is_refused_with_the_reason(key: str, reason: str) -> None:
    """The message says which part is wrong, and what the form is."""
    with pytest.raises(KeyMalformed, match=reason) as refused:
        ObjectKey.parse(key)
    assert "uploads/{owner}/{uploadId}/{filename}" in str(refused.value)
