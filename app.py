"""Assay's Lambda functions, and the registration of its HTTP routes. Each decodes, calls a use case, and encodes.

Importing this module opens no connection and loads no validation engine. A function creates what it needs on its first
invocation, and keeps it.
"""

import os
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from chalice import Chalice

from chalicelib import codec
from chalicelib.aws import lambda_events
from chalicelib.aws.lambda_events import RawEvent
from chalicelib.bootstrap import services
from chalicelib.http import views
from chalicelib.routes import callers, links, page, schemas, uploads
from chalicelib.routes.callers import token_authorizer
from chalicelib.telemetry import logs
from chalicelib.uploads import object_key, receive, record_verdict, settle
from chalicelib.uploads.lifecycle import SETTLER
from chalicelib.uploads.messages import LoadRequest, StatusUpdate, ValidationRequest
from chalicelib.uploads.parts.messages import PartRequest, PartsRequest
from chalicelib.uploads.splitting.messages import SegmentRequest, SplitRequest

__all__ = ["app", "services", "token_authorizer"]

app = Chalice(app_name="assay", configure_logs=False)
logs.configure()

# Chalice reads these while it packages: to subscribe functions to the bucket and the state machine.
UPLOADS_BUCKET = os.environ.get("UPLOADS_BUCKET", "assay-uploads")
NOTIFICATION_PREFIX = os.environ.get("NOTIFICATION_PREFIX") or object_key.PREFIX
NOTIFICATION_SUFFIX = os.environ.get("NOTIFICATION_SUFFIX") or None
STATE_MACHINE_NAME = os.environ.get("STATE_MACHINE_NAME", "assay-csv-processing")


@app.middleware("all")
def log_invocation(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Log one canonical line for each invocation."""
    context = getattr(event, "lambda_context", None) or event.context
    with logs.invocation(context.function_name, context.aws_request_id):
        return get_response(event)


@app.middleware("http")
def answer_with_problem_details(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Answer with problem details where Chalice answers by itself, too."""
    return views.as_problem_details(get_response(event))


@app.middleware("http")
def count_faults(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Count the requests that fail: for Lambda, an answer of 500 or 503 is a success."""
    response = get_response(event)
    logs.add_fields(faults=int(response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR))
    return response


@app.on_s3_event(
    bucket=UPLOADS_BUCKET, events=["s3:ObjectCreated:*"], prefix=NOTIFICATION_PREFIX, suffix=NOTIFICATION_SUFFIX
)
def csv_orchestrator(event: RawEvent) -> None:
    """S3 notification: record an attempt at each object and start its execution."""
    objects = lambda_events.objects_created(event.to_dict())
    executions = services().executions(event.context.invoked_function_arn)
    receive.receive_uploads(objects, uploads=services().uploads, executions=executions)


@app.lambda_function(name="csv_validator")
def csv_validator(event: object, _context: object) -> Any:
    """Step Functions task: ValidationRequest in, ValidationResponse out."""
    from chalicelib.uploads.validate import validate_upload  # noqa: PLC0415 - it loads the validation engine

    response = validate_upload(
        codec.structure(event, ValidationRequest),
        objects=services().objects,
        schemas=services().schemas,
        reports=services().reports,
        results=services().results,
        max_bytes=services().max_object_bytes,
        parts=services().part_planner,
    )
    return codec.unstructure(response)


@app.lambda_function(name="part_validator")
def part_validator(event: object, _context: object) -> Any:
    """Step Functions task, for each part of a large object: PartRequest in, PartReply out."""
    from chalicelib.uploads.parts.part import read_part  # noqa: PLC0415 - it loads the validation engine

    request = codec.structure(event, PartRequest)
    return codec.unstructure(read_part(request, objects=services().objects, store=services().parts))


@app.lambda_function(name="seam_checker")
def seam_checker(event: object, _context: object) -> Any:
    """Step Functions task: PartsRequest in, PlannedParts out, with the parts that are to be read once more."""
    from chalicelib.uploads.parts.seams import check_seams  # noqa: PLC0415 - it loads the validation engine

    return codec.unstructure(check_seams(codec.structure(event, PartsRequest), store=services().parts))


@app.lambda_function(name="part_merger")
def part_merger(event: object, _context: object) -> Any:
    """Step Functions task: PartsRequest in, ValidationResponse out."""
    from chalicelib.uploads.parts.merging import merge_parts  # noqa: PLC0415 - it loads the validation engine

    response = merge_parts(
        codec.structure(event, PartsRequest),
        pinned=services().objects,
        objects=services().objects,
        store=services().parts,
        segments=services().segments,
        reports=services().reports,
        results=services().results,
    )
    return codec.unstructure(response)


@app.lambda_function(name="part_splitter")
def part_splitter(event: object, _context: object) -> Any:
    """Step Functions task, for each segment of a large object: SegmentRequest in, SegmentReply out."""
    from chalicelib.uploads.splitting.segment import split_stored_segment  # noqa: PLC0415 - it loads the splitter

    request = codec.structure(event, SegmentRequest)
    reply = split_stored_segment(request, objects=services().objects, parts=services().parts, store=services().segments)
    return codec.unstructure(reply)


@app.lambda_function(name="split_joiner")
def split_joiner(event: object, _context: object) -> Any:
    """Step Functions task: SplitRequest in, PlannedSplit out."""
    from chalicelib.uploads.splitting.joining import join_split  # noqa: PLC0415 - it loads the splitter

    request = codec.structure(event, SplitRequest)
    reply = join_split(request, parts=services().parts, store=services().segments, results=services().result_assembly)
    return codec.unstructure(reply)


@app.lambda_function(name="row_loader")
def row_loader(event: object, _context: object) -> Any:
    """Step Functions task: LoadRequest in, LoadReply out."""
    from chalicelib.uploads.load import load_rows  # noqa: PLC0415 - it loads the reader of files

    reply = load_rows(
        codec.structure(event, LoadRequest),
        objects=services().objects,
        schemas=services().schemas,
        loads=services().loads,
        max_bytes=services().max_object_bytes,
    )
    return codec.unstructure(reply)


@app.lambda_function(name="upload_status")
def upload_status(event: object, _context: object) -> Any:
    """Step Functions task: StatusUpdate in, StatusReply out."""
    update = codec.structure(event, StatusUpdate)
    return codec.unstructure(record_verdict.record_verdict(update, uploads=services().uploads, bus=services().bus))


@app.on_cw_event(lambda_events.unsuccessful_executions(STATE_MACHINE_NAME))
def execution_settler(event: RawEvent) -> None:
    """EventBridge event: settle the upload of an execution that failed, timed out or was aborted."""
    execution = lambda_events.execution(event.to_dict())
    executions = services().executions(event.context.invoked_function_arn)
    settle.settle_execution(
        execution, actor=SETTLER, uploads=services().uploads, executions=executions, bus=services().bus
    )


@app.schedule("rate(5 minutes)")
def upload_sweep(event: RawEvent) -> None:
    """Schedule: find uploads without a verdict, and objects without an attempt."""
    services().sweep(event.context.invoked_function_arn).run()


# Chalice's own event classes fail on malformed events without saying what is wrong.
for by_event in (csv_orchestrator, execution_settler, upload_sweep):
    by_event.event_class = RawEvent


@app.lambda_function(name="migrate")
def migrate(_event: object, _context: object) -> Any:
    """Manual invocation, or a deployment: run the missing migrations, and return their names."""
    return {"applied": services().migrate()}


for each in (uploads, links, schemas, callers, page):
    app.register_blueprint(each.routes)
