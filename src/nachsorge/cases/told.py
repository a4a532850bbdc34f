"""Entries of a case in words, in the language that is spoken; what somebody wrote, and values, stay as they are.

Entries are the same whoever reads them, so what the program itself put into one is English: how the case stood, and why
it was opened again. Its words are said here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nachsorge.locale import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nachsorge.cases.store import Entry

KINDS = {
    "waived": N_("waived"),
    "false-positive": N_("false positive"),
    "remediated": N_("remediated"),
    "notified": N_("notified"),
    "not-notified": N_("not notified"),
    "closed": N_("closed"),
    "reopened": N_("opened again"),
}
MEASURES = (
    *(N_("rebuilt"), N_("cleaned"), N_("retired"), N_("credentials-changed"), N_("sessions-revoked")),
    N_("keys-rotated"),
)
"""`model.words.Measure`."""
SUBJECTS = (N_("clean-time"), N_("source"), N_("claim"))
"""What a waiver may name in a stage's place (`verdicts.closing`)."""
VERDICTS = (N_("compromised"), N_("suspected"), N_("open"), N_("ruled out"))
_ASSESSED = re.compile(r"([a-z-]+): (.*); (\d+) cells open")
_COUNT = re.compile(r"(\d+) ([a-z-]+)")


def told(entry: Entry, say: Callable[[str], str] = str) -> str:
    """Say an entry, without who and when; `say` says what the program wrote in English (why it is open again)."""
    body = entry.body
    match entry.kind:
        case "new":
            return _("case opened: {title}").format(title=body["title"])
        case "pack":
            return _("pack {id} {version} ({digest})").format(
                id=body["id"], version=body["version"], digest=body["digest"][:12]
            )
        case "claims":
            return _("{count} claims of our own about {pack}: {path}").format(
                count=body["count"], pack=body["pack"], path=body["path"]
            )
        case "inventory":
            return _("inventory of {count} assets: {paths}").format(count=body["count"], paths=", ".join(body["paths"]))
        case "assets":
            listed = [
                _("{path} of {name}").format(path=path, name=name) for path, name in sorted(body["assets"].items())
            ]
            return _("whose it is: {listed}").format(listed=", ".join(listed))
        case "window":
            start, end = body["from"] or _("the pack"), body["to"] or _("the pack")
            return _("window from {start} to {end}").format(start=start, end=end)
        case "evidence":
            given = ", ".join(body["given"]) or _("again")
            return _("evidence given: {given}; {count} units to read").format(given=given, count=len(body["units"]))
        case "settled":
            return _("{count} troubles of folders are none any more").format(count=len(body["keys"]))
        case "read":
            state = _("read") if body["whole"] else _("read, not to its end")
            content = body["content"][:12] or _("no content")
            return _("{state}: {path}, {size} bytes, {content}").format(
                state=state, path=body["shown"], size=f"{body['size']:,}", content=content
            )
        case "assessed":
            return _("assessed: {told}").format(told=_assessed(body["told"]))
        case "effort":
            return _("{count} minutes: {reason}").format(count=body["minutes"], reason=body["reason"])
        case "ranked":
            return _("ranked: {told}").format(told=body["told"] or _("no asset"))
        case "reopened":
            return _("opened again: {because}").format(because="; ".join(map(say, body["because"])))
        case _:
            return _decided(entry.kind, body)


def _decided(kind: str, body: Mapping[str, Any]) -> str:
    """Say what a person decided."""
    match kind:
        case "waived":
            subject: str = body["subject"]
            subject = _(subject) if subject in SUBJECTS else subject
            what = " ".join(part for part in (body["name"], subject) if part)
            return _("waived: {what}: {reason}").format(what=what, reason=body["reason"])
        case "false-positive":
            names = {name: body[name] for name in ("indicator", "asset", "path", "locator", "reason")}
            return _("false positive: {indicator} on {asset} ({path}, {locator}): {reason}").format(**names)
        case "remediated":
            done = f" ({', '.join(map(_, body['measures']))})" if body.get("measures") else ""
            return _("remediated: {asset} at {at}{done}: {reason}").format(
                asset=body["asset"], at=body["at"], done=done, reason=body["reason"]
            )
        case "owner":
            return _("owner of {what}: {owner}").format(what=body["asset"] or _("the case"), owner=body["owner"])
        case "notified" | "not-notified" | "closed":
            reason = _("nothing is missing") if body["reason"] == NOTHING_MISSING else body["reason"]
            return f"{_(KINDS[kind])}: {reason}"
        case _:
            return str(body.get("reason", kind))


NOTHING_MISSING = N_("nothing is missing")
"""The reason of closing where nobody gave one."""


def _assessed(text: str) -> str:
    """Say how the case stood: `compromised: 5 compromised, 1 open; 20 cells open`."""
    found = _ASSESSED.fullmatch(text)
    if found is None:
        return text
    cells = int(found[3])
    return ngettext("{verdict}: {assets}; {count} cell open", "{verdict}: {assets}; {count} cells open", cells).format(
        verdict=word(found[1]), assets=_COUNT.sub(lambda one: f"{one[1]} {word(one[2])}", _(found[2])), count=cells
    )


def word(value: str) -> str:
    """Say a verdict or standing that an entry or an assessment has as a code."""
    return _(value.replace("-", " "))
