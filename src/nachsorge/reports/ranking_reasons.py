"""Reasons of a ranking in the reader's language: phrases, with what varies left as it is.

A ranking is kept in a case, so its reasons are written in English; they are said here. What is no phrase stays as it
is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from nachsorge.locale import N_, _, language

PHRASES = (
    N_("{what} logged on with special privileges {count} times, last {time}"),
    N_("{what} logged on with special privileges once, last {time}"),
    N_("answers Kerberos requests ({count} times, last {time})"),
    N_("{what} ({count} times, last {time})"),
    N_("{what} (once, last {time})"),
    N_("{what} ({count} times)"),
    N_("{what} (once)"),
    N_("a name of a local domain"),
    N_("a name of {domain}"),
    N_("a name without a domain"),
    N_("a private address"),
    N_("a well-known name"),
    N_("named by you"),
    N_("{word} in its name"),
    N_("an administration page"),
    N_("the log-on page of {product}"),
    N_("{what} and {count} more"),
    N_("perhaps {host}"),
)


INVENTORY = N_("inventory")
"""Where a point comes from that no evidence is needed for."""


def place(where: str) -> str:
    """Say where points come from: the inventory, or paths, which stay as they are."""
    return "; ".join(_(part) if part == INVENTORY else part for part in where.split("; "))


def reason(text: str) -> str:
    """Say a reason, or several that are joined."""
    if language() == "en":
        return text
    return "; ".join(_listed(part) for part in text.split("; "))


def _listed(part: str) -> str:
    return ", ".join(map(_one, part.split(", "))) if ": " in part else _one(part)


def _one(text: str) -> str:
    head, colon, rest = text.partition(": ")
    if colon and not rest.startswith(" "):
        return f"{head}: {_said(rest)}"
    return _said(text)


def _said(text: str) -> str:
    for phrase in PHRASES:
        if found := _pattern(phrase).fullmatch(text):
            return _(phrase).format(**found.groupdict())
    return text


@lru_cache(maxsize=64)
def _pattern(phrase: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\})", phrase)
    return re.compile("".join(f"(?P<{p[1:-1]}>.+?)" if p.startswith("{") else re.escape(p) for p in parts))
