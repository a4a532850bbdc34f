"""A page of ours as PDF, tagged for readers aloud (PDF/UA). Needs the extra `pdf`, and Pango of the system."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING

from nachsorge.errors import UsageError
from nachsorge.locale import _

if TYPE_CHECKING:
    from types import ModuleType

INSTALL = "pip install 'nachsorge[pdf]'"
SYSTEM = "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def render(page: str) -> bytes:
    """Give the PDF of a page that `html.render` made for paper; UsageError where what it takes is not installed.

    Nothing is fetched: the page is all there is. The same page gives the same bytes with the same versions.
    """
    weasyprint = _weasyprint()

    document = weasyprint.HTML(
        string=page, url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols=()), media_type="print"
    )
    made: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=b"nachsorge")
    return made


def ready() -> None:
    """Raise UsageError where what it takes is not installed."""
    _weasyprint()


def _weasyprint() -> ModuleType:
    # It warns of every rule of the style sheet that is for screens only.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    try:
        return import_module("weasyprint")
    except ImportError as error:
        raise UsageError(_("PDF needs the extra `pdf`: {command}").format(command=INSTALL)) from error
    except OSError as error:
        text = _("PDF needs libraries of the system: {command}").format(command=SYSTEM)
        raise UsageError(f"{text} ({error})") from error
