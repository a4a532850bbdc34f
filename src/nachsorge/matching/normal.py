"""One spelling for each kind of value, used for indicators and evidence alike.

Letters are folded in ASCII only: Unicode folding maps signs such as the Kelvin sign to plain letters, and then a record
could match without holding the literal that the sieve looks for.
"""

from __future__ import annotations

import ipaddress
import re
import string

from packageurl import PackageURL

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_PORT = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}\Z|\[([0-9A-Fa-f:.]+(?:%[^\]]*)?)\](?::\d{1,5})?\Z")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}\Z")
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/?#@\s]*@)?(\[[0-9A-Fa-f:.]+\]|[^/:?#\s]+)(?::\d*)?([^\s]*)\Z")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0[xX])?([0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})(?![0-9A-Za-z])")
_HEX_BYTES = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{2}([: -])[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2})+(?![0-9A-Za-z])")
_SERIAL = re.compile(r"(?:0x)?([0-9a-f]+|[0-9a-f]{1,2}([: -])[0-9a-f]{2}(?:\2[0-9a-f]{2})*)\Z")
_UNC = re.compile(r"//[?.]/unc/", re.IGNORECASE)
_DEVICE = re.compile(r"(?:/device/harddiskvolume\d+|//[?.]/[a-z]:|/\?\?/[a-z]:|[a-z]:)(?=/)", re.IGNORECASE)
_USER_HIVE = re.compile(r"hku\\s-1-[0-9-]+(?:(_classes)|(?=\\|\Z))")
CONTROL_SET = "system\\\\currentcontrolset"
_VARYING = frozenset({"currentcontrolset", "software", "classes"})
"""Parts of keys that are written in more than one way (`ControlSet001`, `HKU\\S-1-..._Classes`)."""
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
    return name if name.isascii() else ".".join(_label(label) for label in name.split("."))


def _label(label: str) -> str:
    # A longer label is no name (RFC 1035, section 2.3.4), and punycode of a long text takes very long.
    if label.isascii() or len(label) > 63:
        return label
    return "xn--" + "".join(map(_lower, label)).encode("punycode").decode()


def _lower(letter: str) -> str:
    lowered = letter.lower()
    return letter if any(each.isascii() for each in lowered) else lowered


def address(text: str) -> str | None:
    """Give an IP address in its compressed form, without port, brackets or zone; None where the text is none.

    An IPv4 address within IPv6 (`::ffff:192.0.2.1`, RFC 4291, section 2.5.5.2) is that IPv4 address.
    """
    text = text.strip()
    if found := _PORT.match(text):
        text = found[1] or found[2]
    if ":" in text:
        text = text.partition("%")[0]
    elif not _IPV4.match(text):
        return None
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (getattr(parsed, "ipv4_mapped", None) or parsed).compressed


def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Read an address range; one of IPv4 addresses within IPv6 is that IPv4 range. ValueError where it is none."""
    found = ipaddress.ip_network(text, strict=False)
    mapped = getattr(found.network_address, "ipv4_mapped", None)
    return found if mapped is None or found.prefixlen < 96 else ipaddress.ip_network((mapped, found.prefixlen - 96))


def url(text: str) -> tuple[str, str, str] | None:
    """Split a URL, with or without scheme, into host, folded path and query (with its `?`); None where it is none."""
    found = _URL.match(text.strip())
    if not found:
        return None
    path, mark, query = fold(found[2].partition("#")[0]).partition("?")
    return address(found[1]) or host(found[1]), path or "/", mark + query


def hashes(text: str) -> list[str]:
    """Find every MD5, SHA-1 and SHA-256 in a value, whatever its spelling (`SHA256=AB..`, `ab:cd:..`, `AB CD ..`)."""
    found = [fold(digits) for digits in _HEX.findall(text)]
    for spaced in _HEX_BYTES.finditer(text):
        digits = fold(spaced[0].replace(spaced[1], ""))
        if len(digits) in (32, 40, 64):
            found.append(digits)
    return found


def path(text: str) -> str:
    """Give a path with forward slashes; device prefixes and drive letters become `?:`."""
    text = text.strip().strip('"').replace("\\", "/")
    if "//" in text:
        text = re.sub(r"(?<!^)/{2,}", "/", text)
    if _UNC.match(text):
        return "//" + text[8:]
    return _DEVICE.sub("?:", text, count=1) if _DEVICE.match(text) else text


def registry(text: str) -> str:
    """Give a registry path folded, with short hive names, without numbers of control sets."""
    folded = fold(text.strip()).replace("/", "\\").rstrip("\\")
    folded = folded.removeprefix("registry::").removeprefix("computer\\")
    folded = re.sub(r"^\\registry\\machine(?![^\\])", "hklm", folded)
    folded = re.sub(r"^\\registry\\user(?![^\\])", "hku", folded)
    hive, mark, rest = folded.partition("\\")
    hive = hive.removesuffix(":")
    return _HIVES.get(hive, hive) + mark + re.sub(r"^system\\controlset\d{3}(?![^\\])", CONTROL_SET, rest)


def of_user(key: str) -> str | None:
    r"""Give the `HKCU` spelling of a normalised key under `HKU\S-1-...`; None where it is not there."""
    found = _USER_HIVE.match(key)
    return ("hkcu\\software\\classes" if found[1] else "hkcu") + key[found.end() :] if found else None


def hive_pattern(key: str) -> str:
    """Give a pattern for the spellings of a normalised key's hive in text with single forward slashes."""
    short = key.partition("\\")[0]
    names = [re.escape(short), *(long for long, name in _HIVES.items() if name == short)]
    others = {"hkcu": r"|(?:hku|hkey_users):?/s-1-[0-9-]+", "hklm": "|registry/machine", "hku": "|registry/user"}
    # PowerShell writes a colon behind the hive.
    return f"(?:(?:{'|'.join(names)}):?{others.get(short, '')})"


def key_words(key: str) -> list[str]:
    """List the words of a normalised key that every spelling of it holds."""
    return [word for word in re.findall(r"[0-9a-z_]+", key.partition("\\")[2]) if word not in _VARYING]


def certificate(text: str) -> str:
    """Fold a subject; reduce a serial number or fingerprint to its hex digits without leading zeros."""
    folded = fold(text.strip())
    if found := _SERIAL.match(folded):
        return re.sub(r"[: -]", "", found[1]).lstrip("0") or "0"
    return re.sub(r"\s*([,=])\s*", r"\1", folded)


_CASELESS = ("nuget", "swift")


def package(purl: str) -> tuple[str, str]:
    """Split a purl into `type/namespace/name` and the version; ValueError where it is none.

    Names of PyPI are compared as PEP 503 says: without case, and `-`, `_` and `.` are one. Without case are those of
    NuGet too, which keeps them as their author wrote them, and of Swift, which are addresses of repositories.
    """
    parsed = PackageURL.from_string(purl)
    name = re.sub(r"[-_.]+", "-", parsed.name).lower() if parsed.type == "pypi" else parsed.name
    key = f"{parsed.type}/{parsed.namespace or ''}/{name}"
    return fold(key) if parsed.type in _CASELESS else key, parsed.version or ""


def version(text: str) -> str:
    """Strip a leading `v` and trailing `.0` parts, so that 18.12.416.0 is 18.12.416."""
    text = fold(text.strip())
    text = text[1:] if re.match(r"v\d", text) else text
    while text.endswith(".0") and text.count(".") > 1:
        text = text[:-2]
    return text
