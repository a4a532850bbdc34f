"""Small assessments made by hand: four assets in all verdicts, a hostile one, a large one, an empty one."""

from __future__ import annotations

from nachsorge.model.assessment import (
    Assessment,
    Asset,
    Cell,
    ClaimAnswer,
    Control,
    Coverage,
    Hole,
    Judged,
    PackUsed,
    RuleAccount,
    Sighting,
    Source,
    Summary,
    Unmet,
)
from nachsorge.model.evidence import Gap, Reading, Seen
from nachsorge.model.times import Span, parse_end, parse_instant
from nachsorge.model.words import Platform, Reason, Standing, Status, Telemetry, Verdict, Weight


def span(start: str, end: str) -> Span:
    return Span(parse_instant(start), parse_end(end))


WINDOW = span("2023-03-03", "2023-04-20")
STAGES = (
    ("installed", "Trojanised app installed", "Trojanisierte Anwendung installiert"),
    ("executed", "App executed", "Anwendung ausgeführt"),
    ("beaconed", "Contact to the attacker", "Kontakt zum Angreifer"),
    ("second-stage", "Second stage loaded", "Zweite Stufe nachgeladen"),
)
RUNGS = ("exposed", "executed", "contacted", "implanted")
PACK = PackUsed(
    id="example-app",
    version="2023.4",
    sha256="ab" * 32,
    tlp="CLEAR",
    indicators=41,
    rules=3,
    title="Example desktop app, trojanised update",
    window=WINDOW,
    window_basis="from the first trojanised build to the take-down of its file repository",
    not_understood=("indicators.csv, line 12: type `ja3` is not known",),
    stages=STAGES,
    licence="CC-BY-4.0",
)
NO_PROXY = Unmet(
    telemetry=Telemetry.PROXY,
    span=WINDOW,
    reason=Reason.NOT_PROVIDED,
    settle="Export the proxy's access log for the window.",
)
NEVER = Unmet(
    telemetry=None,
    span=None,
    reason=Reason.NEVER,
    note="the pack names nothing that would rule this out",
)
LATE_DNS = Unmet(
    telemetry=Telemetry.DNS_QUERY,
    span=span("2023-03-11T06:30:00", "2023-03-13T05:59:59"),
    reason=Reason.SILENCE,
    settle="Ask whether the resolver was down, or restore its log from the backup.",
    note="no record for 47 hours",
)


def row(*cells: tuple[Standing, tuple[str, ...], tuple[Unmet, ...]]) -> tuple[Cell, ...]:
    return tuple(
        Cell(pack=PACK.id, stage=stage[0], rung=rung, standing=standing, because=because, unmet=unmet)
        for stage, rung, (standing, because, unmet) in zip(STAGES, RUNGS, cells, strict=True)
    )


def sighting(number: int, **changes: object) -> Sighting:
    values: dict[str, object] = {
        "id": f"g{number}",
        "pack": PACK.id,
        "indicator": "updates.example.net",
        "type": "domain",
        "stage": "beaconed",
        "trace": "c2-dns",
        "weight": Weight.PROOF,
        "asset": "ws-berta",
        "source": "s1",
        "locator": f"line {number * 100}",
        "telemetry": Telemetry.DNS_QUERY,
        "time": parse_instant(f"2023-03-29T01:{number:02}:00.5"),
        "fields": {"query": "updates.example.net", "client": "10.0.2.17"},
    }
    return Sighting(**(values | changes))  # type: ignore[arg-type]


