"""The policy of each Lambda function, with least privilege, generated from the stage's configuration.

Chalice reads a role's policy from a file without variables. The files are generated, and committed, so that a review
sees every change of a permission.

Regions and accounts are wildcards in the ARNs: a stage is in one account, and a file that named it could not be shared.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from chalicelib.aws.event_bridge import SOURCE
from chalicelib.uploads import object_key
from chalicelib.uploads.parts.location import PREFIX
from infra.deploy.stages import FUNCTIONS, PROJECT_ROOT, Stage

Statement = dict[str, Any]

_UPLOADS: Final = f"{object_key.PREFIX}*"
_REPORTS: Final = ("reports/*", "results/*")
"""What the validator writes: full reports, and accepted and rejected rows."""
_PARTS: Final = f"{PREFIX}*"
"""Plans and reports of parts."""
_REJECTED_ROWS: Final = "results/*/rejected.rows"
_PUT_MULTIPART: Final = ["s3:PutObject", "s3:AbortMultipartUpload"]
"""S3 takes the parts of a multipart upload under the first, and deletes them under the second."""
_RANDOM_SUFFIX: Final = "-??????"
"""What Secrets Manager adds to a secret's name in its ARN."""


def policy(stage: Stage, function: str) -> dict[str, Any]:
    """Return the policy of a function's role."""
    statements = [*_OWN[function](stage), _write_logs(stage, function), _send_traces()]
    if stage.event_bus and function in _RECORD_VERDICTS:
        statements.append(_publish_verdicts(stage, stage.event_bus))
    if function in stage.in_vpc:
        statements.append(_attach_to_vpc())
    return {"Version": "2012-10-17", "Statement": statements}


def files(stage: Stage, project: Path = PROJECT_ROOT) -> Mapping[Path, str]:
    """Return the policy files of a stage: path and content."""
    return {
        project / ".chalice" / f"policy-{stage.name}-{function}.json": json.dumps(policy(stage, function), indent=2)
        + "\n"
        for function in FUNCTIONS
    }


def outdated(project: Path = PROJECT_ROOT) -> list[Path]:
    """Return the policy files that differ from what the configuration requires."""
    return [
        path
        for stage in Stage.all(project)
        for path, content in files(stage, project).items()
        if not path.exists() or path.read_text() != content
    ]


def write(project: Path = PROJECT_ROOT) -> list[Path]:
    """Update the policy files, and return those that changed."""
    changed = outdated(project)
    for stage in Stage.all(project):
        for path, content in files(stage, project).items():
            path.write_text(content)
    return changed


def _orchestrator(stage: Stage) -> list[Statement]:
    queue = f"arn:{stage.partition}:sqs:*:*:{stage.dead_letters}"
    # Lambda itself sends these, as the function's role.
    return [*_starter(stage), _allow("SendDeadLetters", "sqs:SendMessage", queue)]


def _starter(stage: Stage) -> list[Statement]:
    machine = f"arn:{stage.partition}:states:*:*:stateMachine:{stage.state_machine}"
    return [_allow("StartExecutions", "states:StartExecution", machine), *_database_user(stage)]


def _settler(stage: Stage) -> list[Statement]:
    executions = f"arn:{stage.partition}:states:*:*:execution:{stage.state_machine}:*"
    return [*_starter(stage), _allow("FindExecutions", "states:DescribeExecution", executions)]


def _sweep(stage: Stage) -> list[Statement]:
    uploads = _bucket(stage)
    return [
        *_settler(stage),
        # It decides loads that are in doubt.
        *_read_load_secret(stage),
        _allow("ListUploads", "s3:ListBucketVersions", uploads)
        | {"Condition": {"StringEquals": {"s3:prefix": stage.prefix}}},
        # What HEAD takes: S3 knows no permission for less.
        _allow("HeadUploads", "s3:GetObject", f"{uploads}/{_UPLOADS}"),
        _distinguish_missing_from_forbidden((uploads, _UPLOADS)),
    ]


def _validator(stage: Stage) -> list[Statement]:
    uploads = _bucket(stage)
    return [
        _read_uploads(stage),
        _read_schemas(stage),
        _allow("WriteReports", _PUT_MULTIPART, [f"{uploads}/{keys}" for keys in _REPORTS]),
        _allow("WritePlans", "s3:PutObject", f"{uploads}/{_PARTS}"),
        _distinguish_missing_from_forbidden(_schemas(stage), (uploads, _UPLOADS)),
        *_use_key(stage),
    ]


