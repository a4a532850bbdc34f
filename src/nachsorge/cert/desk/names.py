"""Closed words of the desk in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

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
