"""An osquery pack: queries over osquery's own tables (osquery documentation, Query packs; SQLite's SQL)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from nachsorge.exports.packs.naming import file_name, heading, plain, word
from nachsorge.exports.packs.parts import parts_lost, rules_lost
from nachsorge.exports.packs.seams import File, Loss, Says, Written, distinct
from nachsorge.model.words import IndicatorType, Platform

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Row, Selection
    from nachsorge.model.pack import Exposure

_I = IndicatorType
_HASHES = {_I.SHA256: "sha256", _I.SHA1: "sha1", _I.MD5: "md5"}
_PLATFORMS = {Platform.WINDOWS: "windows", Platform.MACOS: "darwin", Platform.LINUX: "linux"}
_DAILY = 86_400
_VARIABLE = re.compile(r"%[^%\\/]+%|<[^<>\\/]+>")
_PACKAGES = {
    "npm": "SELECT name, version, path FROM npm_packages WHERE name = {name} AND version = {version};",
    "pypi": "SELECT name, version, path FROM python_packages WHERE name = lower({name}) AND version = {version};",
    "deb": "SELECT name, version, arch FROM deb_packages WHERE name = {name} AND version = {version};",
    "rpm": "SELECT name, version, arch FROM rpm_packages WHERE name = {name} AND version = {version};",
}
_RUNNING = "osquery hashes the files it is told: only those of running processes are, not the whole disk"


class OsqueryExporter:
    """For osqueryd, Fleet and whatever runs osquery's packs."""

    name = "osquery"
    blocks = False
    says = Says(
        expresses="affected versions (`programs`, `apps`), files by path, running processes by name and hash, open "
        "connections to addresses, host names in the resolver's cache (Windows), registry values, installed packages, "
        "certificates by SHA-1",
        drops="everything that is past: a query sees the moment; networks, URLs, user agents, strings, rules",
        checked="every query prepared and run by SQLite over made tables with osquery's columns (osqueryi cannot be "
        "installed here)",
    )

    def write(self, selection: Selection) -> Written:
        """Write one pack."""
        queries: dict[str, dict[str, object]] = {}
        lost = []
        for row in distinct(selection.rows, *_I):
            sql, why = _sql(row)
            if sql:
                _add(
                    queries,
                    f"{row.of.type}",
                    sql,
                    plain(f"{row.stage.id}: {row.of.note or row.named}"),
                    row.of.platform,
                )
            lost += [Loss(row.named, why)] if why else []
        for exposure in selection.pack.exposures:
            for sql in _affected(exposure):
                _add(queries, exposure.id, sql, plain(f"affected version: {exposure.names[0]}"), exposure.platform)
        head = heading(selection.pack, selection.release.label, "osquery pack")
        body = {"version": "5.0.0", "x_nachsorge": head, "queries": queries}
        content = json.dumps(body, indent=1, ensure_ascii=False).encode()
        losses = [*lost, *rules_lost(selection.pack, "no place for rules")]
        losses += parts_lost(selection.pack, frozenset({"exposures"}))
        return Written((File(file_name(selection.pack, ".osquery.json"), content),), (*selection.held, *losses))


def _add(
    queries: dict[str, dict[str, object]], name: str, sql: str, description: str, platform: Platform | None
) -> None:
    made: dict[str, object] = {"query": sql, "interval": _DAILY, "description": description, "snapshot": True}
    if platform is not None:
        made["platform"] = _PLATFORMS[platform]
    elif "dns_cache" in sql or "FROM registry" in sql:
        made["platform"] = "windows"
    queries[f"{word(name)}_{len(queries) + 1:04}"] = made


