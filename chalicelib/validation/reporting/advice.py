"""What to do about each kind of error, in one sentence for the sender of the file."""

from collections.abc import Mapping
from types import MappingProxyType

from chalicelib.validation.report import ErrorCode

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        ErrorCode.SOURCE_ERROR: "Export the file again: this one is empty.",
        ErrorCode.FORMAT_ERROR: "Save the data as CSV text, with the agreed separator.",
        ErrorCode.COMPRESSION_ERROR: "Compress the file again with gzip and upload it whole, or upload it as it is.",
        ErrorCode.OVERSIZED_FILE: "Split the file into several files, each with the header.",
        ErrorCode.CONTROL_ERROR: "Upload the whole file again, with the number of rows and the digest that it has.",
        ErrorCode.UNKNOWN_SCHEMA: "Name an existing dataset, and upload the file again.",
        ErrorCode.BLANK_LABEL: "Give the column a name in the header.",
        ErrorCode.DUPLICATE_LABEL: "Give each column a different name.",
        ErrorCode.INCORRECT_LABEL: "Rename the column, or put the columns into the agreed order.",
        ErrorCode.MISSING_LABEL: "Add the column, with its name in the header.",
        ErrorCode.EXTRA_LABEL: "Remove the column, or ask for it to be added to the schema.",
        ErrorCode.BLANK_ROW: "Delete the empty row.",
        ErrorCode.MISSING_CELL: "Complete the row: every column needs its separator, also where it has no value.",
        ErrorCode.EXTRA_CELL: "Look for an extra separator, or for text with a separator that is not in quotes.",
        ErrorCode.TYPE_ERROR: "Write the value in the form that the message describes.",
        ErrorCode.CONSTRAINT_ERROR: (
            "Fill in the cell if it is empty. Otherwise change the value to meet the rule in the message."
        ),
        ErrorCode.COMPLEX_CELL: "Nest less in the cell, or divide what it lists among several rows.",
        ErrorCode.UNIQUE_ERROR: "Keep one of the rows with this value, or correct the others.",
        ErrorCode.PRIMARY_KEY: "Give each row a key that is not empty and that no other row has.",
        ErrorCode.FOREIGN_KEY: "Add the row that this row refers to, or correct the reference.",
        ErrorCode.QUOTE_ERROR: "Put the whole cell in quotes, and write each quote inside it twice.",
        ErrorCode.ENCODING_ERROR: "Save the file in the encoding that the message names, usually UTF-8.",
        ErrorCode.OVERSIZED_RECORD: "Look for a quote that is opened and never closed: it joins many rows into one.",
        ErrorCode.SYSTEM_ERROR: "The file is not to blame. If the message names SchemaInvalid, correct the schema. "
        "Otherwise upload the file again, and if that does not help, contact the operators of this service.",
    }
)

_DEFAULT = "Follow the message of each error."


def advice(code: str) -> str:
    """Return what to do about errors of a code."""
    return ADVICE.get(code, _DEFAULT)
