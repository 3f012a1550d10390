"""Assay's Lambda functions and HTTP routes: each decodes, calls a use case, and encodes.

Importing this module opens no connection and loads no validation engine. A function creates what it needs on its first
invocation, and keeps it.
"""

import os
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from chalice import Chalice, IAMAuthorizer
from chalice.app import AuthRequest

from chalicelib import codec, web, words
from chalicelib.aws import lambda_events
from chalicelib.aws.lambda_events import RawEvent
from chalicelib.bootstrap import Services
from chalicelib.errors import (
    AttemptSuperseded,
    FieldInvalid,
    LinkInvalid,
    LinksDisabled,
    NothingToValidate,
    ReportUnavailable,
    ResultUnavailable,
    SchemaInvalid,
    SchemaUnknown,
    UploadNotFound,
)
from chalicelib.http import headers as http_headers
from chalicelib.http import openapi, sign_in, views
from chalicelib.http import requests as http_requests
from chalicelib.http.sign_in import Caller, SignInOptions
from chalicelib.schemas import DEFAULT
from chalicelib.settings import Settings
from chalicelib.telemetry import logs
from chalicelib.uploads import (
    downloads,
    links,
    object_key,
    queries,
    receive,
    record_verdict,
    register,
    replay,
    settle,
    templates,
)
from chalicelib.uploads.downloads import Downloads
from chalicelib.uploads.lifecycle import SETTLER
from chalicelib.uploads.messages import LoadRequest, Registration, ReplayRequest, StatusUpdate, ValidationRequest
from chalicelib.uploads.paging import ErrorQuery, UploadQuery
from chalicelib.uploads.read_models import (
    ErrorCauses,
    ErrorPage,
    Health,
    RegisteredUpload,
    SchemaNames,
    SharedReport,
    SharedResult,
    SignedLink,
    Upload,
    UploadForm,
    UploadPage,
)
from chalicelib.uploads.reports import ReportQuery
from chalicelib.uploads.results import ResultQuery
from chalicelib.uploads.templates import Template, TemplateQuery
from chalicelib.validation.reporting.agreement import Agreement
from chalicelib.web import StaticFile

app = Chalice(app_name="assay", configure_logs=False)
logs.configure()

# Chalice reads these while it packages: to subscribe functions to the bucket and the state machine.
UPLOADS_BUCKET = os.environ.get("UPLOADS_BUCKET", "assay-uploads")
NOTIFICATION_PREFIX = os.environ.get("NOTIFICATION_PREFIX") or object_key.PREFIX
NOTIFICATION_SUFFIX = os.environ.get("NOTIFICATION_SUFFIX") or None
STATE_MACHINE_NAME = os.environ.get("STATE_MACHINE_NAME", "assay-csv-processing")
AUTHORIZATION_SECONDS = 60
"""How long API Gateway reuses the authorizer's answer for a token, even if the token expires meanwhile."""


@cache
def services() -> Services:
    """Return what this deployment's environment configures; raises SettingsIncomplete."""
    return Services(Settings.from_environment(os.environ))


def owner() -> str | None:
    """Return the owner whose uploads the current request may see; None for all."""
    return http_requests.owner(app.current_request, services().owner_claim)


def caller() -> str:
    """Return the current request's caller, for the audit."""
    return f"api:{http_requests.caller(app.current_request, owner())}"


def link_token() -> str:
    """Return the token of the current request's partner link. It is in a header, because URLs are logged."""
    return http_requests.bearer_token(app.current_request)


def language() -> str:
    """Return the language that the current request prefers."""
    return words.preferred(app.current_request.headers.get("accept-language", ""))


def page_document() -> StaticFile:
    """Return the page for the current request, in the language that the browser prefers."""
    return web.document(app.current_request.context["path"], language=language(), sends_to=services().request_origins)


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


