"""The local AWS takes any PUT, lists versions without their contents, and leaves nothing behind."""

import tracemalloc
from urllib.request import Request, urlopen

import pytest
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.config import default_user_config
from moto.s3.models import FakeKey

from infra.local.aws.account import REGION, LocalAws
from infra.local.lambdas.runtime import LambdaRuntime
from infra.local.ports import PortInUse, listen
from tests.infra.local.aws.example_account import MACHINE, running


def test_put_with_a_forms_content_type_keeps_its_body() -> None:
    """By default, curl sends this content type."""
    with running() as aws:
        url = aws.client("s3").generate_presigned_url("put_object", {"Bucket": "drop", "Key": "form"})
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        with urlopen(Request(url, b"id\n1\n", form, method="PUT")):  # noqa: S310 - a local server
            pass
        assert aws.client("s3").get_object(Bucket="drop", Key="form")["Body"].read() == b"id\n1\n"


def test_listing_versions_does_not_load_their_contents() -> None:
    """Each version can be read afterwards, and a listing takes less memory than the bucket's contents."""
    body = bytes(1_000_000)
    with running() as aws:
        s3 = aws.client("s3")
        versions = [s3.put_object(Bucket="drop", Key="a.csv", Body=body)["VersionId"] for _ in range(40)]
        tracemalloc.start()
        listed = s3.list_object_versions(Bucket="drop")["Versions"]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert {(version, len(body)) for version in versions} == {(it["VersionId"], it["Size"]) for it in listed}
        assert peak < 20 * len(body)
        assert body == s3.get_object(Bucket="drop", Key="a.csv", VersionId=versions[0])["Body"].read()


def test_listing_versions_does_not_leak() -> None:
    """Without a patch, moto would keep each version that it has ever listed."""
    with running() as aws:
        s3 = aws.client("s3")
        for body in (b"old", b"new"):
            s3.put_object(Bucket="drop", Key="a.csv", Body=body)
        before = len(FakeKey.instances_tracked)
        listed = s3.list_object_versions(Bucket="drop")["Versions"]

        assert [True, False] == [version["IsLatest"] for version in listed]
        assert before == len(FakeKey.instances_tracked)


def test_closing_an_account_stops_and_forgets_everything() -> None:
    """A second account in the same process starts empty."""
    with running(states={"Work": {"Type": "Wait", "Seconds": 3600, "End": True}}) as aws:
        aws.client("stepfunctions").start_execution(
            stateMachineArn=f"arn:aws:states:{REGION}:123456789012:stateMachine:{MACHINE}", name="endless"
        )

    runtime = LambdaRuntime([], region=REGION)
    with LocalAws(runtime) as aws:
        assert aws.client("s3").list_buckets()["Buckets"] == []
        assert aws.client("lambda").list_functions()["Functions"] == []
        assert aws.client("stepfunctions").list_state_machines()["stateMachines"] == []


def test_moto_is_restored_afterwards() -> None:
    """Each replaced attribute of moto is restored."""

    def replaced() -> list[object]:
        return [LambdaSimpleBackend.invoke, dict(default_user_config)]

    before = replaced()
    with running():
        assert before != replaced()

    assert before == replaced()


def test_port_in_use_is_refused_before_anything_starts() -> None:
    """The error names the port."""
    with listen(0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PortInUse, match=str(port)), LocalAws(LambdaRuntime([], region=REGION), port=port):
            pass
