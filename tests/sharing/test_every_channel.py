"""Every way in which the command line gives something x every label x everybody whom it can be for.

Markers stand in values, notes, sources, rules, names of files and assets. What may not leave is in no byte that was
made: contents, names, metadata, streams of a PDF, talk on stderr. What may leave is
there, or the search proves nothing.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.cli.inside import Done, run
from tests.sharing import planted
from tests.sharing.keys import gpg
from tests.sharing.planted import (
    ALL,
    ASSET,
    DIGEST,
    NOTE,
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

    from tests.sharing.keys import Keys

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


# --- check ---------------------------------------------------------------------------------------------------------

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
    """Check with every output that there is."""
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
        assert done.returncode == 1 and VALUE in done.stdout
        assert f'"tlp": "{Tlp.RED if label == Tlp.RED else Tlp.AMBER_STRICT}"' in done.stdout
        return
    done, made = checked(tmp_path, pack, whom)
    assert done.returncode == 2 and not made, "not even an empty file, or a case's folder"
    assert "TLP:" in done.stderr and all_of(done, made) == set()


@pytest.mark.parametrize(("label", "whom"), [(Tlp.RED, For.ME), (Tlp.AMBER, For.OWN)])
def test_check_gives_all_of_it_to_whom_it_may(tmp_path: Path, label: Tlp, whom: For) -> None:
    done, made = checked(tmp_path, given(tmp_path, "pack", label), whom)
    assert done.returncode == 1
    held = {name: found(body) for name, body in made.items()} | {"stdout": found(done.stdout.encode())}
    assert {name: HOLDS[name] - held[name] for name in HOLDS} == {name: set() for name in HOLDS}
    assert set(made) == set(HOLDS) - {"stdout"}, "a new way out needs a row above"
    shown = f"TLP:{strictest([label, Tlp.AMBER_STRICT])}".encode()
    labelled = {name: shown in laid_open(body) for name, body in made.items() if name.endswith((".html", ".pdf"))}
    assert all(labelled.values()), labelled
    assert shown.decode() in done.stdout
    for name in ("a.json", "c/reports/assessment.json", "s.jsonl"):
        assert b'"tlp":"' + shown[4:] + b'"' in made[name].replace(b" ", b"")


# --- pack export ---------------------------------------------------------------------------------------------------


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
        assert {VALUE, DIGEST} <= held, "each format by itself: tests/sharing/test_channels.py"
    elif carrier == "row" and label:
        assert done.returncode == 0 and made, "the pack itself may go"
        assert held.isdisjoint((*OF_ROW, RULE)), "neither a row, nor a rule that quotes it"
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


# --- a case -----------------------------------------------------------------------------------------------------------

VERBS: Mapping[tuple[str, ...], set[str]] = {
    ("case", "show", "c"): {PACK, ASSET},
    ("case", "show", "c", "-v"): {VALUE, PACK, ASSET, SOURCE},
    ("case", "show", "c", "--json", "-"): {VALUE, PACK, ASSET, SOURCE},
    ("case", "log", "c"): set(),
    ("case", "diff", "c"): set(),
    ("case", "close", "c"): {ASSET},
    ("case", "timeline", "c"): {VALUE, ASSET},
    ("case", "timeline", "c", "--format", "csv"): {VALUE, ASSET},
    ("case", "timeline", "c", "--format", "timesketch"): {VALUE, ASSET},
    ("next", "c"): set(),
    ("next", "c", "--json", "-"): set(),
    ("rank", "c", "--no-read"): {ASSET},
    ("rank", "c", "--no-read", "--json", "-"): {ASSET},
}
"""What gives something of a case, and a marker or two that stand in it: the house's own use, which is no release."""
NOTHING_OF_IT = {"new", "add", "verify", "waive", "false-positive", "remediated", "owner", "notified", "effort"}
"""What only records, or proves."""