@app.authorizer(ttl_seconds=AUTHORIZATION_SECONDS)
def token_authorizer(request: AuthRequest) -> dict[str, Any]:
    """Authorize a request by its bearer token, where people sign in."""
    with logs.invocation(os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "token_authorizer"), ""):
        return services().authorizer.authorize(request.token, request.method_arn)


# A method has one authorizer: a stage either lets people sign in, or takes requests signed with IAM credentials.
AUTHORIZER = token_authorizer if os.environ.get("SIGN_IN_ISSUER") else IAMAuthorizer()


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
    )
    return codec.unstructure(response)


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
    return register.register_upload(
        body,
        actor=caller(),
        owner=owner(),
        address=http_requests.address(app.current_request),
        bucket=services().uploads_bucket,
        uploads=services().uploads,
        schemas=services().schemas,
        forms=services().forms,
        tokens=services().link_tokens,
        key_filter=services().key_filter,
    )


@app.route("/uploads", authorizer=AUTHORIZER)
@views.json_view(app, query=UploadQuery)
def list_uploads(query: UploadQuery) -> UploadPage:
    """List uploads, newest first."""
    return queries.list_uploads(query, owner=owner(), uploads=services().uploads)


@app.route("/uploads/{upload_id}", authorizer=AUTHORIZER)
@views.json_view(app, problems=[UploadNotFound], headers=http_headers.retry_after)
def find_upload(upload_id: str) -> Upload:
    """Get an upload: its status, attempts, timeline and first errors."""
    return queries.find_upload(upload_id, owner=owner(), uploads=services().uploads)


@app.route("/uploads/{upload_id}/errors", authorizer=AUTHORIZER)
@views.json_view(app, query=ErrorQuery, problems=[UploadNotFound, FieldInvalid], headers=http_headers.no_store)
def list_errors(upload_id: str, query: ErrorQuery) -> ErrorPage:
    """List the errors of an upload, in the order in which they were found."""
    return queries.list_errors(upload_id, query, owner=owner(), uploads=services().uploads, reports=services().reports)


@app.route("/uploads/{upload_id}/causes", authorizer=AUTHORIZER)
@views.json_view(app, problems=[UploadNotFound], headers=http_headers.no_store)
def find_causes(upload_id: str) -> ErrorCauses:
    """Get what is wrong with the file of an upload, by column and code, the most frequent first."""
    return queries.find_causes(upload_id, owner=owner(), uploads=services().uploads, reports=services().reports)


@app.route("/uploads/{upload_id}/report", authorizer=AUTHORIZER)
@views.json_view(
    app,
    status=HTTPStatus.SEE_OTHER,
    query=ReportQuery,
    problems=[UploadNotFound, ReportUnavailable],
    headers=http_headers.see_other,
)
def share_report(upload_id: str, query: ReportQuery) -> SharedReport:
    """Redirect to the full report on an upload."""
    return queries.share_report(
        upload_id, query.format.file, owner=owner(), uploads=services().uploads, reports=services().reports
    )


@app.route("/uploads/{upload_id}/report-url", authorizer=AUTHORIZER)
@views.json_view(app, query=ReportQuery, problems=[UploadNotFound, ReportUnavailable], headers=http_headers.no_store)
def find_report_url(upload_id: str, query: ReportQuery) -> SharedReport:
    """Get a URL of the full report on an upload, for pages: they cannot send a token and follow a redirect."""
    return queries.share_report(
        upload_id, query.format.file, owner=owner(), uploads=services().uploads, reports=services().reports
    )


@app.route("/uploads/{upload_id}/downloads", authorizer=AUTHORIZER)
@views.json_view(app, problems=[UploadNotFound], headers=http_headers.no_store)
def find_downloads(upload_id: str) -> Downloads:
    """Get which files of an upload exist: the formats of its report, and the parts of its rows."""
    return downloads.find_downloads(
        upload_id,
        owner=owner(),
        uploads=services().uploads,
        reports=services().reports,
        results=services().results,
    )


