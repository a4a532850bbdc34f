"""One spelling for each kind of value, used for indicators and evidence alike.

Letters are folded in ASCII only: Unicode folding maps signs such as the Kelvin sign to plain letters, and then a record
could match without holding the literal that the sieve looks for.
"""

from __future__ import annotations

import ipaddress
import re
import string

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_MAPPED = re.compile(r"::ffff:(\d{1,3}(?:\.\d{1,3}){3})\Z", re.IGNORECASE)
_PORT = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}\Z|\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?\Z")
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/?#@\s]*@)?(\[[0-9A-Fa-f:.]+\]|[^/:?#\s]+)(?::\d*)?([^\s]*)\Z")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})(?![0-9A-Za-z])")
_HEX_BYTES = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{2}(?:[: -][0-9A-Fa-f]{2}){15,31}(?![0-9A-Za-z])")
_DEVICE = re.compile(r"(?:/device/harddiskvolume\d+|//[?.]/[a-z]:|/\?\?/[a-z]:|[a-z]:)(?=/)", re.IGNORECASE)
_LAST_OF_ADDRESS = frozenset("0123456789abcdefABCDEF:]")
_HIVES = {
    "hkey_local_machine": "hklm",
    "hkey_current_user": "hkcu",
    "hkey_users": "hku",
    "hkey_classes_root": "hkcr",
    "hkey_current_config": "hkcc",
}


def fold(text: str) -> str:
    """Lower-case ASCII letters, leave everything else."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


def host(text: str) -> str:
    """Fold a host name, without trailing dot; labels beyond ASCII in punycode."""
    name = fold(text.strip().strip("[]")).rstrip(".")
    if name.isascii():
        return name
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in name.split(".")
    )


def address(text: str) -> str | None:
    """Give an IP address in its compressed form, without port or brackets; None where the text is none."""
    text = text.strip()
    if text[-1:] not in _LAST_OF_ADDRESS:
        return None
    if found := _PORT.match(text):
        text = found[1] or found[2]
    if found := _MAPPED.match(text):
        text = found[1]
    try:
        return ipaddress.ip_address(text.partition("%")[0]).compressed
    except ValueError:
        return None


def url(text: str) -> tuple[str, str, str] | None:
    """Split a URL, with or without scheme, into host, folded path and query (with its `?`); None where it is none."""
    found = _URL.match(text.strip())
    if not found:
        return None
    path, mark, query = fold(found[2].partition("#")[0]).partition("?")
    return host(found[1]), path or "/", mark + query


def hashes(text: str) -> list[str]:
    """Find every MD5, SHA-1 and SHA-256 in a value, whatever its spelling (`SHA256=AB..`, `ab:cd:..`, `AB CD ..`)."""
    found = [fold(m) for m in _HEX.findall(text)]
    for spaced in _HEX_BYTES.findall(text):
        digits = fold(re.sub(r"[: -]", "", spaced))
        if len(digits) in (32, 40, 64):
            found.append(digits)
    return found


def path(text: str) -> str:
    """Give a path with forward slashes; device prefixes and drive letters become `?:`."""
    text = re.sub(r"(?<!^)/{2,}", "/", text.strip().strip('"').replace("\\", "/"))
    return _DEVICE.sub("?:", text, count=1) if _DEVICE.match(text) else text


def registry(text: str) -> str:
    """Give a registry path folded, with short hive names."""
    folded = fold(text.strip()).replace("/", "\\").removeprefix("computer\\")
    folded = re.sub(r"^\\registry\\machine", "hklm", folded)
    folded = re.sub(r"^\\registry\\user", "hku", folded)
    hive, mark, rest = folded.partition("\\")
    return _HIVES.get(hive, hive) + mark + rest


def certificate(text: str) -> str:
    """Fold a subject; reduce a serial number or fingerprint to its hex digits without leading zeros."""
    folded = fold(text.strip())
    bare = re.sub(r"[: ]", "", folded.removeprefix("0x"))
    if bare and all(c in string.hexdigits for c in bare):
        return bare.lstrip("0")
    return folded


def version(text: str) -> str:
    """Strip a leading `v` and trailing `.0` parts, so that 18.12.416.0 is 18.12.416."""
    text = fold(text.strip())
    text = text[1:] if re.match(r"v\d", text) else text
    while text.endswith(".0") and text.count(".") > 1:
        text = text[:-2]
    return text