SIGHTINGS = (
    *(sighting(number) for number in range(1, 7)),
    sighting(
        7,
        indicator="a" * 64,
        type="sha256",
        stage="installed",
        trace="dll",
        source="s2",
        locator="file Program Files/Example/lib.dll",
        telemetry=Telemetry.FILESYSTEM,
        time=None,
        fields={},
    ),
    sighting(
        8,
        indicator="susp-child-process",
        type="sigma",
        stage="second-stage",
        trace="child",
        weight=Weight.HINT,
        asset="ws-cäsar",
        source="s3",
        locator="record 345",
        telemetry=Telemetry.PROCESS_CREATION,
        author="Erika Muster",
        fields={"CommandLine": "cmd.exe /c whoami"},
    ),
    sighting(
        9,
        indicator="manifest due time",
        type="stored-time",
        trace="due-time",
        asset="srv-dora",
        source="s4",
        locator="manifest, offset 16",
        telemetry=Telemetry.FILESYSTEM,
        refutes=True,
        fields={},
    ),
)

ASSETS = (
    Judged(
        asset=Asset(
            id="srv-dora", names=("srv-dora.example.org",), platform=Platform.LINUX, role="server", declared=True
        ),
        verdict=Verdict.RULED_OUT,
        stage="",
        cells=row(
            (Standing.RULED_OUT, ("nothing seen in installed_software and filesystem",), ()),
            (Standing.RULED_OUT, ("requires installed, which is ruled out",), ()),
            (Standing.RULED_OUT, ("refuted by g9",), ()),
            (Standing.RULED_OUT, ("requires installed, which is ruled out",), ()),
        ),
    ),
    Judged(
        asset=Asset(
            id="ws-berta",
            names=("ws-berta", "ws-berta.example.org"),
            addresses=("10.0.2.17",),
            platform=Platform.WINDOWS,
            role="workstation",
            declared=True,
        ),
        verdict=Verdict.COMPROMISED,
        stage="beaconed",
        cells=row(
            (Standing.SHOWN, ("g7",), ()),
            (Standing.SHOWN, ("implied by beaconed",), ()),
            (Standing.SHOWN, ("g1", "g2", "g3", "g4", "g5", "g6"), ()),
            (Standing.OPEN, (), (NO_PROXY,)),
        ),
    ),
    Judged(
        asset=Asset(id="ws-anton", platform=Platform.WINDOWS, role="workstation", declared=True),
        verdict=Verdict.OPEN,
        stage="",
        cells=row(
            (Standing.OPEN, (), (NEVER,)),
            (Standing.OPEN, (), (NO_PROXY, LATE_DNS)),
            (Standing.OPEN, (), (NO_PROXY, LATE_DNS)),
            (Standing.OPEN, (), (NO_PROXY,)),
        ),
    ),
    Judged(
        asset=Asset(id="ws-cäsar", addresses=("10.0.2.170",), platform=Platform.WINDOWS),
        verdict=Verdict.SUSPECTED,
        stage="",
        cells=row(
            (Standing.RULED_OUT, ("nothing seen in installed_software and filesystem",), ()),
            (Standing.RULED_OUT, ("requires installed, which is ruled out",), ()),
            (Standing.OPEN, (), (LATE_DNS,)),
            (Standing.SUSPECTED, ("g8",), ()),
        ),
    ),
)