@app.route("/uploads/{upload_id}/result-url", authorizer=AUTHORIZER)
@views.json_view(app, query=ResultQuery, problems=[UploadNotFound, ResultUnavailable], headers=http_headers.no_store)
def find_result_url(upload_id: str, query: ResultQuery) -> SharedResult:
    """Get a URL of the accepted or the rejected rows of an upload."""
    return queries.share_result(
        upload_id, query.part, owner=owner(), uploads=services().uploads, results=services().results
    )


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
    executions = services().executions(app.lambda_context.invoked_function_arn)
    return replay.replay_upload(
        upload_id, body, actor=caller(), owner=owner(), uploads=services().uploads, executions=executions
    )


@app.route("/uploads/{upload_id}/links", methods=["POST"], authorizer=AUTHORIZER)
@views.json_view(app, status=HTTPStatus.CREATED, problems=[UploadNotFound, LinksDisabled])
def renew_link(upload_id: str) -> SignedLink:
    """Get another partner link to an upload."""
    address = http_requests.address(app.current_request)
    tokens = services().link_tokens
    return links.renew_link(upload_id, owner=owner(), address=address, uploads=services().uploads, tokens=tokens)


@app.route("/schemas", authorizer=AUTHORIZER)
@views.json_view(app)
def list_schemas() -> SchemaNames:
    """List the names of the schemas, and which of them are broken."""
    return queries.list_schemas(schemas=services().schemas)


@app.route("/schemas/{name}", authorizer=AUTHORIZER)
@views.json_view(app, problems=[SchemaUnknown, SchemaInvalid])
def find_schema(name: str) -> Mapping[str, Any]:
    """Get a schema: a Table Schema descriptor."""
    return queries.find_schema(name, schemas=services().schemas)


@app.route("/schemas/{name}/agreement", authorizer=AUTHORIZER)
@views.json_view(app, problems=[SchemaUnknown, SchemaInvalid])
def find_agreement(name: str) -> Agreement:
    """Get what a schema asks of a file, column by column, with examples."""
    return queries.find_agreement(name, schemas=services().schemas)


@app.route("/schemas/{name}/template", authorizer=AUTHORIZER)
@views.json_view(app, query=TemplateQuery, problems=[SchemaUnknown, SchemaInvalid])
def find_template(name: str, query: TemplateQuery) -> Template:
    """Get an empty file with the columns of a schema."""
    return templates.find_template(name, query.format, language=language(), schemas=services().schemas)


@app.route("/link/upload")
@views.json_view(app, problems=[LinkInvalid, UploadNotFound], headers=http_headers.retry_after)
def find_linked_upload() -> Upload:
    """Get the upload of a partner link."""
    return links.find_linked_upload(link_token(), uploads=services().uploads, tokens=services().link_tokens)


@app.route("/link/errors")
@views.json_view(
    app, query=ErrorQuery, problems=[LinkInvalid, UploadNotFound, FieldInvalid], headers=http_headers.no_store
)
def list_linked_errors(query: ErrorQuery) -> ErrorPage:
    """List the errors of the upload of a partner link."""
    upload_id = links.open_link(link_token(), tokens=services().link_tokens)
    return queries.list_errors(upload_id, query, uploads=services().uploads, reports=services().reports)


@app.route("/link/causes")
@views.json_view(app, problems=[LinkInvalid, UploadNotFound], headers=http_headers.no_store)
def find_linked_causes() -> ErrorCauses:
    """Get what is wrong with the file of the upload of a partner link."""
    upload_id = links.open_link(link_token(), tokens=services().link_tokens)
    return queries.find_causes(upload_id, uploads=services().uploads, reports=services().reports)


@app.route("/link/agreement")
@views.json_view(app, problems=[LinkInvalid, UploadNotFound, SchemaUnknown, SchemaInvalid])
def find_linked_agreement() -> Agreement:
    """Get what the schema of the upload of a partner link asks of its file."""
    upload = links.find_linked_upload(link_token(), uploads=services().uploads, tokens=services().link_tokens)
    return queries.find_agreement(upload.schema or DEFAULT, schemas=services().schemas)


