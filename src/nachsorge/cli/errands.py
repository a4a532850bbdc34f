"""Errands in words: where, over which time, how to get it, what it settles, when it will be gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nachsorge.cli import collectors
from nachsorge.locale import N_, _, language, ngettext
from nachsorge.model.effort import Effort
from nachsorge.model.labels import Label
from nachsorge.model.times import render
from nachsorge.model.words import Reason, Telemetry
from nachsorge.reports.languages import CATALOGUES
from nachsorge.verdicts.next_evidence import Line, Plan
from nachsorge.verdicts.obtainable import Item, Want, Way

_ASSETS = 4

_SENSOR = {
    Telemetry.DNS_QUERY: N_("export the query log of the name server, or Zeek's dns.log"),
    Telemetry.PROXY: N_("export the proxy's access log with full addresses"),
    Telemetry.TLS: N_("export Zeek's ssl.log or Suricata's tls events"),
    Telemetry.NETWORK_CONNECTION: N_("export the firewall's connection log, Zeek's conn.log or flow records"),
    Telemetry.WEBSERVER: N_("copy the web server's access log, rotated parts as well"),
    Telemetry.EMAIL: N_("export the mail gateway's message log"),
    Telemetry.DHCP: N_("export the DHCP server's log of leases"),
}


def ways(item: Item) -> tuple[str, ...]:
    """Give commands and exports, any of which gets the item."""
    match item.place.way:
        case Way.SENSOR_LOG:
            named = Telemetry(item.place.telemetry)
            known = _SENSOR.get(named)
            how = (
                _(known)
                if known
                else _("export the sensor's log of {telemetry}").format(
                    telemetry=CATALOGUES[language()].telemetry[named]
                )
            )
            if Reason.SILENCE in item.reasons:
                how = _(
                    "its log is there and holds nothing of this time: another sensor, or a backup; else {how}"
                ).format(how=how)
            if Reason.NOT_SEEN_BY_SENSOR in item.reasons and not item.place.sensor:
                return (
                    _("if a sensor whose log is there sees this host: say so in the inventory (watched, address)"),
                    how,
                )
            return (how, collectors.FLOWS) if named is Telemetry.NETWORK_CONNECTION else (how,)
        case Way.HOST_LOGS:
            return tuple(collectors.of_logs(item))
        case Way.HOST_STATE:
            return tuple(collectors.of_state(item))
        case Way.CENTRAL_LOG:
            return (_("download the logs of the runs from the build service, one archive a run"), collectors.RUNS)
        case Way.PROJECT:
            return (_("check out the repository as it was in the window, lock files included"),)


def place_words(item: Item) -> str:
    """Say where to get it."""
    if not item.place.sensor:
        return item.place.name
    return _("sensor {name}").format(name=item.place.name) if item.place.name else _("every sensor")


def want_words(want: Want) -> str:
    """Say one telemetry and what it has to reach over."""
    return f"{CATALOGUES[language()].telemetry[want.telemetry]} {_reach(want)}".strip()


def _reach(want: Want) -> str:
    parts = []
    if want.window:
        start, end = render(want.window.start)[:10], render(want.window.end)[:10]
        parts.append(_("{start} to {end}").format(start=start, end=end))
    if want.after is not None:
        parts.append(_("taken after {day}").format(day=render(want.after)[:10]))
    return ", ".join(parts)


def settles(line: Line) -> str:
    """Say which cells a line settles."""
    if not line.settles:
        return _("settles cells together with the next line")
    stages = list(dict.fromkeys(cell.stage for cell in line.settles))
    assets = sorted({cell.asset for cell in line.settles})
    more = len(assets) - _ASSETS
    whom = ", ".join(assets[:_ASSETS]) + (_(" and {count} more").format(count=more) if more > 0 else "")
    told = ngettext(
        "settles {count} cell of {whom}: {stages}", "settles {count} cells of {whom}: {stages}", len(line.settles)
    )
    return told.format(count=len(line.settles), whom=whom, stages=", ".join(stages))


def kept(line: Line) -> str:
    """Say how long it is there."""
    if line.gone is not None:
        return _("its first part is dropped {time}").format(time=f"{render(line.gone)[:16]}Z")
    option = f"--retention {line.item.wants[0].telemetry}=..." if line.item.wants else "--retention"
    if line.item.place.way is Way.HOST_LOGS:
        told = _("nobody said how long ({option}); event logs roll over by size, so look at the oldest record first")
        return told.format(option=option)
    return _("nobody said how long ({option})").format(option=option)


def effort(found: Effort) -> Iterator[str]:
    """Say the effort so far and still needed against that of a late discovery: ranges, then what they rest on."""
    spent = _("at least {count} min so far; ").format(count=found.spent) if found.spent is not None else ""
    yield _("effort: {spent}{low} to {high} min for all lines").format(spent=spent, low=found.low, high=found.high)
    if found.late is None or not found.late.known:
        yield _("found late: the packs do not say what that costs")
    else:
        yield _("found late: {low} to {high} min ({steps} min for each of none to all {assets} open assets)").format(
            low=found.late.low, high=found.late.high, steps=found.late.steps, assets=found.late.assets
        )
    for one in found.assumptions:
        yield "  - " + _(one)


def as_json(listed: Plan, found: Effort, label: Label, first: Iterable[str] = ()) -> dict[str, object]:
    """Give the whole list as plain values; `first` are the assets that were put first, `label` is of the assessment."""
    return {
        "schema_version": "nachsorge.next/1",
        "tlp": label.tlp.value,
        "pap": label.pap.value,
        "open": listed.open,
        "minutes": {"low": listed.low, "high": listed.high},
        "effort": _effort(found),
        "first": sorted(first),
        "lines": [_line(line) for line in listed.lines],
        "too_late": [
            {
                "wants": [f"{want.telemetry.value} {_reach(want)}".strip() for want in item.wants],
                "place": place_words(item),
                "gone": render(gone),
            }
            for item, gone in listed.lost
        ],
        "not_by_evidence": [
            {"asset": cell.asset, "pack": cell.pack, "stage": cell.stage, "why": why} for cell, why in listed.never
        ],
    }


def _effort(found: Effort) -> dict[str, object]:
    late = found.late
    return {
        "so_far_at_least": found.spent,
        "still_needed": {"low": found.low, "high": found.high},
        "found_late": {"low": late.low, "high": late.high} if late is not None and late.known else None,
        "assumptions": list(found.assumptions),
    }


def _line(line: Line) -> dict[str, object]:
    item = line.item
    return {
        "way": item.place.way.value,
        "place": item.place.name,
        "sensor": item.place.sensor,
        "wants": [
            {
                "telemetry": want.telemetry.value,
                "from": render(want.window.start) if want.window else None,
                "to": render(want.window.end) if want.window else None,
                "taken_after": render(want.after) if want.after is not None else None,
            }
            for want in item.wants
        ],
        "assets": list(item.assets),
        "minutes": {"low": item.low, "high": item.high},
        "settles": [{"asset": c.asset, "pack": c.pack, "stage": c.stage} for c in line.settles],
        "settled": line.settled,
        "at_most": line.most,
        "how": list(ways(item)),
        "gone": render(line.gone) if line.gone is not None else None,
    }
