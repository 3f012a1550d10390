"""The beginning of a file, from which a schema is inferred."""

from collections.abc import Iterable
from itertools import islice

from attrs import frozen

from chalicelib.errors import SampleUnusable
from chalicelib.validation.inference.encoding import detect_encoding
from chalicelib.validation.reading.content import Content
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.file_format import detect_non_csv
from chalicelib.validation.reading.source import BLOCK_BYTES, BinaryFile, blocks, chunks

SAMPLE_BLOCKS = 64
"""How many blocks of a file are read: 64 MiB."""


@frozen(kw_only=True)
class Sample:
    """The first bytes of a file, decompressed."""

    blocks: tuple[bytes, ...]
    is_whole: bool
    """Whether this is the whole file. If not, its last record may be incomplete."""
    encoding: str
    """The name of its encoding, as a dialect declares it."""

    @classmethod
    def of(cls, source: BinaryFile | Iterable[bytes], *, gzipped: bool) -> "Sample":
        """Read the beginning of a source; raises SampleUnusable if it is not a text."""
        content = Content(chunks(source, BLOCK_BYTES), gzipped=gzipped)
        stream = blocks(content, BLOCK_BYTES)
        read = tuple(islice(stream, SAMPLE_BLOCKS))
        is_whole = next(stream, None) is None
        if content.fault:
            raise SampleUnusable(content.fault.message)
        if not read:
            raise SampleUnusable("the file is empty")
        encoding = detect_encoding(read, is_whole=is_whole)
        if encoding is None:
            raise SampleUnusable("the file is not UTF-8, and its encoding cannot be detected")
        if fault := detect_non_csv(read[0], Dialect.from_descriptor({"encoding": encoding})):
            raise SampleUnusable(fault.message)
        return cls(blocks=read, is_whole=is_whole, encoding=encoding)
