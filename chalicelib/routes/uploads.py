"""Routes of uploads, for those who sign in: register, list, find, replace, replay, and get reports and rows."""

from http import HTTPStatus

from chalice import Blueprint

from chalicelib.bootstrap import services
from chalicelib.errors import (
    AttemptSuperseded,
    FieldInvalid,
    LinksDisabled,
    NothingToValidate,
    ReportUnavailable,
    ResultUnavailable,
    SchemaInvalid,
    UploadNotFound,
)
from chalicelib.http import headers as http_headers
from chalicelib.http import requests as http_requests
from chalicelib.http import views
from chalicelib.routes.callers import AUTHORIZER, caller, owner
from chalicelib.uploads import downloads, links, queries, register, replay
from chalicelib.uploads.downloads import Downloads
from chalicelib.uploads.messages import Registration, ReplayRequest
from chalicelib.uploads.paging import ErrorQuery, UploadQuery
from chalicelib.uploads.parts.progress import with_progress
from chalicelib.uploads.read_models import (
    ErrorCauses,
    ErrorPage,
    RegisteredUpload,
    SharedReport,
    SharedResult,
    SignedLink,
    Upload,
    UploadForm,
    UploadPage,
)
from chalicelib.uploads.reports import ReportQuery
from chalicelib.uploads.results import ResultQuery

routes = Blueprint("app")


@routes.route("/uploads", methods=["POST"], authorizer=AUTHORIZER)
@views.json_view(
    routes,
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
        address=http_requests.address(routes.current_request),
        bucket=services().uploads_bucket,
        uploads=services().uploads,
        schemas=services().schemas,
        forms=services().forms,
        tokens=services().link_tokens,
        key_filter=services().key_filter,
    )


@routes.route("/uploads", authorizer=AUTHORIZER)
@views.json_view(routes, query=UploadQuery)
def list_uploads(query: UploadQuery) -> UploadPage:
    """List uploads, newest first."""
    return queries.list_uploads(query, owner=owner(), uploads=services().uploads)


@routes.route("/uploads/{upload_id}", authorizer=AUTHORIZER)
@views.json_view(routes, problems=[UploadNotFound], headers=http_headers.retry_after)
def find_upload(upload_id: str) -> Upload:
    """Get an upload: its status, attempts, timeline and first errors."""
    upload = queries.find_upload(upload_id, owner=owner(), uploads=services().uploads)
    return with_progress(upload, services().part_files)


@routes.route("/uploads/{upload_id}/errors", authorizer=AUTHORIZER)
@views.json_view(routes, query=ErrorQuery, problems=[UploadNotFound, FieldInvalid], headers=http_headers.no_store)
def list_errors(upload_id: str, query: ErrorQuery) -> ErrorPage:
    """List the errors of an upload, in the order in which they were found."""
    return queries.list_errors(upload_id, query, owner=owner(), uploads=services().uploads, reports=services().reports)


@routes.route("/uploads/{upload_id}/causes", authorizer=AUTHORIZER)
@views.json_view(routes, problems=[UploadNotFound], headers=http_headers.no_store)
def find_causes(upload_id: str) -> ErrorCauses:
    """Get what is wrong with the file of an upload, by column and code, the most frequent first."""
    return queries.find_causes(upload_id, owner=owner(), uploads=services().uploads, reports=services().reports)


@routes.route("/uploads/{upload_id}/report", authorizer=AUTHORIZER)
@views.json_view(
    routes,
    status=HTTPStatus.SEE_OTHER,
    query=ReportQuery,
    problems=[UploadNotFound, ReportUnavailable],
    headers=http_headers.see_other,
)
def share_report(upload_id: str, query: ReportQuery) -> SharedReport:
    """Redirect to the full report on an upload."""
    return queries.share_report(
        upload_id, query.format, owner=owner(), uploads=services().uploads, reports=services().reports
    )


@routes.route("/uploads/{upload_id}/report-url", authorizer=AUTHORIZER)
@views.json_view(routes, query=ReportQuery, problems=[UploadNotFound, ReportUnavailable], headers=http_headers.no_store)
def find_report_url(upload_id: str, query: ReportQuery) -> SharedReport:
    """Get a URL of the full report on an upload, for pages: they cannot send a token and follow a redirect."""
    return queries.share_report(
        upload_id, query.format, owner=owner(), uploads=services().uploads, reports=services().reports
    )


@routes.route("/uploads/{upload_id}/downloads", authorizer=AUTHORIZER)
@views.json_view(routes, problems=[UploadNotFound], headers=http_headers.no_store)
def find_downloads(upload_id: str) -> Downloads:
    """Get which files of an upload exist: the formats of its report, and the parts of its rows."""
    return downloads.find_downloads(
        upload_id,
        owner=owner(),
        uploads=services().uploads,
        reports=services().reports,
        results=services().results,
    )


@routes.route("/uploads/{upload_id}/result-url", authorizer=AUTHORIZER)
@views.json_view(routes, query=ResultQuery, problems=[UploadNotFound, ResultUnavailable], headers=http_headers.no_store)
def find_result_url(upload_id: str, query: ResultQuery) -> SharedResult:
    """Get a URL of the accepted or the rejected rows of an upload."""
    return queries.share_result(
        upload_id, query.part, owner=owner(), uploads=services().uploads, results=services().results
    )


@routes.route("/uploads/{upload_id}/form", methods=["POST"], authorizer=AUTHORIZER)
@views.json_view(routes, status=HTTPStatus.CREATED, problems=[UploadNotFound])
def renew_upload_form(upload_id: str) -> UploadForm:
    """Get another form for an upload, to upload its file or to replace it."""
    return register.renew_form(upload_id, owner=owner(), uploads=services().uploads, forms=services().forms)


@routes.route("/uploads/{upload_id}/attempts", methods=["POST"], authorizer=AUTHORIZER)
@views.json_view(
    routes,
    status=HTTPStatus.ACCEPTED,
    body=ReplayRequest,
    problems=[UploadNotFound, NothingToValidate, AttemptSuperseded],
    headers=http_headers.retry_after,
)
def replay_upload(upload_id: str, body: ReplayRequest) -> Upload:
    """Begin another attempt at an upload."""
    executions = services().executions(routes.lambda_context.invoked_function_arn)
    return replay.replay_upload(
        upload_id, body, actor=caller(), owner=owner(), uploads=services().uploads, executions=executions
    )


@routes.route("/uploads/{upload_id}/links", methods=["POST"], authorizer=AUTHORIZER)
@views.json_view(routes, status=HTTPStatus.CREATED, problems=[UploadNotFound, LinksDisabled])
def renew_link(upload_id: str) -> SignedLink:
    """Get another partner link to an upload."""
    address = http_requests.address(routes.current_request)
    tokens = services().link_tokens
    return links.renew_link(upload_id, owner=owner(), address=address, uploads=services().uploads, tokens=tokens)