def _sql(row: Row) -> tuple[str, str]:
    """Give the query of a value, and what it does not see."""
    kind, value = row.of.type, row.of.value
    text = quoted(value)
    if kind in _HASHES:
        return (
            "SELECT p.pid, p.name, p.path, h.sha256 FROM processes AS p JOIN hash AS h ON h.path = p.path "
            f"WHERE h.{_HASHES[kind]} = {text};"
        ), _RUNNING
    if kind is _I.PACKAGE:
        return _package(value)
    if kind is _I.CERTIFICATE:
        bare = value.replace(":", "").lower()
        if not re.fullmatch(r"[0-9a-f]{40}", bare):
            return "", "osquery compares SHA-1 of certificates only"
        return f"SELECT common_name, path, sha1 FROM certificates WHERE lower(sha1) = {quoted(bare)};", ""
    if kind is _I.PATH:
        return f"SELECT path, size, mtime FROM file WHERE path {_like(value)};", _home(value)
    if kind is _I.FILE_NAME:
        return f"SELECT pid, name, path FROM processes WHERE lower(name) {_like(value.lower())};", "running only"
    if kind is _I.REGISTRY:
        return f"SELECT key, name, data, mtime FROM registry WHERE path {_like(_hive(value))};", ""
    if kind is _I.IP:
        joined = "SELECT p.pid, p.name, s.remote_address, s.remote_port FROM process_open_sockets AS s "
        return f"{joined}JOIN processes AS p USING (pid) WHERE s.remote_address = {text};", "open connections only"
    if kind is _I.DOMAIN:
        below = "%." + value.replace("\\", "\\\\").replace("_", "\\_")
        where = f"lower(name) = {text} OR lower(name) LIKE {quoted(below)} ESCAPE '\\'"
        return f"SELECT name, type FROM dns_cache WHERE {where};", "Windows only, and while the resolver remembers"
    return "", "no table of osquery shows it"


def _package(purl: str) -> tuple[str, str]:
    found = re.match(r"pkg:([a-z]+)/(?:([^@?#]+)/)?([^/@?#]+)@([^?#]+)", purl)
    if not found or found[1] not in _PACKAGES:
        return "", "osquery has no table of these packages"
    namespace = (found[2] or "").replace("%40", "@")
    name = f"{namespace}/{found[3]}" if namespace and found[1] == "npm" else found[3]
    query = _PACKAGES[found[1]].format(name=quoted(name), version=quoted(found[4].replace("%2B", "+")))
    return query, "globally installed packages only; those of a project stand in its lock file"


def _home(value: str) -> str:
    return "the folders of all users, `%` in osquery" if _VARIABLE.search(value) or value.startswith("~") else ""


def _hive(value: str) -> str:
    names = {"HKLM": "HKEY_LOCAL_MACHINE", "HKU": "HKEY_USERS", "HKCR": "HKEY_CLASSES_ROOT"}
    hive, slash, rest = value.partition("\\")
    if hive.upper() in ("HKCU", "HKEY_CURRENT_USER"):
        return f"HKEY_USERS\\*\\{rest}"
    return f"{names.get(hive.upper(), hive)}{slash}{rest}"


def _like(value: str) -> str:
    """Compare with `=`, or `LIKE` where the value has wildcards or folders that differ by user.

    osquery takes `%` in paths as one folder and `%%` as any number at the end only.
    """
    spread = _VARIABLE.sub("*", value)
    spread = re.sub(r"^~(?=/)", "/Users/*", spread)
    if not re.search(r"[*?]", spread):
        return f"= {quoted(spread)}"
    return f"LIKE {quoted(spread.replace('**', '%').replace('*', '%').replace('?', '_'))}"


def _affected(exposure: Exposure) -> list[str]:
    """Ask for the affected versions where the platform lists its software."""
    names = " OR ".join(f"lower(name) {_like(name.lower())}" for name in exposure.names)
    tables = {
        Platform.WINDOWS: [("programs", "version")],
        Platform.MACOS: [("apps", "bundle_short_version")],
        Platform.LINUX: [("deb_packages", "version"), ("rpm_packages", "version")],
    }
    wanted = [exposure.platform] if exposure.platform else list(tables)
    out = []
    for platform in wanted:
        for table, column in tables[platform]:
            versions = ", ".join(quoted(version) for version in exposure.affected)
            limit = "" if exposure.any_version or not versions else f" AND {column} IN ({versions})"
            out.append(f"SELECT name, {column} AS version FROM {table} WHERE ({names}){limit};")
    return out


def quoted(text: str) -> str:
    """Write an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
