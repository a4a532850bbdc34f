"""Every way in which the command line gives something x every label x everybody whom it can be for.

Markers stand in values, notes, sources, rules, names of files and assets. What may not leave is in no byte that was
made: contents, names, metadata, streams of a PDF, talk on stderr. What may leave is there, or the search proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.cli.inside import Done, run
from tests.sharing import planted
from tests.sharing.planted import (
    ALL,
    ASSET,
    DIGEST,
    OF_ROW,
    PACK,
    RULE,
    RULE_FILE,
    SOURCE,
    VALUE,
    found,
    laid_open,
)

from nachsorge.exports.packs import EXPORTERS
from nachsorge.model.labels import MOST_RESTRICTIVE_LAST
from nachsorge.model.words import Tlp
from nachsorge.sharing.labels import strictest
from nachsorge.sharing.terms import For

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NONE = ""
"""Nobody labelled it: read as AMBER+STRICT."""
LABELS = (*Tlp, NONE)
WIDEST = {
    For.ME: Tlp.RED,
    For.OWN: Tlp.AMBER_STRICT,
    For.CLIENTS: Tlp.AMBER,
    For.COMMUNITY: Tlp.GREEN,
    For.PUBLIC: Tlp.CLEAR,
}
"""The most restrictive label that each may have, typed from the standard."""


def may(label: str, whom: For) -> bool:
    order = MOST_RESTRICTIVE_LAST.index
    return order(Tlp(label or Tlp.AMBER_STRICT)) <= order(WIDEST[whom])


def files(folder: Path) -> dict[str, bytes]:
    """Give everything below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def all_of(done: Done, made: Mapping[str, bytes]) -> set[str]:
    """Tell which markers are anywhere in what a command gave: talk, names and contents."""
    talk = found((done.stdout + done.stderr).encode())
    return talk.union(*(found(name.encode()) | found(body) for name, body in made.items()))


def given(folder: Path, carrier: str, label: str) -> Path:
    """Make a pack that has this label itself, or in its rows, or a bare list."""
    if carrier == "list" or not label:
        return planted.listed(folder / "given", label)
    return planted.pack(folder / "given", label if carrier == "pack" else Tlp.CLEAR, label)


# --- check --------------------------------------------------------------------------------------------------------------

HOLDS = {
    "stdout": {VALUE, ASSET, PACK, SOURCE, RULE},
    "a.json": {VALUE, ASSET, PACK, SOURCE, RULE},
    "s.jsonl": {VALUE, ASSET, PACK, RULE},
    "full.html": {VALUE, ASSET, PACK, SOURCE, RULE},
    "full.pdf": {VALUE, ASSET, PACK, SOURCE, RULE},
    "short.html": {ASSET, PACK},
    "short.pdf": {ASSET, PACK},
    "c/reports/assessment.json": {VALUE, ASSET, PACK, SOURCE, RULE},
    "c/reports/report.html": {VALUE, ASSET, PACK, SOURCE, RULE},
    "c/reports/summary.html": {ASSET, PACK},
    "c/case.sqlite": {*ALL} - {RULE_FILE},
}
"""Which markers stand in what `check` gives where it may give it: all that it is about."""


def checked(folder: Path, pack: Path, whom: For) -> tuple[Done, dict[str, bytes]]:
    """Check with every output that there is, each in a folder of its own; a PDF takes seconds, so one for each length."""
    log, hosts = planted.evidence(folder)
    out = folder / "out"
    out.mkdir()
    words = ("check", pack, log, "--inventory", hosts, "--for", whom)
    long = ("--json", out / "a.json", "--sightings", out / "s.jsonl", "--html", out / "full.html")
    done = run(*words, *long, "--pdf", out / "full.pdf", "--case", out / "c")
    short = run(*words, "--html", out / "short.html", "--pdf", out / "short.pdf", "--length", "short", "-q")
    assert done.returncode == short.returncode
    both = Done(done.returncode, done.stdout + short.stdout, done.stderr + short.stderr)
    return both, files(out)


