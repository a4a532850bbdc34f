"""Installed packages of Python: `METADATA` of a `*.dist-info` folder, `PKG-INFO` of a `*.egg-info` one.

Each tells of itself alone: that it lay there at this version. Source of the format: Python Packaging User Guide, "Core
metadata specifications", "Recording installed projects".
"""

from __future__ import annotations

import re
from email.errors import MessageError
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from nachsorge.evidence.packages import Account, Package, decoded, folder_of, read_packages
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_FIRST = re.compile(rb"Metadata-Version:[ \t]*\d+\.\d+")
_PLACE = re.compile(r"(?:lib(?:64)?/python[\d.]*/|Lib/)(?:site|dist)-packages/.*", re.DOTALL)
_ENVIRONMENT = re.compile(r"(?:(?<=[/!])|\A)\.?(?:venv|env|virtualenv)[^/!]*/\Z")
_URLS = ("Home-page", "Download-URL", "Project-URL")


class PythonMetadata:
    """Reader of what an installed package says of itself."""

    name = "python_metadata"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK,)
    tells = Tells(
        proves="that this package lay there at this version",
        rules_out="nothing: a package tells of itself alone",
        not_told="other packages of the environment (`pip freeze` says them all), whether it was ever imported",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the first header, and the two that name the package."""
        if not _FIRST.match(head.removeprefix(b"\xef\xbb\xbf")):
            return 0
        return 85 if b"\nName:" in head and b"\nVersion:" in head else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the one package."""
        yield from read_packages(source, sieve, ledger, _package, _project_above(source.path))

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Write a package whose home page is at the planted host."""
        return f"Metadata-Version: 2.1\nName: control\nVersion: 1.0.0\nHome-page: https://{plant.host}/\n".encode()


def _project_above(path: str) -> str:
    """Give the folder in which the environment lies, or the environment itself where its name says nothing."""
    folder = folder_of(path.replace("\\", "/"))
    root = _PLACE.sub("", folder)
    if root == folder:
        root = re.sub(r"[^/!]*\.(?:dist|egg)-info/\Z", "", folder)
    project = _ENVIRONMENT.sub("", root) or "./"
    return project + "/" if project.endswith("!") else project


def _package(body: bytes, account: Account) -> Iterator[Package]:
    account.lacks("one package of an environment; `pip freeze` lists all")
    head, blank, _ = decoded(body).partition("\n\n")
    try:
        told = HeaderParser().parsestr(head + "\n\n")
        name, version = (" ".join(str(told.get(key, "")).split()) for key in ("Name", "Version"))
    except (MessageError, ValueError) as error:
        raise ReadError(Reason.CORRUPT, f"no headers: {error}") from error
    if not name or not version:
        raise ReadError(Reason.TRUNCATED if not blank else Reason.CORRUPT, "names no package and version")
    urls = [str(text).rpartition(" ")[2] for key in _URLS for text in told.get_all(key, [])]
    yield Package(
        type="pypi",
        name=name,
        version=version,
        locator="file",
        urls=tuple(dict.fromkeys(urls)),
        event={key.lower(): str(text) for key, text in told.items() if key not in ("Name", "Version")},
    )