@pytest.fixture(scope="module")
def made_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that was judged twice."""
    folder = tmp_path_factory.mktemp("case")
    pack, (log, hosts) = planted.pack(folder / "given", Tlp.CLEAR), planted.evidence(folder)
    assert run("check", pack, log, "--inventory", hosts, "--case", folder / "c", "-q").returncode == 1
    log.write_text(log.read_text() + "1680000060.0\t10.0.0.2\tgood.example\n")
    run("case", "add", folder / "c", log, "-q")
    return folder


@pytest.fixture
def labelled_case(made_case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made_case, tmp_path / "x")
    monkeypatch.chdir(tmp_path / "x")
    return tmp_path / "x"


@pytest.mark.parametrize("of", ["source", "case"])
@pytest.mark.parametrize("label", Tlp)
def test_all_that_a_case_gives_carries_its_label(labelled_case: Path, made_case: Path, label: Tlp, of: str) -> None:
    source = ("--of", str(made_case / "dns.log")) if of == "source" else ()
    done = run("notify", "label", "c", label, "--pap", "RED", *source, "--reason", "the partner")
    assert done.returncode == 0, done.stderr
    tlp = strictest([label, Tlp.AMBER_STRICT])
    for words, holds in VERBS.items():
        done = run(*words)
        assert holds <= found(done.stdout.encode()), (words, done.stderr)
        if "csv" in words or "timesketch" in words:
            rows, each = done.stdout.splitlines()["csv" in words :], label if of == "source" else tlp
            assert rows and all(row.endswith((f",{each},RED", f'"tlp": "{each}", "pap": "RED"}}')) for row in rows)
        else:
            assert _says(done.stdout, tlp), words
    for name, body in files(Path("c/reports")).items():
        assert _says(laid_open(body).decode(), tlp), name


def _says(text: str, tlp: Tlp) -> bool:
    """Tell whether the label of the whole stands in it, as people or as programs read it."""
    written = f"TLP:{tlp}" in text and "PAP:RED" in text
    return written or (f'"tlp": "{tlp}"' in text and '"pap": "RED"' in text)


@pytest.mark.parametrize("whom", For)
@pytest.mark.parametrize("of", ["source", "case"])
@pytest.mark.parametrize("label", [Tlp.RED, Tlp.GREEN])
def test_a_case_hands_nothing_on_that_it_was_given_more_closely(
    labelled_case: Path, made_case: Path, label: Tlp, of: str, whom: For
) -> None:
    source = ("--of", str(made_case / "dns.log")) if of == "source" else ()
    assert run("notify", "label", "c", label, *source, "--reason", "the partner").returncode == 0
    (labelled_case / "own.csv").write_text("type,value,tlp\ndomain,other.example,CLEAR\n")
    done = run("check", "own.csv", "dns.log", "--case", "c", "--for", whom, "--html", "out/r.html", "--json", "out/a")
    made = files(labelled_case / "out")
    if may(strictest([label, Tlp.AMBER_STRICT]), whom):
        assert done.returncode == 1 and VALUE in all_of(done, made)
    else:
        assert done.returncode == 2 and not made and all_of(done, made) == set()


def test_every_verb_of_a_case_is_looked_at() -> None:
    from nachsorge.cli.case import app

    named = {each.name or each.callback.__name__.replace("_", "-") for each in app.registered_commands if each.callback}
    assert {words[1] for words in VERBS if words[0] == "case"} | NOTHING_OF_IT == named


# --- notifications ----------------------------------------------------------------------------------------------------

TOLD = {"cert": Tlp.AMBER_STRICT, "constituency": Tlp.AMBER, "community": Tlp.GREEN, "public": Tlp.CLEAR}


def drafted(folder: Path, label: Tlp) -> Path:
    """Draft from the case's assessment, with markers in all that a person adds."""
    (folder / "seen.csv").write_text(f"type,value,tlp,note\ndomain,{VALUE}-new.example,{label},{NOTE}\n")
    words = (
        "--tlp",
        label,
        "--name",
        f"{PACK} works",
        "--note",
        NOTE,
        "--want-text",
        SOURCE,
        "--done",
        f"other:{RULE}",
    )
    named = ("--incident", f"{PACK} incident", "--indicators", folder / "seen.csv", "-o", folder / "n.json")
    done = run("notify", "draft", folder / "c" / "reports" / "assessment.json", *words, *named)
    assert done.returncode == 0, done.stderr
    return folder / "n.json"


ADDED = {VALUE, NOTE, SOURCE, RULE, PACK}


@pytest.mark.parametrize("person", [True, False], ids=["person", "cert"])
@pytest.mark.parametrize("label", Tlp)
def test_a_notification_goes_to_one_person_or_to_a_cert(
    labelled_case: Path, cert_keys: Keys, label: Tlp, person: bool
) -> None:
    place = drafted(labelled_case, label)
    to = ("--person", "ada") if person else ()
    plain = run("notify", "send", place, "--to", "out/plain.json", "--unsealed", "--yes", *to)
    sealed = run("notify", "seal", place, "--key", cert_keys.file, "-o", "out/sealed.asc", "--yes", *to)
    made = files(labelled_case / "out")
    if label is Tlp.RED and not person:
        assert plain.returncode == sealed.returncode == 2 and not made
        assert all_of(plain, made) == all_of(sealed, made) == set()
        return
    assert found(made["plain.json"]) >= ADDED and ASSET not in found(made["plain.json"])
    assert found(made["sealed.asc"]) == set(), "nothing can be read of it on the way"
    opened = gpg("--decrypt", "out/sealed.asc", home=cert_keys.home)
    assert opened.stdout == made["plain.json"]


@pytest.mark.parametrize("whom", TOLD)
@pytest.mark.parametrize("form", ["stix", "misp"])
@pytest.mark.parametrize("label", Tlp)
def test_a_notification_for_platforms_passes_the_door(labelled_case: Path, label: Tlp, form: str, whom: str) -> None:
    place = drafted(labelled_case, label)
    done = run("notify", "export", place, "--to", form, "-o", "out/told.json", "--yes", "--for", whom)
    made = files(labelled_case / "out")
    order = MOST_RESTRICTIVE_LAST.index
    if order(label) <= order(TOLD[whom]):
        assert found(made["told.json"]) >= ADDED and ASSET not in found(made["told.json"])
    else:
        assert done.returncode == 2 and not made and all_of(done, made) == set()


def test_nothing_of_the_house_is_in_a_notification(labelled_case: Path) -> None:
    """Texts are searched for names of machines before a draft is written."""
    assessment = labelled_case / "c" / "reports" / "assessment.json"
    done = run("notify", "draft", assessment, "--note", f"{ASSET} is in the workshop", "-o", "n.json")
    assert done.returncode == 2 and not Path("n.json").exists()
    assert run("notify", "draft", assessment, "-o", "n.json").returncode == 0
    assert found(Path("n.json").read_bytes()) == {PACK}, "of the pack its title"
