"""An indicator file in a pack's place: one stage, whose needs follow from the types of its indicators."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.errors import PackError, Problem
from nachsorge.model.columns import packed
from nachsorge.model.labels import UNLABELLED, Label, Pap
from nachsorge.model.pack import Indicator, Need, Option, Pack, Stage, Trace, Window
from nachsorge.model.words import IndicatorType, Rung, Telemetry, Tlp, Weight
from nachsorge.packs.importers import Importer, Item, Listing, choose
from nachsorge.packs.rows import RowProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from nachsorge.model.times import Span

SEEN = "seen"
"""The stage of an indicator file that names none."""

LARGEST = 512 * 1024 * 1024
"""Bytes of an indicator file; the largest lists in use have a tenth."""

_FORMATS = (
    "a pack folder, CSV, STIX 2, MISP, OpenIOC, OSV, CHIRP, Zeek intel, Suricata rules, a report, one value a line"
)

_RUNGS = {rung.word: rung for rung in Rung}
_T, _I = Telemetry, IndicatorType
_FILES = ((_T.FILESYSTEM,), (_T.PROCESS_CREATION, _T.FILE_EVENT))

_HOST_ONLY = "proxy logs show of most encrypted requests the host only; none says whether it could show a full address"
_UNSEEN = {
    _I.URL: _HOST_ONLY,
    _I.URL_PATTERN: _HOST_ONLY,
    _I.USER_AGENT: "many proxies record no user agent; a log does not say whether it could have shown one",
    _I.CERTIFICATE: "certificates of TLS 1.3 are encrypted; a log does not say whether it could have shown one",
    _I.NAMED_OBJECT: "process events do not name the objects that a process makes",
    _I.STRING: "no one can say which evidence would hold a bare string",
}
"""Types that a log of the right telemetry may well not show at all: met, they count; unmet, they rule nothing out."""

_NEEDS: dict[tuple[IndicatorType, ...], tuple[tuple[tuple[Telemetry, ...], ...], str, str]] = {
    (_I.DOMAIN,): (
        ((_T.DNS_QUERY,), (_T.PROXY,), (_T.TLS,)),
        "DNS, proxy or TLS logs that see this asset over the window",
        "DNS-, Proxy- oder TLS-Protokolle, die dieses Gerät über den Zeitraum sehen",
    ),
    (_I.IP, _I.CIDR): (
        ((_T.NETWORK_CONNECTION,), (_T.PROXY,)),
        "firewall, flow or proxy logs that see this asset over the window",
        "Firewall-, Flow- oder Proxy-Protokolle, die dieses Gerät über den Zeitraum sehen",
    ),
    (_I.URL, _I.URL_PATTERN): (
        ((_T.PROXY,),),
        "proxy logs with full addresses over the window",
        "Proxy-Protokolle mit vollständigen Adressen über den Zeitraum",
    ),
    # Most process events (4688) and file events (Sysmon 11) hold no hashes.
    (_I.SHA256, _I.SHA1, _I.MD5): (
        ((_T.FILESYSTEM,),),
        "a collection of the whole file system",
        "eine Sicherung des ganzen Dateisystems",
    ),
    (_I.PATH, _I.FILE_NAME): (
        _FILES,
        "a collection of the file system, or process and file events over the window",
        "eine Sicherung des Dateisystems oder Prozess- und Dateiereignisse über den Zeitraum",
    ),
    (_I.REGISTRY,): (((_T.REGISTRY_SET,),), "registry events over the window", "Registry-Ereignisse über den Zeitraum"),
    (_I.PACKAGE,): (((_T.PACKAGE_LOCK,),), "the lock files of the project", "die Lockfiles des Projekts"),
    (_I.USER_AGENT,): (
        ((_T.PROXY,),),
        "proxy logs with user agents over the window",
        "Proxy-Protokolle mit User-Agents über den Zeitraum",
    ),
    (_I.EMAIL,): (((_T.EMAIL,),), "mail logs over the window", "Mail-Protokolle über den Zeitraum"),
    (_I.CERTIFICATE,): (
        ((_T.TLS,),),
        "TLS logs with certificates over the window",
        "TLS-Protokolle mit Zertifikaten über den Zeitraum",
    ),
    (_I.NAMED_OBJECT,): (
        ((_T.PROCESS_CREATION,),),
        "process events over the window",
        "Prozessereignisse über den Zeitraum",
    ),
}


def load_indicator_file(path: Path) -> Pack:
    """Load an indicator file of any known format as an ad-hoc pack.

    Raises:
        PackError: it cannot be read, is of no known format, breaks off, or holds nothing that could be looked for.
    """
    shown = str(path)
    content = read_content(path)
    listing = read_listing(path, content)
    pack = pack_of(listing, path.name, hashlib.sha256(content).hexdigest())
    if not any(indicator.drives for indicator in pack.indicators) and not pack.rules:
        problems = [Problem(path=shown, message=each) for each in pack.not_understood]
        raise PackError([*problems, Problem(path=shown, message="no row can be looked for", remedy="see above")])
    return pack


def read_content(path: Path) -> bytes:
    """Read an indicator file whole; PackError where that cannot be done or it is larger than any list in use."""
    shown = str(path)
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise _unusable(shown, f"larger than {LARGEST >> 20} MiB", "split it")
        return path.read_bytes()
    except OSError as error:
        raise _unusable(shown, f"cannot be read: {error.strerror}", "check the name and your rights") from error


def read_listing(path: Path, content: bytes, *, importer: Importer | None = None, partial: bool = False) -> Listing:
    """Read an indicator file by the importer that knows its format, or by the one given.

    With `partial`, a file that breaks off gives what stands before the break, marked, and with one row lost.

    Raises:
        PackError: it is of no known format, is unusable as a whole, or breaks off.
    """
    shown = str(path)
    chosen = importer or choose(content, path.name)
    if chosen is None:
        raise _unusable(shown, "of no known format", _FORMATS)
    try:
        listing = chosen.read(content)
    except RowProblem as error:
        raise _unusable(shown, str(error), error.remedy, error.line or 1) from error
    if listing.broken is None:
        return listing
    broken = listing.broken
    if not partial:
        count = f"; {len(listing.items)} values stand before it (nachsorge pack import --partial takes these)"
        raise _unusable(shown, f"{broken}{count}", broken.remedy, broken.line or 1) from broken
    mark = f"PARTIAL: {broken}; what stands behind that place was not read"
    return replace(listing, not_understood=(mark, *listing.not_understood), lost=listing.lost + 1)


def pack_of(listing: Listing, name: str, digest: str) -> Pack:
    """Make the ad-hoc pack of a listing; its windows stay empty until somebody knows what time is meant."""
    items, repeated = _distinct(listing.items)
    held = [*items, *(item for item, _ in listing.rules)]
    traces = _traces(held)
    indicators = tuple(_indicator(item, traces) for item in items)
    rungs = {item.stage: item.rung for item in reversed(held) if item.rung is not None}
    stages = sorted(
        dict.fromkeys(item.stage or SEEN for item in held), key=lambda stage: rungs.get(stage, _rung(stage))
    )
    exported = {item.stage or SEEN for item in held if item.trace}
    labels = [Label(each.tlp, each.pap) for each in indicators] + [_label(item) for item, _ in listing.rules]
    return Pack(
        id=name,
        version=digest[:12],
        title=name,
        digest=digest,
        tlp=max((label.tlp for label in labels), key=list(Tlp).index, default=Tlp.AMBER_STRICT),
        pap=max((label.pap for label in labels), key=list(Pap).index, default=Pap.GREEN),
        stages=tuple(
            _stage(stage, items, indicators, listing.lost, rungs.get(stage), exported=stage in exported)
            for stage in stages
        ),
        traces=tuple({trace.id: trace for trace in traces.values()}.values()),
        indicators=packed(indicators),
        rules=tuple(replace(rule, trace=traces[_place(item)].id) for item, rule in listing.rules),
        ad_hoc=True,
        not_understood=listing.not_understood + repeated,
    )


def with_window(pack: Pack, span: Span) -> Pack:
    """Give the ad-hoc pack every stage of which is about this time; a state counts when it was seen after its start."""
    return replace(pack, stages=tuple(_timed(stage, span) for stage in pack.stages))


def _timed(stage: Stage, span: Span) -> Stage:
    needs = tuple(
        replace(need, any_of=tuple(replace(option, snapshot_after=span.start) for option in need.any_of))
        for need in stage.needs
    )
    return replace(stage, windows=(Window(absolute=span),), needs=needs)


def _unusable(path: str, message: str, remedy: str, line: int = 0) -> PackError:
    return PackError([Problem(path=path, message=message, remedy=remedy, line=line)])


def _distinct(items: tuple[Item, ...]) -> tuple[list[Item], tuple[str, ...]]:
    kept: dict[tuple[object, ...], Item] = {}
    repeated = []
    for item in items:
        same = (item.type, item.value, item.stage, item.weight, item.trace, item.fields.get("platform"))
        first = kept.setdefault(same, item)
        if first is not item:
            repeated.append(f"{item.place}: repeats {first.place}")
    return list(kept.values()), tuple(repeated)


def _stage_id(item: Item) -> str:
    return item.stage or SEEN


def _place(item: Item) -> tuple[str, str, Weight]:
    return item.trace, item.stage or SEEN, item.weight


def _traces(items: Iterable[Item]) -> dict[tuple[str, str, Weight], Trace]:
    """Give the trace of every item: the one that it names, else one for its stage and weight.

    A name that stands for two things in the file is given to the first of them.
    """
    named: dict[str, tuple[str, str, Weight]] = {}
    traces: dict[tuple[str, str, Weight], Trace] = {}
    for place in dict.fromkeys(_place(item) for item in items):
        wanted, stage, weight = place
        free = wanted and named.setdefault(wanted, place) == place
        traces[place] = Trace(id=wanted if free else f"{stage}-{weight}", stage=stage, weight=weight)
    taken: dict[str, Trace] = {}
    for place, trace in traces.items():
        # A name from the file may be the one that was made up for others.
        while taken.setdefault(trace.id, trace) != trace:
            trace = replace(trace, id=f"{trace.id}+")
        traces[place] = trace
    return traces


def _rung(stage: str) -> Rung:
    return _RUNGS.get(stage.lower(), Rung.EXPOSED)


def _label(item: Item) -> Label:
    """Give the label of a rule: a pack's rules have that of the pack, so it must be as restrictive."""
    return Label(item.fields.get("tlp", UNLABELLED.tlp), item.fields.get("pap", UNLABELLED.pap))


