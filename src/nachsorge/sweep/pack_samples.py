"""A pack against its own samples: does it find what it should, is it quiet where it should be, can each row be met?

`samples/expected.yaml` says for `hit` and `clean`, by asset, which stages stand as `shown`, `suspected` and
`ruled-out`; the others are open. `samples/values.csv` is the second book of a double entry: every row in it (type,
value, trace, platform) is written into made evidence and must be met on its trace, and every row that the pack looks
for must stand in it or be met in `samples/hit`. So each row that somebody removes, or that no reader can show, is
noticed. Where only an
inventory knows something of the hosts (role, platform, relations, network cards), `samples/inventory-hit.csv` and
`samples/inventory-clean.csv` say it.
"""

from __future__ import annotations

import csv
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from nachsorge.assets.inventory import Inventory, load_inventory
from nachsorge.assets.registry import Registry
from nachsorge.errors import InventoryError, Problem
from nachsorge.model.words import Standing
from nachsorge.packs.load import load_pack
from nachsorge.sweep import Options, sweep
from nachsorge.sweep.digests import digest_sightings
from nachsorge.sweep.pack_plants import planted, stand_ins

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.model.assessment import Assessment
    from nachsorge.model.pack import Indicator, Pack

EXPECTED = "samples/expected.yaml"
VALUES = "samples/values.csv"
INVENTORY = "samples/inventory-{part}.csv"
_TOLD = (Standing.SHOWN, Standing.SUSPECTED, Standing.RULED_OUT)
_BOOKED = ("type", "value", "trace", "platform")
_Key = tuple[str, str, str, str]
_Met = set[tuple[str, str, str]]
"""What was met: type, value and trace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a test of a pack found: its problems, and how much was looked at."""

    problems: tuple[Problem, ...]
    assets: int
    rules: int
    values: int


def run_pack_test(folder: Path, options: Options) -> Trial:
    """Test a pack's folder; PackError where it does not even load."""
    pack = load_pack(folder)
    problems: list[Problem] = []
    wanted = _expected(folder, problems)
    hit = _sweep(pack, folder, "hit", options, problems)
    clean = _sweep(pack, folder, "clean", options, problems)
    if hit is not None:
        problems += _standings(hit, wanted.get("hit"), folder, "hit")
    if clean is not None:
        problems += _standings(clean, wanted.get("clean"), folder, "clean")
        problems += _noise(clean, folder)
    met = _met([hit] if hit else [])
    problems += _silent_rules(pack, hit, folder)
    book = _book(folder, problems)
    problems += _values(pack, book, met, folder, options)
    problems += _changelog(pack, folder)
    assets = sum(len(each.assets) for each in (hit, clean) if each)
    values = len({(each.type, each.value) for each in pack.indicators if each.drives})
    return Trial(problems=tuple(problems), assets=assets, rules=len(pack.rules), values=values)


def book_of(pack: Pack) -> str:
    """Give `samples/values.csv` as it should be for this pack."""
    keys = sorted({_key(each) for each in pack.indicators if each.drives})
    quoted = (f'{kind},"{value.replace(chr(34), chr(34) * 2)}",{trace},{on}' for kind, value, trace, on in keys)
    return "\n".join([",".join(_BOOKED), *quoted, ""])


def _key(row: Indicator) -> _Key:
    return row.type.value, row.value, row.trace, row.platform.value if row.platform else ""


def _problem(folder: Path, name: str, message: str, remedy: str) -> Problem:
    return Problem(path=str(folder / name), message=message, remedy=remedy)


