"""What was imported -> `pack.yaml`. A file that people wrote is never made anew; it only gains sources."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.errors import PackError, Problem
from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Rung, Tlp, Weight
from nachsorge.packs.decisions import Decision
from nachsorge.packs.importers.seams import Statement, Subject
from nachsorge.packs.intake import Source
from nachsorge.packs.intake_rules import Home
from nachsorge.packs.intake_table import NETWORK
from nachsorge.packs.merge import Merged

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


_MARK = "# made by `nachsorge pack import`; digest of what follows: "
_TITLES = {
    T.DOMAIN: "host name that reports name",
    T.IP: "address that reports name",
    T.CIDR: "network that reports name",
    T.URL: "web address that reports name",
    T.URL_PATTERN: "web address pattern that reports name",
    T.SHA256: "file by its hash",
    T.SHA1: "file by its hash",
    T.MD5: "file by its hash",
    T.PATH: "path that reports name",
    T.FILE_NAME: "file name that reports name",
    T.REGISTRY: "registry key that reports name",
    T.PACKAGE: "package version that reports name",
    T.USER_AGENT: "user agent that reports name",
    T.EMAIL: "mail address that reports name",
    T.CERTIFICATE: "certificate that reports name",
    T.NAMED_OBJECT: "mutex or pipe that reports name",
    T.STRING: "text that reports name",
}


@dataclass(slots=True)
class Writing:
    """What a pack is written from.

    `traces` are those that this program names, by type and weight; `homes` those that exported packs named, of which
    `at_home` are in use.
    """

    id: str
    values: Sequence[Merged]
    sources: Mapping[str, Source]
    statements: Sequence[tuple[str, Statement]]
    decisions: Mapping[tuple[T, str], Decision]
    reasons: Mapping[tuple[T, str], Sequence[str]] = field(default_factory=dict)
    tlp: Tlp | None = None
    window: tuple[str, str] | None = None
    related: Sequence[str] = ()
    rule_folders: Mapping[str, Home | None] = field(default_factory=dict)
    lost: int = 0
    traces: dict[str, tuple[T, Weight]] = field(default_factory=dict)
    homes: Mapping[str, Home] = field(default_factory=dict)
    at_home: dict[str, set[T]] = field(default_factory=dict)

    def home(self, trace: str, kind: T | None = None) -> None:
        """Note that something tests a trace which an exported pack named, and of which type."""
        self.at_home.setdefault(trace, set()).update({kind} if kind is not None else set())


def is_ours(pack_yaml: str) -> bool:
    """Tell whether a pack.yaml stands as this program made it, so that it may be made anew."""
    mark, _, body = pack_yaml.partition("\n")
    return mark == _MARK + _digest(body)


def pack_text(what: Writing) -> str:
    """Write pack.yaml for what was imported; call it after `indicators_text`, which tells the traces."""
    titles = [each.says for _, each in what.statements if each.subject is Subject.TITLE]
    labels = [each.tlp for each in what.values]
    tlp = what.tlp or max(labels, key=list(Tlp).index, default=Tlp.AMBER_STRICT)
    lines = [
        f"id: {what.id}",
        "version: 0.1.0",
        f"title: {_q(titles[0] if titles else what.id)}",
        f"tlp: {tlp.value}",
        "licence: not stated yet; the facts are those of the sources named below",
    ]
    if what.related:
        lines.append(f"related: [{', '.join(_q(each) for each in what.related)}]")
    lines += _aliases(what) + _sources(what) + _attributions(what) + ["", "stages:"] + _stages(what)
    body = "\n".join(lines) + "\n"
    return f"{_MARK}{_digest(body)}\n{body}"


def sources_lines(sources: Iterable[Source]) -> list[str]:
    """Write sources as entries of the list in pack.yaml."""
    lines = []
    for each in sources:
        lines += [f"  - id: {_id(each.id)}", f"    publisher: {_q(each.publisher)}", f"    title: {_q(each.title)}"]
        lines += [f"    date: {_q(each.date)}"] if each.date else []
        lines += [f"    where: {_q(each.where)}"] if each.where else []
    return lines


def with_sources(pack_yaml: str, sources: Sequence[Source], path: Path) -> str:
    """Add sources to a pack.yaml that people wrote, as lines right below `sources:`; everything else stays.

    Raises:
        PackError: the list is not written in the usual way; says what to add by hand.
    """
    new = [each for each in sources if not re.search(rf"\bid:\s*['\"]?{re.escape(each.id)}['\"]?\s*[,}}\n]", pack_yaml)]
    if not new:
        return pack_yaml
    place = re.search(r"^sources:[ \t]*(?:#.*)?\n(?=( *)- )", pack_yaml, re.MULTILINE)
    if place is None:
        snippet = "\n".join(["sources:", *sources_lines(new)])
        raise PackError(
            [Problem(path=str(path), message="has no list `sources:` to add to", remedy=f"add:\n{snippet}")]
        )
    shift = len(place[1]) - 2
    lines = [" " * shift + line if shift > 0 else line[-shift:] for line in sources_lines(new)]
    return pack_yaml[: place.end()] + "\n".join(lines) + "\n" + pack_yaml[place.end() :]


def _aliases(what: Writing) -> list[str]:
    by: dict[str, list[str]] = {}
    for source, each in what.statements:
        if each.subject is Subject.ALIAS:
            by.setdefault(each.says, []).append(source)
    if not by:
        return []
    return [
        "aliases:",
        *(f"  - {{name: {_q(name)}, by: [{', '.join(map(_id, dict.fromkeys(names)))}]}}" for name, names in by.items()),
    ]


def _sources(what: Writing) -> list[str]:
    return ["", "sources:", *sources_lines(what.sources.values())]


def _attributions(what: Writing) -> list[str]:
    lines = []
    for source, each in what.statements:
        if each.subject is Subject.ACTOR:
            date = each.date or what.sources[source].date
            more = "".join(f", {key}: {_q(text)}" for key, text in (("date", date), ("basis", each.basis)) if text)
            lines.append(f"  - {{says: {_q(each.says)}, by: {_id(source)}{more}}}")
    return ["", "attributions:", *lines] if lines else []


STAGES = {
    "present": (Rung.EXPOSED, "a file, package or setting that reports name is there"),
    "contacted": (Rung.CONTACTED, "contact with an address that reports name"),
}
_NEEDS = (
    (NETWORK, ("dns_query", "proxy", "network_connection"), "DNS, proxy or firewall logs that see the asset then"),
    (frozenset({T.PACKAGE}), ("package_lock",), "the lock files of every project, as they were then"),
    (frozenset(T) - NETWORK - {T.PACKAGE}, ("filesystem",), "a collection of the whole file system"),
)


@dataclass(slots=True)
class _Stage:
    """A stage while it is put together; `traces` have a title and a weight."""

    rung: Rung
    title: str
    traces: dict[str, tuple[str, Weight]] = field(default_factory=dict)
    types: set[T] = field(default_factory=set)
    folders: dict[str, Weight] = field(default_factory=dict)


def _stages(what: Writing) -> list[str]:
    stages = _put_together(what)
    lines: list[str] = []
    for name, stage in sorted(stages.items(), key=lambda each: each[1].rung):
        lines += [f"  - id: {name}", f"    rung: {stage.rung.word}", f"    title: {_q(stage.title)}"]
        lines += ["    strong_enough: 1"]
        lines += _needs(what, stage.types)
        if stage.folders:
            lines += [f"    rule_folders: [{', '.join(stage.folders)}]"]
            weakest = max(stage.folders.values(), key=list(Weight).index)
            lines += [f"    rule_weight: {weakest.value}"] if weakest is not Weight.HINT else []
        lines += ["    traces:"] if stage.traces else []
        for trace, (title, weight) in stage.traces.items():
            lines += [f"      - id: {trace}", f"        title: {_q(title)}", f"        weight: {weight.value}"]
    if not lines:
        lines = [
            "  - id: present",
            "    rung: exposed",
            "    title: nothing to look for yet",
            f"    never: {_q('no value')}",
        ]
    return lines


def _put_together(what: Writing) -> dict[str, _Stage]:
    stages: dict[str, _Stage] = {}

    def of(home: Home) -> _Stage:
        return stages.setdefault(home.stage, _Stage(home.rung, home.stage))

    for name, (rung, title) in STAGES.items():
        network = name == "contacted"
        ours = {trace: each for trace, each in sorted(what.traces.items()) if (each[0] in NETWORK) is network}
        bare = [folder for folder, home in what.rule_folders.items() if home is None and not network]
        if ours or bare:
            stage = stages[name] = _Stage(rung, title, folders=dict.fromkeys(bare, Weight.HINT))
            stage.traces |= {trace: (_TITLES[kind], weight) for trace, (kind, weight) in ours.items()}
            stage.types |= {kind for kind, _ in ours.values()}
    for trace, types in what.at_home.items():
        stage = of(what.homes[trace])
        stage.traces[trace] = trace, what.homes[trace].weight
        stage.types |= types
    for folder, home in what.rule_folders.items():
        if home is not None:
            of(home).folders[folder] = home.weight
    return stages


def _needs(what: Writing, types: set[T]) -> list[str]:
    why = []
    if what.lost:
        why.append(f"{what.lost} entries of the reports were not understood, so nobody looked for them")
    if what.window is None:
        why.append("the time of the incident is not entered yet: give the stage a window and needs")
    else:
        why.append("made from reports: say which evidence would show each trace, then take this line out")
    lines = []
    if what.window is not None:
        start, end = what.window
        lines += ["    windows:", f"      - {{from: {start}, to: {end}}}", "    needs:"]
        for kinds, telemetry, settle in _NEEDS:
            if types & kinds:
                lines += ["      - any_of:", *(f"          - {{telemetry: [{each}]}}" for each in telemetry)]
                lines += [f"        settle: {_q(settle)}"]
        if lines[-1] == "    needs:":
            lines.pop()
    return [*lines, f"    never: {_q('; '.join(why))}"]


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def _q(text: str) -> str:
    """Quote a text for YAML: JSON's strings are double-quoted ones of YAML, but for control characters beyond ASCII."""
    quoted = json.dumps(" ".join(text.split()), ensure_ascii=False)
    return "".join(each if each.isprintable() else _escaped(each) for each in quoted)


def _id(text: str) -> str:
    """Write an id; those that YAML takes for something else are quoted."""
    return _q(text) if text in ("null", "true", "false", "yes", "no", "on", "off") else text


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