SOURCES = (
    Source(
        id="s1",
        reading=Reading(
            path="sensor/dns.log",
            reader="zeek_tsv",
            sha256="01" * 32,
            size=48_000_000,
            first=parse_instant("2023-03-01T00:00:07"),
            last=parse_instant("2023-04-24T23:59:58"),
            records=1_204_551,
            unreadable=2,
            unreadable_at=("line 77", "line 90211"),
            status=Status.PARTLY,
            reason=Reason.CORRUPT,
            seen=(Seen(telemetry=Telemetry.DNS_QUERY, spans=(WINDOW,)),),
            gaps=(Gap(reason=Reason.SILENCE, telemetry=Telemetry.DNS_QUERY, span=LATE_DNS.span, note="47 hours"),),
        ),
        assets=("ws-anton", "ws-berta", "ws-cäsar"),
    ),
    Source(
        id="s2",
        reading=Reading(
            path="ws-berta/disk.zip", reader="filesystem", sha256="02" * 32, records=31_200, size=900, asset="ws-berta"
        ),
        assets=("ws-berta",),
    ),
    Source(
        id="s3",
        reading=Reading(
            path="ws-cäsar/Security.evtx",
            reader="evtx",
            sha256="03" * 32,
            first=parse_instant("2023-03-20"),
            last=parse_instant("2023-04-20T10:00:00"),
            records=88_001,
            seen=(Seen(telemetry=Telemetry.PROCESS_CREATION, spans=(WINDOW,)),),
        ),
        assets=("ws-cäsar",),
    ),
    Source(
        id="s4", reading=Reading(path="srv-dora/files.tar.gz", reader="filesystem", records=7), assets=("srv-dora",)
    ),
    Source(
        id="s5",
        reading=Reading(
            path="proxy/access.log.3.gz", status=Status.UNREAD, reason=Reason.ENCRYPTED, note="a password is needed"
        ),
    ),
    Source(id="s6", reading=Reading(path="notes.docx", status=Status.SKIPPED, reason=Reason.NOT_SUPPORTED)),
)
COVERAGE = (
    Coverage(
        asset="ws-berta",
        telemetry=Telemetry.DNS_QUERY,
        intervals=(span("2023-03-01", "2023-03-11T06:30:00"), span("2023-03-13T06:00:00", "2023-04-24")),
        gaps=(Hole(span=LATE_DNS.span or WINDOW, reason=Reason.SILENCE, note="no record for 47 hours"),),
    ),
    Coverage(
        asset="ws-berta",
        telemetry=Telemetry.PROXY,
        intervals=(),
        gaps=(Hole(span=WINDOW, reason=Reason.NOT_PROVIDED),),
    ),
    Coverage(
        asset="ws-berta",
        telemetry=Telemetry.FILESYSTEM,
        intervals=(span("2023-04-02T14:00:00", "2023-04-02T14:00:00"),),
    ),
    Coverage(
        asset="ws-anton",
        telemetry=Telemetry.DNS_QUERY,
        intervals=(span("2023-03-03", "2023-03-11T06:30:00"),),
        gaps=(Hole(span=span("2023-03-11T06:30:00", "2023-04-20"), reason=Reason.NOT_SEEN_BY_SENSOR),),
    ),
    Coverage(asset="ws-cäsar", telemetry=Telemetry.PROCESS_CREATION, intervals=(span("2023-03-20", "2023-04-20"),)),
    Coverage(asset="srv-dora", telemetry=Telemetry.INSTALLED_SOFTWARE, intervals=(span("2023-04-25", "2023-04-25"),)),
)
SAMPLE = Assessment(
    packs=(PACK,),
    sources=SOURCES,
    sightings=SIGHTINGS,
    coverage=COVERAGE,
    rules=(
        RuleAccount(id="susp-child-process", applicable=88_001, matches=1),
        RuleAccount(id="dll-sideload", applicable=0, matches=0, note="needs image_load"),
        RuleAccount(id="backdoored-lib.yar", applicable=31_207, matches=0),
    ),
    assets=ASSETS,
    claims=(
        ClaimAnswer(id="few", says="Only very few users were hit.", by="the vendor", answer="untestable"),
        ClaimAnswer(
            id="gone",
            says="After the update no contact took place.",
            by="the vendor, 2023-04-01",
            answer="refuted",
            because=("ws-berta: updates.example.net at 2023-03-29T01:06:00.500000Z, after 2023-03-28T09:00:00Z (g6)",),
        ),
    ),
    controls=(
        Control(source="s1", reader="zeek_tsv", seen=True),
        Control(source="s3", reader="evtx", seen=True),
        Control(source="s4", reader="filesystem", seen=False, note="the planted file was not listed"),
    ),
    summary=Summary(
        verdict=Verdict.COMPROMISED,
        exit=1,
        assets={"compromised": 1, "suspected": 1, "open": 1, "ruled-out": 1},
        sources={"read": 3, "partly": 1, "unread": 1, "skipped": 1},
        sightings=len(SIGHTINGS),
        cells={"shown": 3, "suspected": 1, "open": 6, "ruled-out": 6},
        notes=("ws-cäsar is not in the inventory",),
    ),
)


