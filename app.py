"""Assay's Lambda functions and HTTP routes: each decodes, calls a use case, and encodes.

Importing this module opens nothing. What a function needs is composed on its first invocation, and kept.
"""

import os
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from chalice import Chalice

from chalicelib import codec, web
from chalicelib.aws import s3_notifications, status_changes
from chalicelib.aws.foreign_payloads import ForeignEvent
from chalicelib.bootstrap import Services
from chalicelib.errors import (
    AttemptSuperseded,
    FieldInvalid,
    LinkInvalid,
    LinksDisabled,
    NothingToValidate,
    ReportUnavailable,
    SchemaInvalid,
    SchemaUnknown,
    UploadNotFound,
    UploadUnregistered,
)
from chalicelib.http import headers as http_headers
from chalicelib.http import openapi, views
from chalicelib.http import requests as http_requests
from chalicelib.settings import Settings
from chalicelib.telemetry import logs
from chalicelib.uploads import object_key
from chalicelib.uploads.lifecycle import SETTLER
from chalicelib.uploads.messages import Registration, ReplayRequest, StatusUpdate, ValidationRequest
from chalicelib.uploads.paging import ErrorQuery, UploadQuery
from chalicelib.uploads.read_models import (
    ErrorPage,
    Health,
    RegisteredUpload,
    SchemaNames,
    SharedReport,
    SignedLink,
    Upload,
    UploadForm,
    UploadPage,
)
from chalicelib.uploads.reports import ReportQuery
from chalicelib.web import Served

app = Chalice(app_name="assay", configure_logs=False)
logs.configure()

# The settings that cannot wait: Chalice subscribes functions to the bucket and to the state machine, and tells API
# Gateway how to make sure who asks, while it packages.
UPLOADS_BUCKET = os.environ.get("UPLOADS_BUCKET", "assay-uploads")
STATE_MACHINE_NAME = os.environ.get("STATE_MACHINE_NAME", "assay-csv-processing")
AUTHORIZER = http_requests.authorizer(os.environ.get("USER_POOL_ARNS", ""))


@cache
def services() -> Services:
    """Compose what this deployment's environment asks for; raises SettingsIncomplete."""
    return Services(Settings.from_environment(os.environ))


def owner() -> str | None:
    """Say whose uploads the present request may see; None for all."""
    return http_requests.owner(app.current_request, services().owner_claim)


def caller() -> str:
    """Name whoever makes the present request, for the audit."""
    return http_requests.caller(app.current_request, owner())


