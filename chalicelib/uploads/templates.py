"""Empty files with the columns of a schema, to fill in."""

from base64 import b64encode
from enum import StrEnum

from attrs import frozen

from chalicelib.uploads.queries import find_agreement
from chalicelib.uploads.storage_ports import SchemaRepository


class TemplateFormat(StrEnum):
    """The format of a template."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """The media type of the file."""
        return _CSV if self is TemplateFormat.CSV else _XLSX


_CSV = "text/csv; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@frozen(kw_only=True)
class TemplateQuery:
    """Asks for the template of a schema."""

    format: TemplateFormat = TemplateFormat.CSV


@frozen(kw_only=True)
class Template:
    """An empty file with the columns of a schema, to fill in."""

    filename: str
    media_type: str
    content: str
    """In Base64: API Gateway passes bytes only to callers who ask for their media type."""


def find_template(schema: str, format_: TemplateFormat, *, language: str, schemas: SchemaRepository) -> Template:
    """Return the template of a schema; raises SchemaUnknown, SchemaInvalid or Unavailable."""
    agreement = find_agreement(schema, schemas=schemas)
    if format_ is TemplateFormat.CSV:
        content = agreement.template()
    else:
        from chalicelib.validation.reporting.files.template import template_workbook  # noqa: PLC0415 - seldom needed

        content = template_workbook(agreement, language)
    return Template(filename=f"{schema}.{format_}", media_type=format_.media_type, content=b64encode(content).decode())
