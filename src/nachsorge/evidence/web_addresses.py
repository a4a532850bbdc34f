"""Addresses as browsers keep them: without what may be private, and file addresses as paths."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit


def without_query(url: str) -> str:
    """Keep scheme, host and path; query, fragment and password stay behind. What is no such URL keeps its scheme."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return url.partition(":")[0] + ":"
    return f"{parts.scheme}://{host}{parts.path}" if host or parts.scheme == "file" else f"{parts.scheme}:"


def file_path(url: str) -> str:
    """Turn a file URL into the path it means; anything else is given back."""
    if not url.startswith("file://"):
        return url
    path = unquote(url[7:].partition("?")[0])
    return path[1:].replace("/", "\\") if len(path) > 2 and path[0] == "/" and path[2] == ":" else path
