"""Errands in words: where, over which time, how to get it, what it settles, when it will be gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nachsorge.model.pack import Pack
from nachsorge.model.times import render
from nachsorge.model.words import Platform, Reason, Rung, Telemetry
from nachsorge.verdicts.next_evidence import Line, Plan
from nachsorge.verdicts.obtainable import Item, Want, Way

_ASSETS = 4

_SENSOR = {
    Telemetry.DNS_QUERY: "export the query log of the name server, or Zeek's dns.log",
    Telemetry.PROXY: "export the proxy's access log with full addresses",
    Telemetry.TLS: "export Zeek's ssl.log or Suricata's tls events",
    Telemetry.NETWORK_CONNECTION: "export the firewall's connection log, Zeek's conn.log or flow records",
    Telemetry.WEBSERVER: "copy the web server's access log, rotated parts as well",
    Telemetry.EMAIL: "export the mail gateway's message log",
    Telemetry.DHCP: "export the DHCP server's log of leases",
}
_LOGS = {
    Platform.WINDOWS: (
        "KAPE: kape.exe --tsource C: --target EventLogs --tdest OUT",
        "Velociraptor: artifacts collect Windows.KapeFiles.Targets --args EventLogs=Y",
        "EDR or event collector: export its process, library and file events of this host as JSON or CSV",
    ),
    Platform.LINUX: (
        "UAC: ./uac -p ir_triage OUT",
        "journalctl -o export --since FROM --until TO",
    ),
    Platform.MACOS: (
        "UAC: ./uac -p ir_triage OUT",
        "log collect --output OUT.logarchive (reaches back days only); the EDR's process events reach further",
    ),
}
_STATE = {
    Platform.WINDOWS: (
        "KAPE: kape.exe --tsource C: --target KapeTriage --tdest OUT",
        "Velociraptor: artifacts collect Windows.KapeFiles.Targets --args KapeTriage=Y",
    ),
    Platform.LINUX: ("UAC: ./uac -p ir_triage OUT", "a disk image"),
    Platform.MACOS: ("UAC: ./uac -p ir_triage OUT", "a disk image"),
}
_SOFTWARE = 'osquery: osqueryi --json "SELECT * FROM programs" (apps on macOS, deb_packages or rpm_packages on Linux)'


def ways(item: Item) -> tuple[str, ...]:
    """Give commands and exports, any of which gets the item."""
    match item.place.way:
        case Way.SENSOR_LOG:
            named = Telemetry(item.place.telemetry)
            how = (_SENSOR.get(named, f"export the sensor's log of {named.value}"),)
            if Reason.SILENCE in item.reasons:
                how = (f"its log is there and holds nothing of this time: another sensor, or a backup; else {how[0]}",)
            if Reason.NOT_SEEN_BY_SENSOR in item.reasons and not item.place.sensor:
                return (
                    "if a sensor whose log is there sees this host: say so in the inventory (watched, address)",
                    *how,
                )
            return how
        case Way.HOST_LOGS:
            return tuple(_by_platform(item, _LOGS))
        case Way.HOST_STATE:
            software = (
                (_SOFTWARE,) if any(want.telemetry is Telemetry.INSTALLED_SOFTWARE for want in item.wants) else ()
            )
            return (*_by_platform(item, _STATE), *software)
        case Way.CENTRAL_LOG:
            return ("download the logs of the runs from the build service, one archive a run",)
        case Way.PROJECT:
            return ("check out the repository as it was in the window, lock files included",)


def _by_platform(item: Item, table: Mapping[Platform, tuple[str, ...]]) -> Iterator[str]:
    for platform in item.platforms or tuple(table):
        yield from table[platform]


def place_words(item: Item) -> str:
    """Say where to get it."""
    if not item.place.sensor:
        return item.place.name
    return f"sensor {item.place.name}" if item.place.name else "every sensor"


def want_words(want: Want) -> str:
    """Say one telemetry and what it has to reach over."""
    parts = [f"{render(want.window.start)[:10]} to {render(want.window.end)[:10]}"] if want.window else []
    parts += [f"taken after {render(want.after)[:10]}"] if want.after is not None else []
    return " ".join((want.telemetry.value, ", ".join(parts))).strip()


def settles(line: Line) -> str:
    """Say which cells a line settles."""
    if not line.settles:
        return "settles cells together with the next line"
    stages = list(dict.fromkeys(cell.stage for cell in line.settles))
    assets = sorted({cell.asset for cell in line.settles})
    whom = ", ".join(assets[:_ASSETS]) + (f" and {len(assets) - _ASSETS} more" if len(assets) > _ASSETS else "")
    return f"settles {len(line.settles)} cells of {whom}: {', '.join(stages)}"


def kept(line: Line) -> str:
    """Say how long it is there."""
    if line.gone is not None:
        return f"its first part is dropped {render(line.gone)[:16]}Z"
    rolls = "; event logs roll over by size, so look at the oldest record first"
    return "nobody said how long (--retention)" + (rolls if line.item.place.way is Way.HOST_LOGS else "")


def late(packs: Iterable[Pack], listed: Plan) -> str:
    """Say what the pack's own steps would cost if the open assets turn out to be affected."""
    minutes = sum(
        step.minutes
        for pack in packs
        for step in pack.steps
        if step.stage and pack.stages_by_id[step.stage].rung >= Rung.CONTACTED
    )
    assets = {cell.asset for line in listed.lines for cell in line.settles} | {cell.asset for cell, _ in listed.never}
    if not minutes:
        return "the packs do not say what a late discovery costs"
    return (
        f"if found late: 0 to {minutes * len(assets)} min of the packs' own steps ({minutes} min for each of none to "
        f"all {len(assets)} assets with open cells); what is taken meanwhile is not in it"
    )


def as_json(listed: Plan) -> dict[str, object]:
    """Give the whole list as plain values."""
    return {
        "schema_version": "nachsorge.next/1",
        "open": listed.open,
        "minutes": {"low": listed.low, "high": listed.high},
        "lines": [_line(line) for line in listed.lines],
        "too_late": [
            {"wants": [want_words(want) for want in item.wants], "place": place_words(item), "gone": render(gone)}
            for item, gone in listed.lost
        ],
        "not_by_evidence": [
            {"asset": cell.asset, "pack": cell.pack, "stage": cell.stage, "why": why} for cell, why in listed.never
        ],
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
