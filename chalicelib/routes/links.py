"""Routes of partner links: their token names the one upload that its holder may see."""

from http import HTTPStatus

from chalice import Blueprint

from chalicelib.bootstrap import services
from chalicelib.errors import (
    FieldInvalid,
    LinkInvalid,
    ReportUnavailable,
    ResultUnavailable,
    SchemaInvalid,
    SchemaUnknown,
    UploadNotFound,
)
from chalicelib.http import headers as http_headers
from chalicelib.http import requests as http_requests
from chalicelib.http import views
from chalicelib.schemas import DEFAULT
from chalicelib.uploads import downloads, links, queries, register, templates
from chalicelib.uploads.downloads import Downloads
from chalicelib.uploads.paging import ErrorQuery
from chalicelib.uploads.parts.progress import with_progress
from chalicelib.uploads.read_models import ErrorCauses, ErrorPage, SharedReport, SharedResult, Upload, UploadForm
from chalicelib.uploads.reports import ReportQuery
from chalicelib.uploads.results import ResultQuery
from chalicelib.uploads.templates import Template, TemplateQuery
from chalicelib.validation.reporting.agreement import Agreement

routes = Blueprint("app")


def link_token() -> str:
    """Return the token of the current request's partner link. It is in a header, because URLs are logged."""
    return http_requests.bearer_token(routes.current_request)


@routes.route("/link/upload")
@views.json_view(routes, problems=[LinkInvalid, UploadNotFound], headers=http_headers.retry_after)
def find_linked_upload() -> Upload:
    """Get the upload of a partner link."""
    upload = links.find_linked_upload(link_token(), uploads=services().uploads, tokens=services().link_tokens)
    return with_progress(upload, services().part_files)


@routes.route("/link/errors")
@views.json_view(
    routes, query=ErrorQuery, problems=[LinkInvalid, UploadNotFound, FieldInvalid], headers=http_headers.no_store
)
def list_linked_errors(query: ErrorQuery) -> ErrorPage:
    """List the errors of the upload of a partner link."""
    upload_id = links.open_link(link_token(), tokens=services().link_tokens)
    return queries.list_errors(upload_id, query, uploads=services().uploads, reports=services().reports)


@routes.route("/link/causes")
@views.json_view(routes, problems=[LinkInvalid, UploadNotFound], headers=http_headers.no_store)
def find_linked_causes() -> ErrorCauses:
    """Get what is wrong with the file of the upload of a partner link."""
    upload_id = links.open_link(link_token(), tokens=services().link_tokens)
    return queries.find_causes(upload_id, uploads=services().uploads, reports=services().reports)


@routes.route("/link/agreement")
@views.json_view(routes, problems=[LinkInvalid, UploadNotFound, SchemaUnknown, SchemaInvalid])
def find_linked_agreement() -> Agreement:
    """Get what the schema of the upload of a partner link asks of its file."""
    upload = links.find_linked_upload(link_token(), uploads=services().uploads, tokens=services().link_tokens)
    return queries.find_agreement(upload.schema or DEFAULT, schemas=services().schemas)


@routes.route("/link/template")
@views.json_view(routes, query=TemplateQuery, problems=[LinkInvalid, UploadNotFound, SchemaUnknown, SchemaInvalid])
def find_linked_template(query: TemplateQuery) -> Template:
    """Get an empty file with the columns of the schema of the upload of a partner link."""
    upload = links.find_linked_upload(link_token(), uploads=services().uploads, tokens=services().link_tokens)
    schema = upload.schema or DEFAULT
    return templates.find_template(
        schema, query.format, language=http_requests.language(routes.current_request), schemas=services().schemas
    )


@routes.route("/link/downloads")
@views.json_view(routes, problems=[LinkInvalid, UploadNotFound], headers=http_headers.no_store)
def find_linked_downloads() -> Downloads:
    """Get which files of the upload of a partner link exist."""
    upload_id = links.open_link(link_token(), tokens=services().link_tokens)
    return downloads.find_downloads(
        upload_id, uploads=services().uploads, reports=services().reports, results=services().results
    )


@routes.route("/link/report-url")
@views.json_view(
    routes,
    query=ReportQuery,
    problems=[LinkInvalid, UploadNotFound, ReportUnavailable],
    headers=http_headers.no_store,
)
def share_linked_report(query: ReportQuery) -> SharedReport:
    """Get a URL of the full report on the upload of a partner link."""
    upload_id = links.open_link(link_token(), tokens=services().link_tokens)
    return queries.share_report(upload_id, query.format, uploads=services().uploads, reports=services().reports)


@routes.route("/link/result-url")
@views.json_view(
    routes,
    query=ResultQuery,
    problems=[LinkInvalid, UploadNotFound, ResultUnavailable],
    headers=http_headers.no_store,
)
def share_linked_result(query: ResultQuery) -> SharedResult:
    """Get a URL of the accepted or the rejected rows of the upload of a partner link."""
    upload_id = links.open_link(link_token(), tokens=services().link_tokens)
    return queries.share_result(upload_id, query.part, uploads=services().uploads, results=services().results)


@routes.route("/link/form", methods=["POST"])
@views.json_view(routes, status=HTTPStatus.CREATED, problems=[LinkInvalid, UploadNotFound])
def renew_form() -> UploadForm:
    """Get another form for the upload of a partner link, to upload its file or to replace it."""
    upload_id = links.open_link(link_token(), tokens=services().link_tokens)
    return register.renew_form(upload_id, uploads=services().uploads, forms=services().forms)
