"""Fetch one file from an address that the user named; nothing else of this program goes out for packs."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException, HTTPMessage
from pathlib import Path, PurePosixPath
from typing import IO

from nachsorge.errors import UsageError

LARGEST = 64 * 1024 * 1024
_SECONDS = 60


class _SameSafety(urllib.request.HTTPRedirectHandler):
    """Follow redirections, but never from https to anything weaker, nor to files."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        """Say where to go on; UsageError where that would be less safe than what the user named."""
        scheme = urllib.parse.urlsplit(newurl).scheme.lower()
        if scheme != "https" and scheme != urllib.parse.urlsplit(req.full_url).scheme.lower():
            fp.close()
            raise UsageError(f"{req.full_url} leads on to {newurl}, which is not https: not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetched(url: str, into: Path) -> Path:
    """Fetch into a folder and give the file, named like the last part of the address; UsageError where it fails."""
    name = PurePosixPath(urllib.parse.unquote(urllib.parse.urlsplit(url).path)).name
    path = into / (name if name not in ("", ".", "..") else "pack")
    opener = urllib.request.build_opener(_SameSafety)
    try:
        with opener.open(url, timeout=_SECONDS) as answer:
            content = answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise UsageError(f"{url} cannot be fetched: {error}") from error
    except (urllib.error.URLError, HTTPException, OSError, ValueError) as error:
        raise UsageError(f"{url} cannot be fetched: {error}") from error
    if len(content) > LARGEST:
        raise UsageError(f"{url} is larger than {LARGEST >> 20} MB: no pack is")
    path.write_bytes(content)
    return path
