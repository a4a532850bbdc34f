"""Send one notification to an address that the user named, and ask there what became of it; nowhere else."""

from __future__ import annotations

import ipaddress
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Any

from nachsorge.errors import UsageError

SEALED, PLAIN = "application/pgp-encrypted", "application/json"
TAKES_TOKENS, TAKES_SEALED = "/api/v1/notifications", "/api/v1/sealed"
"""Paths of a CERT's site (docs/guides/cert-server.md)."""
_SECONDS = 60
_LARGEST = 1 << 20
_SHOWN = 300


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follow nothing: what is sent goes where the user said and nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        """Refuse."""
        return None


def posted(url: str, body: bytes, kind: str, token: str = "") -> Mapping[str, Any]:
    """Post, and give the receipt as the server's JSON says it; UsageError where it was not taken."""
    headers = {"Content-Type": kind, "Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    answer = _answer(url, urllib.request.Request(url, body, headers, method="POST"))
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("receipt"), str):
        raise UsageError(f"{url} took it, but gave no receipt: ask the CERT whether it has it")
    return {key: plain(value) for key, value in found.items() if isinstance(value, str)}


def asked(url: str, secret: str, largest: int = _LARGEST) -> bytes:
    """Get something that is given to whoever shows the receipt's secret; UsageError where it is not."""
    headers = {"Receipt-Secret": secret} if secret else {}
    return _answer(url, urllib.request.Request(url, headers=headers), largest)


def safe(url: str) -> str:
    """Give the address; UsageError where others could read along: https, or this machine itself."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and parts.hostname and _here(parts.hostname):
        return url
    raise UsageError(f"{url}: only https addresses, or this machine's own")


def addressed(url: str, *, token: bool, sealed: bool) -> str:
    """Give the address that takes it: of a site the one for tokens, or that for sealed files from everybody.

    UsageError, before anything is sent, where the address is the one for tokens and there is none, or where nothing
    takes it without one.
    """
    site, path = urllib.parse.urlsplit(url), urllib.parse.urlsplit(url).path
    if path in ("", "/"):
        if not token and not sealed:
            raise UsageError(
                f"{url}: without a token only what is sealed is taken: say --key FILE, or --token-file FILE"
            )
        path = TAKES_TOKENS if token else TAKES_SEALED
    elif path == TAKES_TOKENS and not token:
        raise UsageError(
            f"{url} takes a token: say --token-file FILE; or leave the path away ({site.scheme}://{site.netloc}), and "
            "what is sealed goes where no account is needed"
        )
    return urllib.parse.urlunsplit((site.scheme, site.netloc, path, site.query, ""))


def is_url(text: str) -> bool:
    """Tell an address from a file."""
    return text.lower().startswith(("https://", "http://"))


def plain(text: str) -> str:
    """Give a server's text without what a terminal would obey, bounded."""
    return "".join(each if each.isprintable() else " " for each in text[:_SHOWN])


def _here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _answer(url: str, request: urllib.request.Request, largest: int = _LARGEST) -> bytes:
    safe(url)
    opener = urllib.request.build_opener(_Stay)
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            content: bytes = answer.read(largest + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise UsageError(f"{url} refused it: {_why(error)}") from error
    except (urllib.error.URLError, HTTPException, OSError, ValueError) as error:
        raise UsageError(f"{url} did not answer: {plain(str(error))}") from error
    if len(content) > largest:
        raise UsageError(f"{url} answered with more than {largest} bytes")
    return content


def _why(error: urllib.error.HTTPError) -> str:
    """Say what the server says, where it is a problem document (RFC 9457)."""
    told = f"{error.code} {plain(error.reason)}"
    try:
        found = json.loads(error.read(_LARGEST))
        listed = [found["title"], *found.get("problems", [])]
        told = f"{error.code} " + "; ".join(plain(one) for one in listed if isinstance(one, str))
    except (ValueError, KeyError, TypeError, OSError, HTTPException, RecursionError):
        pass  # the status alone has to do
    if error.code == 401:
        told += " (--token-file names the file with the token that it wants)"
    return told
