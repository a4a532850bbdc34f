"""Path indicators with `%VAR%`, `<user>`, `~` and globs, compiled to patterns over normalised paths."""

from __future__ import annotations

import re

from nachsorge.matching import normal

_VARIABLES = {
    "appdata": "?:/Users/*/AppData/Roaming",
    "localappdata": "?:/Users/*/AppData/Local",
    "userprofile": "?:/Users/*",
    "temp": "?:/Users/*/AppData/Local/Temp",
    "tmp": "?:/Users/*/AppData/Local/Temp",
    "programdata": "?:/ProgramData",
    "allusersprofile": "?:/ProgramData",
    "programfiles": "?:/Program Files",
    "programfiles(x86)": "?:/Program Files (x86)",
    "windir": "?:/Windows",
    "systemroot": "?:/Windows",
    "systemdrive": "?:",
    "public": "?:/Users/Public",
}
_TOKEN = re.compile(r"\*\*|\*|\?:|\?|<[^>/]*>|%[^%/]+%")


def is_windows(value: str) -> bool:
    """Tell a Windows path, which has no case, from a POSIX path, which has."""
    return "\\" in value or bool(re.match(r"[A-Za-z]:|%[^%]+%", value))


def pattern(value: str) -> re.Pattern[str]:
    """Compile an indicator's path. One without drive or root matches at the end of a path, on a name boundary."""
    flags = re.IGNORECASE | re.ASCII if is_windows(value) else re.ASCII
    text = normal.path(_expand(value.strip()))
    if text.startswith("~/"):
        return re.compile(r"(?:/Users/[^/]+|/home/[^/]+|/root|/var/root)" + _translate(text[1:]) + r"\Z", flags)
    absolute = text.startswith(("?:/", "//")) or (text.startswith("/") and not is_windows(value))
    if absolute:
        return re.compile(_translate(text) + r"\Z", flags)
    return re.compile(r"(?:.*/)?" + _translate(text.lstrip("/")) + r"\Z", flags | re.DOTALL)


def in_text(value: str) -> str:
    """Give a pattern that finds the path within slashed text, on boundaries, as a command line would hold it."""
    text = normal.path(_expand(value.strip()))
    body = r"(?:/Users/[^/]+|/home/[^/]+|/root)" + _translate(text[1:]) if text.startswith("~/") else None
    body = body or _translate(text if text.startswith(("?:/", "//")) or not is_windows(value) else text.lstrip("/"))
    return r"(?<![0-9A-Za-z_.-])" + body + r"(?![0-9A-Za-z_-]|\.[0-9A-Za-z])"


def slashed(text: str) -> str:
    """Write all separators of a text as single forward slashes; JSON in text doubles its backslashes."""
    return re.sub(r"(?<!:)/{2,}", "/", text.replace("\\", "/"))


def _expand(value: str) -> str:
    return re.sub(r"%([^%\\/]+)%", lambda m: _VARIABLES.get(m[1].lower(), m[0]), value)


def _translate(text: str) -> str:
    """Turn globs into a pattern: `*` stays within one name, `**` does not; `<user>` is one name."""
    out, at = [], 0
    for found in _TOKEN.finditer(text):
        out.append(re.escape(text[at : found.start()]))
        match found[0]:
            case "**":
                out.append(".*")
            case "?:":
                out.append(r"(?:[A-Za-z?]:)?")
            case "?":
                out.append("[^/]")
            case "*":
                out.append("[^/]*")
            case name if name.startswith("<"):
                out.append("[^/]+")
            case _:
                out.append(r"(?:[^/]+/)*?[^/]+")
        at = found.end()
    return "".join(out) + re.escape(text[at:])


def base(value: str) -> str:
    """Give the last name of a path, folded; empty where it holds a wildcard, which no table can look up."""
    name = normal.fold(normal.path(value).rstrip("/").rpartition("/")[2])
    return "" if _TOKEN.search(name) else name
