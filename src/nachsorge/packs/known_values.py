"""Values that reports name by mistake or that many innocent things share. Facts of ours, few and without a network.

Larger lists are the MISP warning lists (`warning_lists`); both annotate and never suppress.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from nachsorge.model.words import IndicatorType as T

_RESOLVERS = """
1.1.1.1 1.0.0.1 8.8.8.8 8.8.4.4 9.9.9.9 149.112.112.112 208.67.222.222 208.67.220.220 4.2.2.1 4.2.2.2
64.6.64.6 94.140.14.14 185.228.168.9 77.88.8.8 114.114.114.114 223.5.5.5 2606:4700:4700::1111
2001:4860:4860::8888 2620:fe::fe
"""
RESOLVERS = frozenset(_RESOLVERS.split())
_SHARED = """
github.com githubusercontent.com github.io gitlab.com gitlab.io bitbucket.org pastebin.com ghostbin.com
dropbox.com dropboxusercontent.com drive.google.com docs.google.com googleapis.com googleusercontent.com
firebaseapp.com web.app onedrive.live.com 1drv.ms sharepoint.com blob.core.windows.net azurewebsites.net
azureedge.net amazonaws.com cloudfront.net discord.com discordapp.com telegram.org t.me workers.dev pages.dev
herokuapp.com netlify.app vercel.app ngrok.io ngrok-free.app trycloudflare.com webhook.site oast.fun oast.pro
pipedream.net duckdns.org no-ip.org ddns.net mediafire.com mega.nz transfer.sh file.io wordpress.com
blogspot.com medium.com reddit.com twitter.com x.com facebook.com youtube.com bit.ly tinyurl.com icloud.com
proton.me protonmail.com gmail.com outlook.com hotmail.com yahoo.com
"""
SHARED = frozenset(_SHARED.split())
EMPTY = {
    "d41d8cd98f00b204e9800998ecf8427e": "of the empty file",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709": "of the empty file",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855": "of the empty file",
    "68b329da9893e34099c7d8ad5cb9c940": "of a single line end",
    "adc83b19e793491b1c6ea0fd8b46cd9f32e592fc": "of a single line end",
    "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b": "of a single line end",
    "44d88612fea8a8f36de82e1278abb02f": "of the EICAR test file",
    "3395856ce81f2b7382dee72602f798b642f14140": "of the EICAR test file",
    "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f": "of the EICAR test file",
}
_POPULAR_FILES = """
ffmpeg.dll libffmpeg.dylib d3dcompiler_47.dll d3dcompiler.dll version.dll dbghelp.dll libegl.dll libglesv2.dll
vulkan-1.dll node.exe electron.exe update.exe setup.exe install.exe squirrel.exe python.exe java.exe
chrome.exe explorer.exe svchost.exe rundll32.exe regsvr32.exe powershell.exe cmd.exe msiexec.exe wscript.exe
cscript.exe mshta.exe certutil.exe curl.exe wt.exe index.js package.json setup.py setup.js postinstall.js
bundle.js libcurl.dll zlib1.dll sqlite3.dll vcruntime140.dll msvcp140.dll libcrypto.dll libssl.dll
kernel32.dll ntdll.dll user32.dll winhttp.dll wininet.dll dxgi.dll
"""
POPULAR_FILES = frozenset(_POPULAR_FILES.split())


def reason(kind: T, value: str) -> tuple[str, str]:
    """Give the kind of trap that a value is and why; two empty texts where it is none."""
    match kind:
        case T.IP | T.CIDR:
            return _address(value)
        case T.DOMAIN | T.URL | T.URL_PATTERN | T.EMAIL:
            return _host(kind, value)
        case T.SHA256 | T.SHA1 | T.MD5 if value in EMPTY:
            return "common-file", f"the hash {EMPTY[value]}"
        case T.FILE_NAME if value.lower() in POPULAR_FILES:
            return "popular-name", "a file of this name is part of many products and systems"
        case _:
            return "", ""


def _address(value: str) -> tuple[str, str]:
    if value in RESOLVERS:
        return "resolver", "a public resolver"
    network = ip_network(value, strict=False)
    if network.is_private or network.is_loopback or network.is_link_local or network.is_reserved:
        return "private", "a private or reserved address: it means another host on every network"
    if network.is_multicast or network.is_unspecified:
        return "private", "a multicast or unspecified address"
    return "", ""


def _host(kind: T, value: str) -> tuple[str, str]:
    name = host_of(kind, value)
    if _is_address(name):
        return _address(name)
    shared = next((each for each in suffixes(name) if each in SHARED), "")
    if not shared or kind is T.EMAIL:
        return "", ""
    if kind in (T.URL, T.URL_PATTERN) and "/" in value.partition("://")[2].rstrip("/"):
        return "shared", f"on {shared}, which many use: only this address is meant, and most logs show the host only"
    return "shared", f"{shared} is shared by many"


def host_of(kind: T, value: str) -> str:
    """Give the host name in a value; empty where it holds none."""
    match kind:
        case T.DOMAIN | T.IP:
            return value
        case T.EMAIL:
            return value.rpartition("@")[2].lower()
        case T.URL | T.URL_PATTERN:
            try:
                return (urlsplit(value if "://" in value else f"//{value}").hostname or "").strip("*.")
            except ValueError:
                return ""
        case _:
            return ""


def suffixes(name: str) -> list[str]:
    """Give a name and its parents: `a.b.example`, `b.example`, `example`."""
    labels = name.split(".")
    return [".".join(labels[index:]) for index in range(len(labels))]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
