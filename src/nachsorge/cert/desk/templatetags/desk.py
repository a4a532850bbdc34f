"""Clocks and closed words of the desk in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from nachsorge.cert.desk.deadlines import Standing
from nachsorge.cert.desk.names import ACTS, CLOCKS

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from django.utils.safestring import SafeString

    from nachsorge.cert.desk.clocks import Shown

register = template.Library()

_MARKS = {Standing.MISSED: "late", Standing.SOON: "near"}


@register.simple_tag
def clock(shown: Shown) -> SafeString:
    """Write a clock that runs: what is due, and how long there is; a missed one says so in words as well."""
    text = left(shown.left)
    name = str(CLOCKS.get(shown.clock, shown.clock))
    mark, due = _MARKS.get(shown.standing, "time"), moment(shown.due)
    return format_html('<span class="{}" title="{}">{}<br>{}</span>', mark, due, name, text)


@register.filter
def moment(at: datetime | None) -> str:
    """Write a time of day in Vienna so that nobody takes the month for the day: 2026-11-23 02:05."""
    return "" if at is None else localtime(at).strftime("%Y-%m-%d %H:%M")


@register.filter
def left(delta: timedelta) -> str:
    """Write how long there is, or how long ago it was, in days and hours."""
    minutes = int(abs(delta.total_seconds())) // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        text = _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    else:
        text = _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}
    return _("%(time)s over") % {"time": text} if delta.total_seconds() < 0 else text


@register.filter
def clock_name(value: str) -> str:
    """Give the name of a clock."""
    return str(CLOCKS.get(value, value))


@register.filter
def act_name(value: str) -> str:
    """Give the name of an act of the log."""
    return str(ACTS.get(value, value))
