"""Path indicators with `%VAR%`, `<user>`, `~` and globs, compiled to patterns over normalised paths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.matching import normal

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_WORD = re.compile(r"[0-9A-Za-z_]+")
_ARGUMENTS = re.compile(r"\s+[-/]")
_STREAM = re.compile(r"(?<=[^/\\:]{2}):[^/\\:]+(?::\$DATA)?\Z", re.IGNORECASE)


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
    if text.startswith("~/"):
        body = r"(?:/Users/[^/]+|/home/[^/]+|/root)" + _translate(text[1:])
    elif text.startswith("//"):
        body = "/" + _translate(text[2:])
    else:
        body = _translate(text if text.startswith("?:/") or not is_windows(value) else text.lstrip("/"))
    before = r"(?<![0-9A-Za-z_.-])"
    if text.startswith(("?:/", "/")):
        # Written as a device, a path has the volume where else its drive stands.
        before = rf"(?:{before}|(?<=/harddiskvolume\d)|(?<=/harddiskvolume\d\d))"
    return before + body + r"(?![0-9A-Za-z_-]|\.[0-9A-Za-z])"


def sure_words(value: str) -> list[str]:
    """List the words, folded, that stand whole in every text that the path is found in: none beside a wildcard."""
    text = normal.fold(normal.path(_expand(value.strip())))
    return [word for piece in re.split(r"[/ ]", text) if not _TOKEN.search(piece) for word in _WORD.findall(piece)]


def sure_names(value: str) -> list[str]:
    """List the names, folded, that stand whole between separators wherever the path is met: none with a wildcard."""
    text = normal.fold(normal.path(_expand(value.strip())))
    return [name for name in text.split("/") if name and not _TOKEN.search(name)]


def spellings(text: str) -> Iterator[str]:
    """Yield a path value as it stands, and without what may follow the path: arguments, the name of a stream."""
    yield text
    bare = text.strip()
    if bare.startswith('"') and '"' in bare[1:-1]:
        yield bare[1 : bare.index('"', 1)]
    elif found := _ARGUMENTS.search(bare):
        yield bare[: found.start()]
    if found := _STREAM.search(bare):
        yield bare[: found.start()]


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
