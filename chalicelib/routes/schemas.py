"""Routes of schemas, for those who sign in."""

from collections.abc import Mapping
from typing import Any

from chalice import Blueprint

from chalicelib.bootstrap import services
from chalicelib.errors import SchemaInvalid, SchemaUnknown
from chalicelib.http import requests as http_requests
from chalicelib.http import views
from chalicelib.routes.callers import AUTHORIZER
from chalicelib.uploads import queries, templates
from chalicelib.uploads.read_models import SchemaNames
from chalicelib.uploads.templates import Template, TemplateQuery
from chalicelib.validation.reporting.agreement import Agreement

routes = Blueprint("app")


@routes.route("/schemas", authorizer=AUTHORIZER)
@views.json_view(routes)
def list_schemas() -> SchemaNames:
    """List the names of the schemas, and which of them are broken."""
    return queries.list_schemas(schemas=services().schemas)


@routes.route("/schemas/{name}", authorizer=AUTHORIZER)
@views.json_view(routes, problems=[SchemaUnknown, SchemaInvalid])
def find_schema(name: str) -> Mapping[str, Any]:
    """Get a schema: a Table Schema descriptor."""
    return queries.find_schema(name, schemas=services().schemas)


@routes.route("/schemas/{name}/agreement", authorizer=AUTHORIZER)
@views.json_view(routes, problems=[SchemaUnknown, SchemaInvalid])
def find_agreement(name: str) -> Agreement:
    """Get what a schema asks of a file, column by column, with examples."""
    return queries.find_agreement(name, schemas=services().schemas)


@routes.route("/schemas/{name}/template", authorizer=AUTHORIZER)
@views.json_view(routes, query=TemplateQuery, problems=[SchemaUnknown, SchemaInvalid])
def find_template(name: str, query: TemplateQuery) -> Template:
    """Get an empty file with the columns of a schema."""
    return templates.find_template(
        name, query.format, language=http_requests.language(routes.current_request), schemas=services().schemas
    )
