"""PDF -> its lines of text, each with its page, by pypdf (extra `reports`)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO

from nachsorge.packs.row_problem import RowProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PAGES = 2_000
_BROKEN = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OverflowError, OSError)
"""What pypdf lets through on damaged objects, beside errors of its own."""


def pages(source: BinaryIO) -> Iterator[tuple[int, list[str] | None]]:
    """Give each page's lines; None for a page that cannot be read or holds no text (a scan).

    Raises:
        RowProblem: the extra is missing, or the file is no PDF, encrypted, or of too many pages.
    """
    try:
        library = import_module("pypdf")
    except ImportError as error:
        raise RowProblem("PDF needs the extra `reports`", "pip install 'nachsorge[reports]'") from error
    own: type[Exception] = import_module("pypdf.errors").PyPdfError
    try:
        reader = library.PdfReader(source)
        if reader.is_encrypted and not reader.decrypt(""):
            raise RowProblem("the PDF is encrypted", "save it without a password")
        count = len(reader.pages)
    except (own, *_BROKEN) as error:
        if isinstance(error, RowProblem):
            raise
        raise RowProblem(f"not a readable PDF: {error}", "fetch it again, or copy its text into a file") from error
    if count > MOST_PAGES:
        raise RowProblem(f"{count:,} pages; at most {MOST_PAGES:,} are read", "split the file")
    for number in range(count):
        yield number + 1, _text(reader, number, (own, *_BROKEN))


def _text(reader: Any, number: int, broken: tuple[type[Exception], ...]) -> list[str] | None:
    try:
        text = str(reader.pages[number].extract_text())
    except broken:
        return None
    return text.splitlines() if text.strip() else None
