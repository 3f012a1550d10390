"""The expected statements of each function's policy, stated independently of the code that writes them."""

from typing import Any


def secret(stage: str) -> dict[str, Any]:
    """Return the statement for reading the database's secret."""
    return {
        "Sid": "ReadDatabaseSecret",
        "Effect": "Allow",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": f"arn:aws:secretsmanager:*:*:secret:assay-{stage}-database-??????",
    }


def read_uploads(stage: str) -> dict[str, Any]:
    """Return the statement for reading uploads."""
    return {
        "Sid": "ReadUploads",
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
        "Resource": f"arn:aws:s3:::assay-{stage}-uploads/uploads/*",
    }


def read_schemas(stage: str) -> dict[str, Any]:
    """Return the statement for reading schemas."""
    return {
        "Sid": "ReadSchemas",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::assay-{stage}-uploads/schemas/*",
    }


def read_parts(stage: str) -> dict[str, Any]:
    """Return the statement for reading plans and reports of parts."""
    return {
        "Sid": "ReadParts",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::assay-{stage}-uploads/parts/*",
    }


def missing_is_known(stage: str, *keys: str) -> dict[str, Any]:
    """Return the statement by which S3 answers that an object does not exist, and lists those that do."""
    return {
        "Sid": "DistinguishMissingFromForbidden",
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": f"arn:aws:s3:::assay-{stage}-uploads",
        "Condition": {"StringLikeIfExists": {"s3:prefix": list(keys)}},
    }


def find(stage: str) -> dict[str, Any]:
    """Return the statement for describing executions."""
    return {
        "Sid": "FindExecutions",
        "Effect": "Allow",
        "Action": "states:DescribeExecution",
        "Resource": f"arn:aws:states:*:*:execution:assay-{stage}-csv-processing:*",
    }


def start(stage: str) -> dict[str, Any]:
    """Return the statement for starting executions."""
    return {
        "Sid": "StartExecutions",
        "Effect": "Allow",
        "Action": "states:StartExecution",
        "Resource": f"arn:aws:states:*:*:stateMachine:assay-{stage}-csv-processing",
    }


def logs(group: str) -> dict[str, Any]:
    """Return the statement for writing into a log group."""
    return {
        "Sid": "WriteLogs",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"arn:aws:logs:*:*:log-group:/aws/lambda/{group}:*",
    }


TRACES = {
    "Sid": "SendTraces",
    "Effect": "Allow",
    "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    "Resource": "*",
}


def expected(stage: str) -> dict[str, list[dict[str, Any]]]:
    """Return the statements of each function."""
    return {
        "csv_orchestrator": [
            start(stage),
            secret(stage),
            {
                "Sid": "SendDeadLetters",
                "Effect": "Allow",
                "Action": "sqs:SendMessage",
                "Resource": f"arn:aws:sqs:*:*:assay-{stage}-csv-orchestrator-dead-letters",
            },
            logs(f"assay-{stage}-csv_orchestrator"),
            TRACES,
        ],
        "csv_validator": [
            read_uploads(stage),
            read_schemas(stage),
            {
                "Sid": "WriteReports",
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
                "Resource": [f"arn:aws:s3:::assay-{stage}-uploads/{keys}" for keys in ("reports/*", "results/*")],
            },
            {
                "Sid": "WritePlans",
                "Effect": "Allow",
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::assay-{stage}-uploads/parts/*",
            },
            missing_is_known(stage, "schemas/*", "uploads/*"),
            logs(f"assay-{stage}-csv_validator"),
            TRACES,
        ],
        "part_validator": [
            read_uploads(stage),
            {
                "Sid": "ReadAndWriteParts",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": f"arn:aws:s3:::assay-{stage}-uploads/parts/*",
            },
            missing_is_known(stage, "uploads/*", "parts/*"),
            logs(f"assay-{stage}-part_validator"),
            TRACES,
        ],
        "seam_checker": [
            read_parts(stage),
            missing_is_known(stage, "parts/*"),
            logs(f"assay-{stage}-seam_checker"),
            TRACES,
        ],
        "part_merger": [
            read_uploads(stage),
            read_parts(stage),
            {
                "Sid": "WriteReports",
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
                "Resource": f"arn:aws:s3:::assay-{stage}-uploads/reports/*",
            },
            {
                "Sid": "WriteRejectedRows",
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
                "Resource": f"arn:aws:s3:::assay-{stage}-uploads/results/*/rejected.rows",
            },
            {
                "Sid": "WriteSegments",
                "Effect": "Allow",
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::assay-{stage}-uploads/parts/*",
            },
            missing_is_known(stage, "uploads/*", "parts/*"),
            logs(f"assay-{stage}-part_merger"),
            TRACES,
        ],
        "part_splitter": [
            read_uploads(stage),
            read_parts(stage) | {"Sid": "ReadSegments"},
            {
                "Sid": "WriteSegments",
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
                "Resource": f"arn:aws:s3:::assay-{stage}-uploads/parts/*",
            },
            missing_is_known(stage, "uploads/*", "parts/*"),
            logs(f"assay-{stage}-part_splitter"),
            TRACES,
        ],
        "split_joiner": [
            read_uploads(stage),
            read_parts(stage) | {"Sid": "ReadSegments"},
            {
                "Sid": "WriteResults",
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
                "Resource": f"arn:aws:s3:::assay-{stage}-uploads/results/*",
            },
            missing_is_known(stage, "uploads/*", "parts/*"),
            logs(f"assay-{stage}-split_joiner"),
            TRACES,
        ],
        "row_loader": [
            secret(stage),
            read_uploads(stage),
            read_schemas(stage),
            {
                "Sid": "ReadRejectedRows",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::assay-{stage}-uploads/results/*/rejected.rows",
            },
            logs(f"assay-{stage}-row_loader"),
            TRACES,
        ],
        "upload_status": [secret(stage), logs(f"assay-{stage}-upload_status"), TRACES],
        "execution_settler": [
            start(stage),
            secret(stage),
            find(stage),
            logs(f"assay-{stage}-execution_settler"),
            TRACES,
        ],
        "upload_sweep": [
            start(stage),
            secret(stage),
            find(stage),
            {
                "Sid": "ListUploads",
                "Effect": "Allow",
                "Action": "s3:ListBucketVersions",
                "Resource": f"arn:aws:s3:::assay-{stage}-uploads",
                "Condition": {"StringEquals": {"s3:prefix": "uploads/"}},
            },
            {
                "Sid": "HeadUploads",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::assay-{stage}-uploads/uploads/*",
            },
            missing_is_known(stage, "uploads/*"),
            logs(f"assay-{stage}-upload_sweep"),
            TRACES,
        ],
        "migrate": [secret(stage), logs(f"assay-{stage}-migrate"), TRACES],
        "token_authorizer": [logs(f"assay-{stage}-token_authorizer"), TRACES],
        "api_handler": [
            start(stage),
            secret(stage),
            {
                "Sid": "WriteUploads",
                "Effect": "Allow",
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::assay-{stage}-uploads/uploads/*",
            },
            {
                "Sid": "ReadUploads",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::assay-{stage}-uploads/uploads/*",
            },
            read_schemas(stage),
            {
                "Sid": "ReadReports",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": [f"arn:aws:s3:::assay-{stage}-uploads/{keys}" for keys in ("reports/*", "results/*")],
            },
            missing_is_known(stage, "schemas/*", "reports/*", "results/*", "parts/*"),
            {
                "Sid": "ReadLinkSecret",
                "Effect": "Allow",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": f"arn:aws:secretsmanager:*:*:secret:assay-{stage}-links-??????",
            },
            logs(f"assay-{stage}"),
            TRACES,
        ],
    }