def hostile(text: str) -> Assessment:
    """Give an assessment with this text in every field that evidence or a pack can fill."""
    unmet = Unmet(telemetry=Telemetry.PROXY, span=WINDOW, reason=Reason.NOT_PROVIDED, settle=text, note=text)
    cells = tuple(
        Cell(pack=text, stage=f"{n}{text}", rung="exposed", standing=standing, because=(text,), unmet=(unmet,))
        for n, standing in enumerate(Standing)
    )
    asset = Asset(id=text, names=(text,), addresses=(text,), role=text, attributes={text: text})
    reading = Reading(
        path=text,
        reader=text,
        sha256=text,
        note=text,
        status=Status.PARTLY,
        reason=Reason.CORRUPT,
        unreadable=1,
        unreadable_at=(text,),
        gaps=(Gap(reason=Reason.CLOCK, note=text, host=text),),
    )
    return Assessment(
        packs=(
            PackUsed(
                id=text,
                version=text,
                sha256=text,
                tlp=text,
                indicators=1,
                rules=1,
                title=text,
                window=WINDOW,
                window_basis=text,
                not_understood=(text,),
                stages=tuple((f"{n}{text}", text, text) for n in range(4)),
                licence=text,
            ),
        ),
        sources=(Source(id=text, reading=reading, assets=(text,)),),
        sightings=(
            sighting(
                1,
                id=f"id{text}",
                pack=text,
                indicator=text,
                type=text,
                stage=f"0{text}",
                trace=text,
                asset=text,
                source=text,
                locator=text,
                fields={text: text},
                author=text,
                note=text,
            ),
        ),
        coverage=(
            Coverage(
                asset=text,
                telemetry=Telemetry.PROXY,
                intervals=(span("2023-03-04", "2023-03-05"),),
                gaps=(Hole(span=span("2023-03-06", "2023-04-20"), reason=Reason.SILENCE, note=text),),
            ),
        ),
        rules=(RuleAccount(id=text, applicable=0, matches=0, note=text),),
        assets=(Judged(asset=asset, verdict=Verdict.COMPROMISED, stage=text, cells=cells),),
        claims=(ClaimAnswer(id=text, says=text, by=text, answer=text, because=(text,)),),
        controls=(Control(source=text, reader=text, seen=False, note=text),),
        summary=Summary(
            verdict=Verdict.COMPROMISED, exit=1, assets={}, sources={}, sightings=1, cells={}, notes=(text,)
        ),
    )


def same_gap(count: int) -> Assessment:
    """Give many assets that all lack the same evidence."""
    assets = tuple(
        Judged(
            asset=Asset(id=f"host-{number:04}", declared=True),
            verdict=Verdict.OPEN,
            stage="",
            cells=row(*[(Standing.OPEN, (), (NO_PROXY,))] * 4),
        )
        for number in range(count)
    )
    return Assessment(
        packs=(PACK,),
        sources=tuple(
            Source(id=f"s{n}", reading=Reading(path=f"logs/{n}.log", status=Status.UNREAD, reason=Reason.PERMISSION))
            for n in range(30)
        ),
        sightings=(),
        coverage=(),
        rules=(),
        assets=assets,
        claims=(),
        controls=(),
        summary=Summary(
            verdict=Verdict.OPEN, exit=3, assets={"open": count}, sources={"unread": 30}, sightings=0, cells={}
        ),
    )


NOTHING = Assessment(
    packs=(),
    sources=(),
    sightings=(),
    coverage=(),
    rules=(),
    assets=(),
    claims=(),
    controls=(),
    summary=Summary(verdict=Verdict.OPEN, exit=3, assets={}, sources={}, sightings=0, cells={}, interrupted=True),
)