def _expected(folder: Path, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    path = folder / EXPECTED
    try:
        found = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        remedy = "say by asset which stages the samples show: `hit: {pc-1: {shown: [installed]}}`"
        problems.append(_problem(folder, EXPECTED, f"cannot be read: {error.strerror}", remedy))
        return {}
    except (YAMLError, UnicodeDecodeError) as error:
        problems.append(_problem(folder, EXPECTED, f"not YAML: {str(error).splitlines()[0]}", "correct it"))
        return {}
    if not isinstance(found, dict) or not all(isinstance(part or {}, dict) for part in found.values()):
        problems.append(_problem(folder, EXPECTED, "not a mapping of hit and clean", "`hit: {...}` and `clean: {...}`"))
        return {}
    return {name: part or {} for name, part in found.items()}


def sample_inventory(folder: Path, part: str) -> Inventory:
    """Give what the pack says of the hosts in `hit` or `clean`; InventoryError where that cannot be used."""
    path = folder / INVENTORY.format(part=part)
    return load_inventory(path) if path.is_file() else Inventory()


def _sweep(pack: Pack, folder: Path, part: str, options: Options, problems: list[Problem]) -> Assessment | None:
    evidence = folder / "samples" / part
    if not evidence.is_dir() or not any(evidence.rglob("*")):
        remedy = (
            "put evidence there that the pack must find" if evidence.name == "hit" else "put innocent evidence there"
        )
        problems.append(Problem(path=str(evidence), message="there are no samples", remedy=remedy))
        return None
    try:
        declared = sample_inventory(folder, part)
    except InventoryError as error:
        problems += error.problems
        declared = Inventory()
    return sweep([pack], [str(evidence)], declared, options)


def _standings(found: Assessment, wanted: dict[str, Any] | None, folder: Path, part: str) -> list[Problem]:
    """Compare the stages of every asset with what the pack's author expects."""
    if wanted is None:
        return [_problem(folder, EXPECTED, f"says nothing about {part}", f"add `{part}:`")]
    seen = {_name(judged.asset.id, folder / "samples" / part): _told(judged.cells) for judged in found.assets}
    out = []
    for asset in sorted({*seen, *map(str, wanted)}):
        want = {str(key): sorted(map(str, value or ())) for key, value in (wanted.get(asset) or {}).items() if value}
        have = seen.get(asset, {})
        if asset not in seen:
            out.append(
                _problem(folder, EXPECTED, f"{part}: no such asset: {asset}", f"there are: {', '.join(sorted(seen))}")
            )
        elif want != have:
            out.append(
                _problem(folder, EXPECTED, f"{part}: {asset} is {_words(have)}, expected {_words(want)}", _WHICH)
            )
        elif asset not in wanted:
            out.append(_problem(folder, EXPECTED, f"{part}: {asset} is not mentioned", f"add `{asset}: {{}}`"))
    return out


_WHICH = "mend whichever is wrong: the pack, the sample, or what is expected"


def _name(asset: str, evidence: Path) -> str:
    """Give an asset's name without the place of the samples, which differs from machine to machine."""
    prefix = f"{evidence}/"
    return asset.removeprefix(prefix)


def _told(cells: Iterable[Any]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for cell in cells:
        if cell.standing in _TOLD:
            out.setdefault(cell.standing.value, []).append(cell.stage)
    return {standing: sorted(stages) for standing, stages in out.items()}


def _words(standings: dict[str, list[str]]) -> str:
    return "; ".join(f"{standing} {', '.join(stages)}" for standing, stages in sorted(standings.items())) or "open"


def _noise(clean: Assessment, folder: Path) -> list[Problem]:
    remedy = "narrow it, or move the sample to samples/hit"
    return [
        _problem(
            folder, "samples/clean", f"{each.type} {each.indicator} fires on {each.locator} of {each.source}", remedy
        )
        for each in clean.sightings
        if not each.refutes
    ]


def _met(assessments: Iterable[Assessment]) -> _Met:
    return {(each.type, each.indicator, each.trace) for found in assessments for each in found.sightings}


def _silent_rules(pack: Pack, hit: Assessment | None, folder: Path) -> list[Problem]:
    fired = {name for _, name, _ in _met([hit] if hit else [])}
    remedy = "put a record into samples/hit that it must meet, or drop the rule"
    return [
        _problem(folder, "samples/hit", f"the {rule.engine} rule {rule.id} ({rule.title}) fires on nothing", remedy)
        for rule in pack.rules
        if rule.id not in fired
    ]


def _book(folder: Path, problems: list[Problem]) -> set[_Key]:
    path = folder / VALUES
    if not path.is_file():
        return set()
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream)
            return {(row["type"], row["value"], row["trace"], row["platform"]) for row in rows}
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        remedy = f"columns {','.join(_BOOKED)}; or write it anew"
        problems.append(_problem(folder, VALUES, f"unusable: {error}", remedy))
        return set()


def _values(pack: Pack, book: set[_Key], met: _Met, folder: Path, options: Options) -> list[Problem]:
    """Hold the pack's values and the book against each other, and have every one met in made evidence."""
    looked_for = {_key(each): each for each in pack.indicators if each.drives}
    unbooked = sorted(key for key in looked_for if key not in book and key[:3] not in met)
    out = _unbooked(unbooked, folder) if unbooked else []
    gone = sorted(book - set(looked_for))
    remedy = "put the row back, or take it out of samples/values.csv as well"
    out += [_problem(folder, VALUES, f"the pack does not look for {_told_key(key)} any more", remedy) for key in gone]
    digests = {trace.id for trace in pack.traces if trace.digest_of is not None}
    rest = [each for key, each in looked_for.items() if key[:3] not in met and each.trace not in digests]
    seen = _met([_planted(pack, rest, options)] if rest else [])
    hashed = [each for key, each in looked_for.items() if key[:3] not in met and each.trace in digests]
    seen |= _stood_in(pack, hashed) if hashed else set()
    rest += hashed
    unmet = [each for each in rest if _key(each)[:3] not in seen]
    return out + [_unmet(each, folder) for each in unmet]


def _told_key(key: _Key) -> str:
    kind, value, trace, platform = key
    return f"{kind} {value} on the trace {trace}" + (f" ({platform})" if platform else "")


def _unbooked(values: list[_Key], folder: Path) -> list[Problem]:
    shown = ", ".join(map(_told_key, values[:3]))
    more = f" and {len(values) - 3} more" if len(values) > 3 else ""
    remedy = "nobody would notice if they were lost: nachsorge pack test --write-values"
    return [_problem(folder, VALUES, f"no sample holds {shown}{more}", remedy)]


def _unmet(indicator: Indicator, folder: Path) -> Problem:
    remedy = "no reader gives a record that it meets: correct the value, or put evidence with it into samples/hit"
    return _problem(folder, "indicators.csv", f"nothing meets {indicator.type} {indicator.value}", remedy)


def _planted(pack: Pack, rows: list[Indicator], options: Options) -> Assessment:
    with tempfile.TemporaryDirectory(prefix="nachsorge-pack-test-") as place:
        for name, content in planted(rows).items():
            path = Path(place) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return sweep([_anywhere(pack)], [place], Inventory(), options)


def _stood_in(pack: Pack, rows: list[Indicator]) -> _Met:
    """Try rows whose value is the hash of an attribute that nobody knows: a made one stands in for each."""
    made = stand_ins(pack, rows)
    registry = Registry(Inventory(tuple(asset for _, _, asset in made)))
    trial = replace(pack, indicators=tuple(row for _, row, _ in made))
    seen = {(each.indicator, each.asset) for each in digest_sightings([trial], (), registry, 1)}
    return {_key(row)[:3] for row, made_row, asset in made if (made_row.value, asset.id) in seen}


def _anywhere(pack: Pack) -> Pack:
    """Give the pack with traces of any telemetry: made records prove the value and its spelling, not its log."""
    return replace(pack, traces=tuple(replace(trace, telemetry=()) for trace in pack.traces), rules=())


def _changelog(pack: Pack, folder: Path) -> list[Problem]:
    path = folder / "CHANGELOG.md"
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    if any(
        line.startswith("#") and pack.version in line.split()
        for line in text.replace("[", " ").replace("]", " ").splitlines()
    ):
        return []
    remedy = f"add a heading `## {pack.version}` and what changed"
    return [_problem(folder, "CHANGELOG.md", f"does not tell of version {pack.version}", remedy)]