def _part_validator(stage: Stage) -> list[Statement]:
    uploads = _bucket(stage)
    return [
        _read_uploads(stage),
        _allow("ReadAndWriteParts", ["s3:GetObject", "s3:PutObject"], f"{uploads}/{_PARTS}"),
        _distinguish_missing_from_forbidden((uploads, _UPLOADS), (uploads, _PARTS)),
        *_use_key(stage),
    ]


def _seam_checker(stage: Stage) -> list[Statement]:
    uploads = _bucket(stage)
    return [
        _allow("ReadParts", "s3:GetObject", f"{uploads}/{_PARTS}"),
        _distinguish_missing_from_forbidden((uploads, _PARTS)),
        *_use_key(stage),
    ]


def _part_merger(stage: Stage) -> list[Statement]:
    uploads = _bucket(stage)
    return [
        _read_uploads(stage),
        _allow("ReadParts", "s3:GetObject", f"{uploads}/{_PARTS}"),
        _allow("WriteReports", _PUT_MULTIPART, f"{uploads}/{_REPORTS[0]}"),
        _allow("WriteRejectedRows", _PUT_MULTIPART, f"{uploads}/{_REJECTED_ROWS}"),
        _allow("WriteSegments", "s3:PutObject", f"{uploads}/{_PARTS}"),
        _distinguish_missing_from_forbidden((uploads, _UPLOADS), (uploads, _PARTS)),
        *_use_key(stage),
    ]


def _part_splitter(stage: Stage) -> list[Statement]:
    uploads = _bucket(stage)
    return [
        _read_uploads(stage),
        _allow("ReadSegments", "s3:GetObject", f"{uploads}/{_PARTS}"),
        _allow("WriteSegments", _PUT_MULTIPART, f"{uploads}/{_PARTS}"),
        _distinguish_missing_from_forbidden((uploads, _UPLOADS), (uploads, _PARTS)),
        *_use_key(stage),
    ]


def _split_joiner(stage: Stage) -> list[Statement]:
    uploads = _bucket(stage)
    return [
        # S3 copies slices of both as this role.
        _read_uploads(stage),
        _allow("ReadSegments", "s3:GetObject", f"{uploads}/{_PARTS}"),
        _allow("WriteResults", _PUT_MULTIPART, f"{uploads}/{_REPORTS[1]}"),
        _distinguish_missing_from_forbidden((uploads, _UPLOADS), (uploads, _PARTS)),
        *_use_key(stage),
    ]


def _row_loader(stage: Stage) -> list[Statement]:
    uploads = _bucket(stage)
    return [
        *_database_user(stage),
        *_read_load_secret(stage),
        _read_uploads(stage),
        _read_schemas(stage),
        _allow("ReadRejectedRows", "s3:GetObject", f"{uploads}/{_REJECTED_ROWS}"),
        *_use_key(stage),
    ]


def _api_handler(stage: Stage) -> list[Statement]:
    return [
        *_starter(stage),
        # An upload form has the permissions of its signer: this one is for forms.
        _allow("WriteUploads", "s3:PutObject", f"{_bucket(stage)}/{_UPLOADS}"),
        # The metadata of an object that was put without registration names its dataset.
        _allow("ReadUploads", "s3:GetObject", f"{_bucket(stage)}/{_UPLOADS}"),
        _read_schemas(stage),
        _allow("ReadReports", "s3:GetObject", [f"{_bucket(stage)}/{keys}" for keys in _REPORTS]),
        # It also lists the reports of parts, for the progress of an upload.
        _distinguish_missing_from_forbidden(_schemas(stage), *((_bucket(stage), keys) for keys in (*_REPORTS, _PARTS))),
        *([_read_secret(stage, "ReadLinkSecret", stage.link_secret)] if stage.link_secret else []),
        *_use_key(stage),
    ]


def _use_key(stage: Stage) -> list[Statement]:
    """Allow S3 to use the bucket's own key for a function: to read objects, and to write them, also in parts."""
    if stage.kms_key is None:
        return []
    allowed = _allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], stage.kms_key)
    # The service's name ends in the partition's domain.
    return [allowed | {"Condition": {"StringLike": {"kms:ViaService": "s3.*"}}}]