@pytest.mark.parametrize("whom", For)
@pytest.mark.parametrize("label", LABELS, ids=lambda each: each or "none")
@pytest.mark.parametrize("carrier", ["pack", "row", "list"])
def test_check_gives_nothing_to_whom_it_may_not(tmp_path: Path, carrier: str, label: str, whom: For) -> None:
    pack = given(tmp_path, carrier, label)
    # Own evidence is unlabelled, whatever the pack is.
    if may(strictest([Tlp(label or Tlp.AMBER_STRICT), Tlp.AMBER_STRICT]), whom):
        log, hosts = planted.evidence(tmp_path)
        done = run("check", pack, log, "--inventory", hosts, "--for", whom, "--json", "-")
        assert (
            done.returncode == 1 and VALUE in done.stdout and f'"tlp": "{label}"' in done.stdout
        ) or label != Tlp.RED
        return
    done, made = checked(tmp_path, pack, whom)
    assert done.returncode == 2 and not made, "not even an empty file, or a case's folder"
    assert "TLP:" in done.stderr and all_of(done, made) == set()


@pytest.mark.parametrize(("label", "whom"), [(Tlp.RED, For.ME), (Tlp.AMBER, For.OWN)])
def test_check_gives_all_of_it_to_whom_it_may(tmp_path: Path, label: Tlp, whom: For) -> None:
    done, made = checked(tmp_path, given(tmp_path, "pack", label), whom)
    assert done.returncode == 1
    held = {name: found(body) for name, body in made.items()} | {"stdout": found(done.stdout.encode())}
    assert {name: HOLDS[name] - held[name] for name in HOLDS} == dict.fromkeys(HOLDS, set())
    assert set(made) == set(HOLDS) - {"stdout"}, "a new way out needs a row above"
    shown = f"TLP:{strictest([label, Tlp.AMBER_STRICT])}".encode()
    labelled = {name: shown in laid_open(body) for name, body in made.items() if name.endswith((".html", ".pdf"))}
    assert all(labelled.values()), labelled
    assert shown.decode() in done.stdout
    for name in ("a.json", "c/reports/assessment.json", "s.jsonl"):
        assert b'"tlp":"' + shown[4:] + b'"' in made[name].replace(b" ", b"")


# --- pack export --------------------------------------------------------------------------------------------------------

BY_VALUE = {each.name for each in EXPORTERS} - {"vex"}
"""Formats that write values; the other one writes packages and products."""


@pytest.mark.parametrize("whom", For)
@pytest.mark.parametrize("label", LABELS, ids=lambda each: each or "none")
@pytest.mark.parametrize("carrier", ["pack", "row", "list"])
def test_pack_export_gives_what_the_label_allows(tmp_path: Path, carrier: str, label: str, whom: For) -> None:
    pack, out = given(tmp_path, carrier, label), tmp_path / "out"
    done = run("pack", "export", pack, *(w for e in EXPORTERS for w in ("--to", e.name)), "-o", out, "--for", whom)
    made = files(out)
    held = all_of(done, made)
    if may(label, whom):
        assert done.returncode == 0, done.stderr
        for each in EXPORTERS:
            mine = b"".join(
                body for name, body in made.items() if each.name in BY_VALUE and not name.endswith("expressed.txt")
            )
            assert {VALUE, DIGEST} & found(mine) or each.name not in BY_VALUE
        assert {VALUE, DIGEST} <= held
    elif carrier == "row" and label:
        assert done.returncode == 0 and made, "the pack itself may go"
        assert held.isdisjoint(OF_ROW), "and a row neither in contents, nor in names, nor in the list beside them"
    else:
        assert done.returncode == 2 and not made and held == set()
        assert "TLP:" in done.stderr


@pytest.mark.parametrize("pap", ["RED", "AMBER", "GREEN", "CLEAR"])
@pytest.mark.parametrize("carrier", ["pack", "row"])
@pytest.mark.parametrize("exporter", [each for each in EXPORTERS if each.blocks], ids=lambda each: each.name)
def test_what_may_not_be_blocked_is_in_no_blocking_list(tmp_path: Path, exporter, carrier: str, pap: str) -> None:
    more = {"pap": pap} if carrier == "pack" else {"row_pap": pap}
    pack = planted.pack(tmp_path / "given", Tlp.CLEAR, **more)
    done = run("pack", "export", pack, "--to", exporter.name, "-o", tmp_path / "out", "--for", "public")
    made = files(tmp_path / "out")
    if pap in ("GREEN", "CLEAR"):
        assert VALUE in all_of(done, made)
    else:
        assert all_of(done, made).isdisjoint(OF_ROW)
        assert bool(made) == (carrier == "row") and "PAP:" in done.stderr