@app.middleware("all")
def log_invocation(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Log one canonical line for whatever has been invoked."""
    context = getattr(event, "lambda_context", None) or event.context
    with logs.invocation(context.function_name, context.aws_request_id):
        return get_response(event)


@app.middleware("http")
def give_problems_our_form(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Answer with problem details even where Chalice does not ask us."""
    return views.in_our_form(get_response(event))


@app.middleware("http")
def count_faults(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Count the requests that we fail: Lambda takes an answer of 500 or 503 for a success."""
    response = get_response(event)
    logs.note(faults=int(response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR))
    return response


@app.on_s3_event(bucket=UPLOADS_BUCKET, events=["s3:ObjectCreated:*"], prefix=object_key.PREFIX)
def csv_orchestrator(event: ForeignEvent) -> None:
    """S3 notification: record an attempt at each object and start its execution."""
    receive_uploads = services().receive_uploads(event.context.invoked_function_arn)
    receive_uploads(s3_notifications.objects_created(event.to_dict()))


@app.lambda_function(name="csv_validator")
def csv_validator(event: object, _context: object) -> Any:
    """Step Functions task: ValidationRequest in, ValidationResponse out."""
    request = codec.structure(event, ValidationRequest)
    return codec.unstructure(services().validate_upload(request))


@app.lambda_function(name="upload_status")
def upload_status(event: object, _context: object) -> Any:
    """Step Functions task: StatusUpdate in, StatusReply out."""
    update = codec.structure(event, StatusUpdate)
    return codec.unstructure(services().record_verdict(update))


@app.on_cw_event(status_changes.pattern(STATE_MACHINE_NAME))
def execution_settler(event: ForeignEvent) -> None:
    """EventBridge, of an execution that came to nothing: see to the upload that waits for it."""
    settle = services().settle_execution(event.context.invoked_function_arn)
    settle(status_changes.execution(event.to_dict()), SETTLER)


@app.schedule("rate(5 minutes)")
def upload_sweep(event: ForeignEvent) -> None:
    """By the clock: look for what nobody has told of."""
    services().sweep(event.context.invoked_function_arn)()


# Chalice's own classes read these events before anybody can say what is wrong with them.
for by_event in (csv_orchestrator, execution_settler, upload_sweep):
    by_event.event_class = ForeignEvent


@app.lambda_function(name="migrate")
def migrate(_event: object, _context: object) -> Any:
    """By hand or from a deployment: bring the database up to date and name the migrations that ran."""
    return {"applied": services().migrate()}


@app.route("/uploads", methods=["POST"], authorizer=AUTHORIZER)
@views.json_view(
    app,
    status=HTTPStatus.CREATED,
    body=Registration,
    problems=[FieldInvalid, SchemaInvalid],
    headers=http_headers.location,
)
def register_upload(body: Registration) -> RegisteredUpload:
    """Announce a file, and get the form that uploads it."""
    return services().register_upload(body, caller(), owner(), http_requests.address(app.current_request))


@app.route("/uploads", authorizer=AUTHORIZER)
@views.json_view(app, query=UploadQuery)
def list_uploads(query: UploadQuery) -> UploadPage:
    """List uploads, newest first."""
    return services().list_uploads(query, owner())


@app.route("/uploads/{upload_id}", authorizer=AUTHORIZER)
@views.json_view(app, problems=[UploadNotFound], headers=http_headers.retry_after)
def find_upload(upload_id: str) -> Upload:
    """Tell what is known of an upload."""
    return services().find_upload(upload_id, owner())


@app.route("/uploads/{upload_id}/errors", authorizer=AUTHORIZER)
@views.json_view(app, query=ErrorQuery, problems=[UploadNotFound, FieldInvalid], headers=http_headers.kept_by_nobody)
def list_errors(upload_id: str, query: ErrorQuery) -> ErrorPage:
    """List the errors of an upload, in the order in which they were found."""
    return services().list_errors(upload_id, query, owner())


@app.route("/uploads/{upload_id}/report", authorizer=AUTHORIZER)
@views.json_view(
    app,
    status=HTTPStatus.SEE_OTHER,
    query=ReportQuery,
    problems=[UploadNotFound, ReportUnavailable],
    headers=http_headers.shared,
)
def share_report(upload_id: str, query: ReportQuery) -> SharedReport:
    """Send whoever asks on to the full report on an upload."""
    return services().share_report(upload_id, query.format.file, owner())


@app.route("/uploads/{upload_id}/attempts", methods=["POST"], authorizer=AUTHORIZER)
@views.json_view(
    app,
    status=HTTPStatus.ACCEPTED,
    body=ReplayRequest,
    problems=[UploadNotFound, NothingToValidate, AttemptSuperseded],
    headers=http_headers.retry_after,
)
def replay_upload(upload_id: str, body: ReplayRequest) -> Upload:
    """Begin another attempt at an upload."""
    replay = services().replay_upload(app.lambda_context.invoked_function_arn)
    return replay(upload_id, body, caller(), owner())


@app.route("/uploads/{upload_id}/links", methods=["POST"], authorizer=AUTHORIZER)
@views.json_view(app, status=HTTPStatus.CREATED, problems=[UploadNotFound, LinksDisabled])
def renew_link(upload_id: str) -> SignedLink:
    """Give another link to an upload, for whoever has no account."""
    return services().renew_link(upload_id, owner(), http_requests.address(app.current_request))


@app.route("/schemas", authorizer=AUTHORIZER)
@views.json_view(app)
def list_schemas() -> SchemaNames:
    """List the names of the schemas."""
    return services().show_schemas.names()


@app.route("/schemas/{name}", authorizer=AUTHORIZER)
@views.json_view(app, problems=[SchemaUnknown, SchemaInvalid])
def find_schema(name: str) -> Mapping[str, Any]:
    """Give a schema: a Table Schema descriptor."""
    return services().show_schemas.descriptor(name)


@app.route("/links/{token}/upload")
@views.json_view(app, problems=[LinkInvalid, UploadNotFound], headers=http_headers.retry_after)
def find_linked_upload(token: str) -> Upload:
    """Tell whoever has a link what is known of its upload."""
    return services().find_linked_upload(token)


@app.route("/links/{token}/errors")
@views.json_view(
    app, query=ErrorQuery, problems=[LinkInvalid, UploadNotFound, FieldInvalid], headers=http_headers.kept_by_nobody
)
def list_linked_errors(token: str, query: ErrorQuery) -> ErrorPage:
    """List for whoever has a link the errors of its upload."""
    return services().list_errors(services().link_upload.open(token), query)


@app.route("/links/{token}/report")
@views.json_view(
    app,
    status=HTTPStatus.SEE_OTHER,
    query=ReportQuery,
    problems=[LinkInvalid, UploadNotFound, ReportUnavailable],
    headers=http_headers.shared,
)
def share_linked_report(token: str, query: ReportQuery) -> SharedReport:
    """Send whoever has a link on to the full report on its upload."""
    return services().share_report(services().link_upload.open(token), query.format.file)


@app.route("/links/{token}/form", methods=["POST"])
@views.json_view(app, status=HTTPStatus.CREATED, problems=[LinkInvalid, UploadNotFound, UploadUnregistered])
def renew_form(token: str) -> UploadForm:
    """Give whoever has a link a new form, to upload the file or to replace it."""
    return services().renew_form(services().link_upload.open(token))


@app.route("/openapi.json")
@views.json_view(app)
def describe_api() -> Mapping[str, Any]:
    """Describe this API (OpenAPI 3.1)."""
    return openapi.document(app, http_requests.address(app.current_request))


@app.route("/", authorizer=AUTHORIZER)
@views.file_view
def show_page() -> Served:
    """Give the page, with everything on it."""
    return web.document(app.current_request.context["path"], sends_to=(services().form_origin,))


@app.route("/links/{token}")
@views.file_view
def show_linked_page(token: str) -> Served:  # noqa: ARG001 - what the page asks for then is what needs the token
    """Give the page, which shows the one upload of a link."""
    return web.document(app.current_request.context["path"], sends_to=(services().form_origin,))


@app.route("/page/{version}/{name}")
@views.file_view
def page_file(version: str, name: str) -> Served:
    """Give one of the page's files: they are the same for everybody, and say nothing of anybody."""
    return web.file(version, name)


@app.route("/health")
@views.json_view(app)
def health() -> Health:
    """Tell whether Assay can do its job."""
    return services().check_health()
