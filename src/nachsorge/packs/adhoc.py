"""An indicator file in a pack's place: one stage, whose needs follow from the types of its indicators."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.errors import PackError, Problem
from nachsorge.model.labels import UNLABELLED, Label, Pap
from nachsorge.model.pack import Indicator, Need, Option, Pack, Rule, Stage, Trace, Window
from nachsorge.model.words import IndicatorType, Rung, Telemetry, Tlp
from nachsorge.packs.importers import HEAD, Importer, Item, choose
from nachsorge.packs.importers.listing import Remarks
from nachsorge.packs.importers.seams import BreaksOff, Carried, Found, Remark
from nachsorge.packs.row_problem import RowProblem
from nachsorge.packs.rows_so_far import SEEN, RowsSoFar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from io import BufferedReader
    from pathlib import Path

    from nachsorge.model.times import Span

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
    pack = pack_of(found_in(path), path.name, digest_of(path))
    if not any(sample.drives for sample in pack.indicators) and not pack.rules:
        problems = [Problem(path=str(path), message=each) for each in pack.not_understood]
        raise PackError([*problems, Problem(path=str(path), message="no row can be looked for", remedy="see above")])
    return pack


def digest_of(path: Path) -> str:
    """Give the SHA-256 of an indicator file; PackError where it cannot be read."""
    with _opened(path) as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def found_in(path: Path, *, importer: Importer | None = None, partial: bool = False) -> Iterator[Found]:
    """Give what an indicator file holds while it is read, by the importer that knows its format, or by the one given.

    With `partial`, a file that breaks off gives what stands before the break, marked, and with one row lost.

    Raises:
        PackError: it is of no known format, is unusable as a whole, or breaks off.
    """
    shown, count = str(path), 0
    with _opened(path) as source:
        chosen = importer or choose(source.read(HEAD), path.name)
        if chosen is None:
            raise _unusable(shown, "of no known format", _FORMATS)
        source.seek(0)
        try:
            for each in chosen.read(source):
                count += isinstance(each, Item)
                yield each
        except BreaksOff as broken:
            if not partial:
                taken = f"; {count} values stand before it (nachsorge pack import --partial takes these)"
                raise _unusable(shown, f"{broken}{taken}", broken.remedy, broken.line or 1) from broken
            yield Remark(f"PARTIAL: {broken}; what stands behind that place was not read", lost=1, foremost=True)
        except RowProblem as error:
            raise _unusable(shown, str(error), error.remedy, error.line or 1) from error


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    try:
        with path.open("rb") as source:
            yield source
    except OSError as error:
        raise _unusable(str(path), f"cannot be read: {error.strerror}", "check the name and your rights") from error


class Gathering:
    """An ad-hoc pack while its files are read."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rows = RowsSoFar()
        self._remarks = Remarks()
        self._rules: list[tuple[Item, Rule]] = []

    def add(self, found: Found, file: str = "") -> None:
        """Take what an importer gave; `file` names the one it is from where there are several."""
        before = f"{file}: " if file else ""
        match found:
            case Item():
                item = replace(found, place=before + found.place) if file else found
                if repeated := self._rows.add(item):
                    self._remarks.add(Remark(repeated))
            case Carried():
                self._rules.append((found.item, found.rule))
            case Remark():
                self._remarks.add(found, before)

    def pack(self, name: str, digest: str) -> Pack:
        """Make the pack; its windows stay empty until somebody knows what time is meant."""
        rows, samples = self._rows, self._rows.samples()
        rules = []
        for item, rule in self._rules:
            rows.note(item)
            rules.append(replace(rule, trace=rows.traces.of(item).id))
        traces = rows.traces.all()
        rungs = {stage: rows.rungs.get(stage, _rung(stage)) for stage in dict.fromkeys(each.stage for each in traces)}
        labels = [Label(each.tlp, each.pap) for each in samples] + [_label(item) for item, _ in self._rules]
        return Pack(
            id=name,
            version=digest[:12],
            title=name,
            digest=digest,
            tlp=max((label.tlp for label in labels), key=list(Tlp).index, default=Tlp.AMBER_STRICT),
            pap=max((label.pap for label in labels), key=list(Pap).index, default=Pap.GREEN),
            stages=tuple(self._stage(stage, rungs[stage], traces) for stage in sorted(rungs, key=rungs.__getitem__)),
            traces=traces,
            indicators=rows.finished(),
            rules=tuple(rules),
            ad_hoc=True,
            not_understood=self._remarks.lines(),
        )

    def _stage(self, stage: str, rung: Rung, traces: Sequence[Trace]) -> Stage:
        exported = stage in self._rows.exported
        rules = [rule for item, rule in self._rules if item.stage == stage and not item.trace]
        if rules:
            from nachsorge.packs.rule_folder import generic_stage  # which reads YAML

            return generic_stage(rules, self._remarks.lost)
        of_stage = {trace.id for trace in traces if trace.stage == stage}
        looked_for = [each for each in self._rows.samples() if each.trace in of_stage and each.drives]
        return Stage(
            id=stage,
            rung=rung,
            title="indicator seen" if stage == SEEN else stage,
            title_de="Indikator gesehen" if stage == SEEN else stage,
            strong_enough=1,
            needs=_needs({indicator.type for indicator in looked_for if not indicator.memory_only}),
            never=_never(looked_for, self._remarks.lost) or (_EXPORTED if exported else ""),
        )


def pack_of(found: Iterable[Found], name: str, digest: str) -> Pack:
    """Make the ad-hoc pack of one file."""
    gathering = Gathering()
    for each in found:
        gathering.add(each)
    return gathering.pack(name, digest)


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


def _rung(stage: str) -> Rung:
    return _RUNGS.get(stage.lower(), Rung.EXPOSED)


def _label(item: Item) -> Label:
    """Give the label of a rule: a pack's rules have that of the pack, so it must be as restrictive."""
    return Label(item.fields.get("tlp", UNLABELLED.tlp), item.fields.get("pap", UNLABELLED.pap))


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


def _never(looked_for: Sequence[Indicator], lost: int) -> str:
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