@app.route("/link/template")
@views.json_view(app, query=TemplateQuery, problems=[LinkInvalid, UploadNotFound, SchemaUnknown, SchemaInvalid])
def find_linked_template(query: TemplateQuery) -> Template:
    """Get an empty file with the columns of the schema of the upload of a partner link."""
    upload = links.find_linked_upload(link_token(), uploads=services().uploads, tokens=services().link_tokens)
    schema = upload.schema or DEFAULT
    return templates.find_template(schema, query.format, language=language(), schemas=services().schemas)


@app.route("/link/downloads")
@views.json_view(app, problems=[LinkInvalid, UploadNotFound], headers=http_headers.no_store)
def find_linked_downloads() -> Downloads:
    """Get which files of the upload of a partner link exist."""
    upload_id = links.open_link(link_token(), tokens=services().link_tokens)
    return downloads.find_downloads(
        upload_id, uploads=services().uploads, reports=services().reports, results=services().results
    )


@app.route("/link/report-url")
@views.json_view(
    app,
    query=ReportQuery,
    problems=[LinkInvalid, UploadNotFound, ReportUnavailable],
    headers=http_headers.no_store,
)
def share_linked_report(query: ReportQuery) -> SharedReport:
    """Get a URL of the full report on the upload of a partner link."""
    upload_id = links.open_link(link_token(), tokens=services().link_tokens)
    return queries.share_report(upload_id, query.format.file, uploads=services().uploads, reports=services().reports)


@app.route("/link/result-url")
@views.json_view(
    app,
    query=ResultQuery,
    problems=[LinkInvalid, UploadNotFound, ResultUnavailable],
    headers=http_headers.no_store,
)
def share_linked_result(query: ResultQuery) -> SharedResult:
    """Get a URL of the accepted or the rejected rows of the upload of a partner link."""
    upload_id = links.open_link(link_token(), tokens=services().link_tokens)
    return queries.share_result(upload_id, query.part, uploads=services().uploads, results=services().results)


@app.route("/link/form", methods=["POST"])
@views.json_view(app, status=HTTPStatus.CREATED, problems=[LinkInvalid, UploadNotFound])
def renew_form() -> UploadForm:
    """Get another form for the upload of a partner link, to upload its file or to replace it."""
    upload_id = links.open_link(link_token(), tokens=services().link_tokens)
    return links.renew_form(upload_id, uploads=services().uploads, forms=services().forms)


@app.route("/sign-in")
@views.json_view(app)
def show_sign_in() -> SignInOptions:
    """Get how people sign in."""
    return sign_in.options(services().sign_in)


@app.route("/caller", authorizer=AUTHORIZER)
@views.json_view(app)
def show_caller() -> Caller:
    """Get who you are, and whose uploads you see."""
    return Caller(name=http_requests.caller(app.current_request, owner()), owner=owner())


@app.route("/openapi.json")
@views.json_view(app)
def describe_api() -> Mapping[str, Any]:
    """Describe this API (OpenAPI 3.1)."""
    return openapi.document(app, http_requests.address(app.current_request))


@app.route("/")
@app.route("/links")
@views.file_view
def show_page() -> StaticFile:
    """Return the page, which contains no data: what it then asks for needs a token."""
    return page_document()


@app.route("/links/{token}")
@views.file_view
def show_linked_page(token: str) -> StaticFile:  # noqa: ARG001 - the page reads it
    """Return the page for a link of an earlier release, which has its token in the path."""
    return page_document()


@app.route("/page/{version}/{name}")
@views.file_view
def page_file(version: str, name: str) -> StaticFile:
    """Return one of the page's files, which are the same for all callers and contain no data."""
    return web.file(version, name)


@app.route("/health")
@views.json_view(app, headers=http_headers.shared_for_seconds)
def health() -> Health:
    """Check whether Assay works."""
    return services().health.check()
