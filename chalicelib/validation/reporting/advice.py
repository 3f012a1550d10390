"""What to do about each kind of error, in a sentence for whoever has the file."""

from collections.abc import Mapping
from types import MappingProxyType

from chalicelib.validation.report import ErrorCode

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        ErrorCode.SOURCE_ERROR: "Export the file again: this one is empty.",
        ErrorCode.FORMAT_ERROR: "Save the data as CSV text, with the separator that was agreed on.",
        ErrorCode.COMPRESSION_ERROR: "Compress the file anew with gzip and upload it whole, or upload it as it is.",
        ErrorCode.OVERSIZED_FILE: "Split the file into several, each with the header.",
        ErrorCode.UNKNOWN_SCHEMA: "Name one of the datasets that exist, and upload the file again.",
        ErrorCode.BLANK_LABEL: "Give the column a name in the header.",
        ErrorCode.DUPLICATE_LABEL: "Give each column a name of its own.",
        ErrorCode.INCORRECT_LABEL: "Rename the column, or put the columns into the order that was agreed on.",
        ErrorCode.MISSING_LABEL: "Add the column, with its name in the header.",
        ErrorCode.EXTRA_LABEL: "Remove the column, or have it added to the schema.",
        ErrorCode.BLANK_ROW: "Delete the empty row.",
        ErrorCode.MISSING_CELL: "Fill the row up: each column needs its separator, even where it has no value.",
        ErrorCode.EXTRA_CELL: "Look for a separator too many, or for a text that contains one and is not in quotes.",
        ErrorCode.TYPE_ERROR: "Write the value in the form that the message names.",
        ErrorCode.CONSTRAINT_ERROR: (
            "Fill in the cell if it is empty; else bring it within the limits that the message names."
        ),
        ErrorCode.UNIQUE_ERROR: "Keep one of the rows that share the value, or correct the others.",
        ErrorCode.PRIMARY_KEY: "Give each row a key of its own that is not empty.",
        ErrorCode.FOREIGN_KEY: "Add the row that is referred to, or correct the reference.",
        ErrorCode.QUOTE_ERROR: "Put the whole cell into quotes, and write each quote inside it twice.",
        ErrorCode.ENCODING_ERROR: "Save the file in the encoding that the message names, which usually is UTF-8.",
        ErrorCode.OVERSIZED_RECORD: "Look for a quote that is opened and never closed: it makes one record of many.",
        ErrorCode.SYSTEM_ERROR: "Upload the file again; if that does not help, tell whoever runs this service.",
    }
)

_OTHERWISE = "See what the message of each error asks for."


def advice(code: str) -> str:
    """Say what to do about errors of a code."""
    return ADVICE.get(code, _OTHERWISE)