def _indicator(item: Item, traces: Mapping[tuple[str, str, Weight], Trace]) -> Indicator:
    return Indicator(type=item.type, value=item.value, trace=traces[_place(item)].id, **item.fields)


def _stage(
    stage: str, items: list[Item], indicators: tuple[Indicator, ...], lost: int, rung: Rung | None, *, exported: bool
) -> Stage:
    ours = [indicator for item, indicator in zip(items, indicators, strict=True) if _stage_id(item) == stage]
    looked_for = [indicator for indicator in ours if indicator.drives]
    german = "Indikator gesehen" if stage == SEEN else stage
    return Stage(
        id=stage,
        rung=_rung(stage) if rung is None else rung,
        title="indicator seen" if stage == SEEN else stage,
        title_de=german,
        strong_enough=1,
        needs=_needs({indicator.type for indicator in looked_for if not indicator.memory_only}),
        never=_never(looked_for, lost) or (_EXPORTED if exported else ""),
    )


def _needs(types: set[IndicatorType]) -> tuple[Need, ...]:
    # A state (files, lock files) counts whenever it was seen, until `with_window` says which time is meant.
    return tuple(
        Need(
            any_of=tuple(Option(telemetry=telemetry, snapshot_after=0) for telemetry in options),
            settle=settle,
            settle_de=settle_de,
        )
        for kinds, (options, settle, settle_de) in _NEEDS.items()
        if types & set(kinds)
    )


_EXPORTED = "the file is an export of a pack: what must be looked at before this is ruled out stayed in the pack itself"


def _never(looked_for: list[Indicator], lost: int) -> str:
    if not looked_for:
        return "none of its indicators is looked for"
    if lost:
        # Which stage such a row speaks of is not known either, so it keeps all of them open.
        return f"{lost} rows of the indicator file were not understood, so nobody looked for them"
    if unseen := [_UNSEEN[kind] for kind in _UNSEEN if any(indicator.type is kind for indicator in looked_for)]:
        return unseen[0]
    if any(indicator.memory_only for indicator in looked_for):
        return "some of its indicators exist in memory only"
    return ""
