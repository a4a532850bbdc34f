"""Closed words of the desk in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, pgettext_lazy

from nachsorge.cert.desk.deadlines import Clock

CLOCKS = {
    Clock.REPLY.value: gettext_lazy("our answer"),
    Clock.EARLY_WARNING.value: gettext_lazy("early warning"),
    Clock.NOTIFICATION.value: gettext_lazy("notification"),
    Clock.FINAL_REPORT.value: gettext_lazy("final report"),
}
ACTS = {
    "received": gettext_lazy("received"),
    "opened": gettext_lazy("opened"),
    "update": gettext_lazy("update"),
    "label raised": gettext_lazy("label raised"),
    "state": gettext_lazy("state changed"),
    "assigned": gettext_lazy("assigned"),
    "named": gettext_lazy("named"),
    "note": gettext_lazy("note"),
    "linked": gettext_lazy("linked as duplicate"),
    "unlinked": gettext_lazy("link taken back"),
    "organisation": gettext_lazy("organisation"),
    "aware": gettext_lazy("became aware"),
    "milestone": gettext_lazy("deadline met"),
    "answered": gettext_lazy("answered"),
    "sealed": gettext_lazy("answer sealed"),
    "withdrawn": gettext_lazy("answer withdrawn"),
    "fetched": gettext_lazy("answer fetched"),
    "duty to forward": gettext_lazy("has to be forwarded"),
    "forwarded": gettext_lazy("forwarded"),
    "read": gettext_lazy("read"),
    "exported": gettext_lazy("exported"),
    "release": gettext_lazy("release"),
    "account": gettext_lazy("account"),
}
DETAILS = {
    "answer": pgettext_lazy("log", "answer"),
    "at": pgettext_lazy("log", "at"),
    "audience": pgettext_lazy("log", "audience"),
    "author": pgettext_lazy("log", "author"),
    "case": pgettext_lazy("log", "case"),
    "channel": pgettext_lazy("log", "channel"),
    "clock": pgettext_lazy("log", "deadline"),
    "did": pgettext_lazy("log", "did"),
    "digest": pgettext_lazy("log", "digest"),
    "key": pgettext_lazy("log", "key"),
    "label": pgettext_lazy("log", "label"),
    "name": pgettext_lazy("log", "name"),
    "numbers": pgettext_lazy("log", "numbers"),
    "of": pgettext_lazy("log", "of"),
    "other": pgettext_lazy("log", "other"),
    "release": pgettext_lazy("log", "release"),
    "row": pgettext_lazy("log", "row"),
    "to": pgettext_lazy("log", "to"),
    "way": pgettext_lazy("log", "way"),
    "what": pgettext_lazy("log", "what"),
    "withheld": pgettext_lazy("log", "withheld"),
    "trust_service": pgettext_lazy("log", "trust service"),
}
"""What stands before a detail of an entry."""
VALUES = {
    "received": gettext_lazy("received"),
    "acknowledged": gettext_lazy("acknowledged"),
    "in verification": gettext_lazy("in verification"),
    "verified": gettext_lazy("verified"),
    "refuted": gettext_lazy("refuted"),
    "duplicate": gettext_lazy("duplicate"),
    "mandatory": gettext_lazy("mandatory"),
    "voluntary": gettext_lazy("voluntary"),
    "prepared": gettext_lazy("prepared"),
    "approved": gettext_lazy("approved"),
    "rejected": gettext_lazy("rejected"),
    "public": gettext_lazy("public"),
    "community": gettext_lazy("community"),
    "closed": gettext_lazy("closed circle"),
    "yes": pgettext_lazy("log", "yes"),
    **CLOCKS,
}
"""Details that are closed words; all others are said as they were written."""
