"""What people decided, from the entries of a case to what closing asks for. A later word on the same thing counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.model.times import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.cases.store import Entry

WAIVED, FALSE, REMEDIED, OWNER, NOTIFIED, NOT_NOTIFIED = (
    "waived",
    "false-positive",
    "remediated",
    "owner",
    "notified",
    "not-notified",
)


def owners(entries: Iterable[Entry]) -> dict[str, str]:
    """Give the owner of each asset; that of the case as a whole under the empty name."""
    return {e.body["asset"]: e.body["owner"] for e in entries if e.kind == OWNER}


def remedies(entries: Iterable[Entry]) -> list[tuple[str, int]]:
    """Give (asset, when) of everything that was remediated."""
    return sorted((asset, at) for asset, at, _ in measures(entries))


def measures(entries: Iterable[Entry]) -> list[tuple[str, int, tuple[str, ...]]]:
    """Give (asset, when, what was done) of everything that was remediated."""
    found = (e.body for e in entries if e.kind == REMEDIED)
    return sorted((b["asset"], parse_instant(b["at"]), tuple(b.get("measures", ()))) for b in found)


def told(entry: Entry) -> str:
    """Say an entry in words, without who and when."""
    body = entry.body
    match entry.kind:
        case "new":
            return f"case opened: {body['title']}"
        case "pack":
            return f"pack {body['id']} {body['version']} ({body['digest'][:12]})"
        case "claims":
            return f"{body['count']} claims of our own about {body['pack']}: {body['path']}"
        case "inventory":
            return f"inventory of {body['count']} assets: {', '.join(body['paths'])}"
        case "assets":
            return f"whose it is: {', '.join(f'{path} of {name}' for path, name in sorted(body['assets'].items()))}"
        case "window":
            return f"window from {body['from'] or 'the pack'} to {body['to'] or 'the pack'}"
        case "evidence":
            return f"evidence given: {', '.join(body['given']) or 'again'}; {len(body['units'])} units to read"
        case "settled":
            return f"{len(body['keys'])} troubles of folders are none any more"
        case "read":
            state = "read" if body["whole"] else "read, not to its end"
            return f"{state}: {body['shown']}, {body['size']:,} bytes, {body['content'][:12] or 'no content'}"
        case "assessed":
            return f"assessed: {body['told']}"
        case "waived":
            what = " ".join(part for part in (body["name"], body["subject"]) if part)
            return f"waived: {what}: {body['reason']}"
        case "false-positive":
            where = f"{body['indicator']} on {body['asset']} ({body['path']}, {body['locator']})"
            return f"false positive: {where}: {body['reason']}"
        case "remediated":
            done = f" ({', '.join(body['measures'])})" if body.get("measures") else ""
            return f"remediated: {body['asset']} at {body['at']}{done}: {body['reason']}"
        case "owner":
            return f"owner of {body['asset'] or 'the case'}: {body['owner']}"
        case "notified" | "not-notified":
            return f"{entry.kind}: {body['reason']}"
        case "effort":
            return f"{body['minutes']} minutes: {body['reason']}"
        case "ranked":
            return f"ranked: {body['told'] or 'no asset'}"
        case "closed":
            return f"closed: {body['reason']}"
        case "reopened":
            return f"opened again: {'; '.join(body['because'])}"
        case _:
            return str(body.get("reason", entry.kind))