def _read_uploads(stage: Stage) -> Statement:
    """Allow the version of an upload to be read that is validated, split or loaded."""
    return _allow("ReadUploads", ["s3:GetObject", "s3:GetObjectVersion"], f"{_bucket(stage)}/{_UPLOADS}")


def _read_schemas(stage: Stage) -> Statement:
    return _allow("ReadSchemas", "s3:GetObject", "/".join(_schemas(stage)))


def _distinguish_missing_from_forbidden(*places: tuple[str, str]) -> Statement:
    """Allow S3 to answer that an object does not exist. `places` are pairs of a bucket and a key pattern.

    The API also lists reports and results by it, and others list parts. Without it S3 answers "access denied" for a
    missing object, and Assay must distinguish the two: a missing schema may be a packaged one, and an upload may be
    deleted or not there yet. AWS does not document the prefix that it evaluates for GetObject, so all prefixes are
    allowed, with IfExists.
    """
    allowed = _allow("DistinguishMissingFromForbidden", "s3:ListBucket", sorted({bucket for bucket, _ in places}))
    return allowed | {"Condition": {"StringLikeIfExists": {"s3:prefix": [keys for _, keys in places]}}}


def _bucket(stage: Stage) -> str:
    return f"arn:{stage.partition}:s3:::{stage.bucket}"


def _schemas(stage: Stage) -> tuple[str, str]:
    """Return the ARN of the bucket with the schemas, and the pattern of their keys."""
    place = urlsplit(stage.schemas)
    return f"arn:{stage.partition}:s3:::{place.netloc}", f"{place.path.lstrip('/')}*"


def _database_user(stage: Stage) -> list[Statement]:
    if stage.iam_user is None:
        return [_read_database_secret(stage)]
    user = f"arn:{stage.partition}:rds-db:*:*:dbuser:{stage.iam_user}"
    return [_read_database_secret(stage), _allow("ConnectToDatabase", "rds-db:connect", user)]


_OWN: Final[Mapping[str, Callable[[Stage], list[Statement]]]] = {
    "csv_orchestrator": _orchestrator,
    "csv_validator": _validator,
    "part_validator": _part_validator,
    "seam_checker": _seam_checker,
    "part_merger": _part_merger,
    "part_splitter": _part_splitter,
    "split_joiner": _split_joiner,
    "row_loader": _row_loader,
    "upload_status": _database_user,
    "execution_settler": _settler,
    "upload_sweep": _sweep,
    "migrate": _database_user,
    "api_handler": _api_handler,
    "token_authorizer": lambda _stage: [],
}


def _read_database_secret(stage: Stage) -> Statement:
    return _read_secret(stage, "ReadDatabaseSecret", stage.secret)


def _read_load_secret(stage: Stage) -> list[Statement]:
    return [_read_secret(stage, "ReadLoadSecret", stage.load_secret)] if stage.load_secret else []


def _read_secret(stage: Stage, sid: str, secret: str) -> Statement:
    named = f"arn:{stage.partition}:secretsmanager:*:*:secret:{secret}{_RANDOM_SUFFIX}"
    return _allow(sid, "secretsmanager:GetSecretValue", secret if secret.startswith("arn:") else named)


_RECORD_VERDICTS: Final = frozenset({"upload_status", "execution_settler", "upload_sweep"})
"""The functions that record verdicts, and so publish events."""


def _publish_verdicts(stage: Stage, bus: str) -> Statement:
    """Allow only this source to publish."""
    arn = bus if bus.startswith("arn:") else f"arn:{stage.partition}:events:*:*:event-bus/{bus}"
    return _allow("PublishVerdicts", "events:PutEvents", arn) | {
        "Condition": {"StringEquals": {"events:source": SOURCE}}
    }


def _write_logs(stage: Stage, function: str) -> Statement:
    """Allow writing, but not CreateLogGroup: Chalice and Terraform create the groups, and set their retention."""
    group = f"arn:{stage.partition}:logs:*:*:log-group:/aws/lambda/{stage.function(function)}:*"
    return _allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], group)


def _send_traces() -> Statement:
    return _allow("SendTraces", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")


def _attach_to_vpc() -> Statement:
    """Allow Lambda to attach network interfaces to the function; these actions accept no resource but `*`."""
    actions = [
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeSubnets",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
    ]
    return _allow("AttachToVpc", actions, "*")


def _allow(sid: str, action: str | list[str], resource: str | list[str]) -> Statement:
    if isinstance(resource, list) and len(resource) == 1:
        (resource,) = resource
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource}
