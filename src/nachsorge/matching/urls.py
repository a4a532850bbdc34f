"""URL indicators, with `%d`, `%s` and `*`, compiled to a host (or a pattern for hosts) and a pattern for the rest."""

from __future__ import annotations

import re

from nachsorge.matching import normal

_HOLES = re.compile(r"%d|%s|\*\*|\*")


def compiled(value: str) -> tuple[str | re.Pattern[str], re.Pattern[str]] | None:
    """Give what the host must be and what path and query must match; None where the value is no URL.

    A folder stands for all that lies in it, a host alone for all of its pages; anything else is the whole path,
    whatever query follows it. A query in the indicator has to be there as it is.
    """
    split = normal.url(value)
    if split is None:
        return None
    name, path, query = split
    if path == "/" and not query and not value.rstrip().endswith("/"):
        tail = ".*"
    elif path.endswith("/") and path != "/" and not query:
        tail = ""
    else:
        tail = r"\Z" if query else r"/?(?:\?.*)?\Z"
    rest = re.compile(_translated(path + query, "[^/?]*") + tail, re.ASCII | re.DOTALL)
    return (re.compile(_translated(name, "[^/]*") + r"\Z", re.ASCII) if _HOLES.search(name) else name), rest


def plain_host(value: str) -> str | None:
    """Give the host of `compiled` where it is no pattern."""
    split = normal.url(value)
    return None if split is None or _HOLES.search(split[0]) else split[0]


def _translated(text: str, star: str) -> str:
    pieces = [re.escape(piece) for piece in _HOLES.split(text)]
    holes = [r"\d+" if hole == "%d" else star if hole == "*" else ".*" for hole in _HOLES.findall(text)]
    return "".join(a + b for a, b in zip(pieces, [*holes, ""], strict=True))
