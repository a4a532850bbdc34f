"""A list of compromised packages over lock files and SBOMs: what is met, what is ruled out, what stays open."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nachsorge.assets.inventory import Inventory
from nachsorge.model.words import Standing, Status, Verdict
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment


def lock(**packages: str) -> str:
    held = {f"node_modules/{name.replace('__', '/')}": {"version": v} for name, v in packages.items()}
    return json.dumps({"name": "x", "lockfileVersion": 3, "packages": {"": {"overrides": {"chalk": "5.6.1"}}, **held}})


def look(tmp_path: Path, files: dict[str, str], *listed: str, sieve: bool = True) -> Assessment:
    pack = tmp_path / "list.csv"
    pack.write_text("type,value\n" + "".join(f"package,{purl}\n" for purl in listed or ("pkg:npm/chalk@5.6.1",)))
    for name, text in files.items():
        (tmp_path / "code" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "code" / name).write_text(text)
    return sweep([resolve(str(pack))], [str(tmp_path / "code")], Inventory(), Options(jobs=1, sieve=sieve))


def verdicts(assessment: Assessment) -> dict[str, Verdict]:
    return {row.asset.id.rpartition("/code/")[2]: row.verdict for row in assessment.assets}


ASKED = {
    "package.json": json.dumps({"name": "x", "version": "1", "overrides": {"chalk": "5.6.1"}}),
    "yarn/package.json": json.dumps({"name": "x", "resolutions": {"chalk": "5.6.1", "**/chalk": "npm:chalk@5.6.1"}}),
    "pnpm/package.json": json.dumps({"name": "x", "pnpm": {"overrides": {"a>chalk": "5.6.1"}}}),
    "pnpm/pnpm-workspace.yaml": "packages:\n  - a\noverrides:\n  chalk: 5.6.1\ncatalog:\n  chalk: 5.6.1\n",
    "pnpm/pnpm-lock.yaml": "lockfileVersion: '9.0'\n\noverrides:\n  chalk: 5.6.1\n\ncatalogs:\n  default:\n"
    "    chalk:\n      specifier: 5.6.1\n      version: 5.6.1\n\npackages:\n\n"
    "  a@1.0.0:\n    resolution: {integrity: sha512-AA==}\n",
    "yarn/yarn.lock": '# yarn lockfile v1\n\n\nchalk@5.6.1, chalk@^5.6.1:\n  version "5.6.0"\n',
    "npm/package-lock.json": lock(chalk="5.6.0"),
    "bun/bun.lock": json.dumps({"lockfileVersion": 1, "workspaces": {"": {}}, "overrides": {"chalk": "5.6.1"}})[:-1]
    + ', "packages": {"chalk": ["chalk@5.6.0", "", {}, "sha512-AA=="]}}',
}
"""Files that name the compromised version and have resolved another, by their path."""


@pytest.mark.parametrize("sieve", [True, False])
@pytest.mark.parametrize("name", sorted(ASKED))
def test_overrides_and_resolutions_name_versions_and_count_for_nothing(tmp_path: Path, name: str, sieve: bool) -> None:
    assessment = look(tmp_path, {name: ASKED[name]}, sieve=sieve)
    assert assessment.sightings == ()
    assert look(tmp_path, {"b/package-lock.json": lock(chalk="5.6.1")}, sieve=sieve).sightings


@pytest.mark.parametrize("sieve", [True, False])
def test_each_repository_has_its_row(tmp_path: Path, sieve: bool) -> None:
    files = {"a/package-lock.json": lock(chalk="5.6.1"), "b.v1/package-lock.json": lock(chalk="5.6.0"), "b.v2/x": ""}
    files["b.v2/package-lock.json"] = lock(chalk="5.6.2")
    del files["b.v2/x"]
    assessment = look(tmp_path, files, sieve=sieve)
    assert verdicts(assessment) == {
        "a/": Verdict.COMPROMISED,
        "b.v1/": Verdict.RULED_OUT,
        "b.v2/": Verdict.RULED_OUT,
    }
    assert [(s.locator, s.indicator) for s in assessment.sightings] == [
        ("/packages/node_modules~1chalk", "pkg:npm/chalk@5.6.1")
    ]
    assert assessment.summary.exit == 1 and all(control.seen for control in assessment.controls)


@pytest.mark.parametrize(
    "listed",
    [
        "pkg:npm/chalk@5.6.1",
        "pkg:npm/chal@5.6.10",
        "pkg:npm/chalk-template@5.6.10",
        "pkg:npm/%40x/chalk@5.6.10",
        "pkg:pypi/chalk@5.6.10",
        "pkg:npm/chalk@5.6.1-rc.1",
        "pkg:npm/chalk@6.10",
    ],
)
def test_what_only_looks_like_it_is_ruled_out(tmp_path: Path, listed: str) -> None:
    assessment = look(tmp_path, {"package-lock.json": lock(chalk="5.6.10")}, listed)
    # A lock file of npm clears npm, and says nothing of another ecosystem.
    assert (assessment.sightings, assessment.summary.exit) == ((), 0 if ":npm/" in listed else 3)


@pytest.mark.parametrize(
    "text",
    [
        '{"lockfileVersion": 3, "packages": {"": {}',
        '{"lockfileVersion": 4, "packages": {"": {}}}',
        '{"lockfileVersion": 3}',
        '{"lockfileVersion": 3, "packages": {"node_modules/a": {}}}',
    ],
)
def test_what_cannot_be_judged_is_not_covered_by_another_lock_file_beside_it(tmp_path: Path, text: str) -> None:
    clean = "# yarn lockfile v1\n\n\na@^1.0.0:\n  version \"1.0.0\"\n"  # fmt: skip
    assert look(tmp_path, {"yarn.lock": clean}).summary.exit == 0
    assessment = look(tmp_path, {"yarn.lock": clean, "package-lock.json": text})
    assert assessment.summary.exit == 3
    assert [cell.standing for row in assessment.assets for cell in row.cells] == [Standing.OPEN]
    broken = next(s.reading for s in assessment.sources if s.reading.path.endswith(".json"))
    assert broken.status in (Status.PARTLY, Status.UNREAD) and broken.note


def test_ranges_keep_a_project_open_until_a_lock_file_resolves_them(tmp_path: Path) -> None:
    manifest = json.dumps({"name": "x", "dependencies": {"chalk": "^5.6.0"}})
    assert look(tmp_path, {"r/package.json": manifest}).summary.exit == 3
    assert look(tmp_path, {"r/package-lock.json": lock(chalk="5.6.0")}).summary.exit == 0
    assessment = look(tmp_path, {"r/requirements.txt": "requests>=2\n"})
    assert assessment.summary.exit == 3 and verdicts(assessment) == {"r/": Verdict.OPEN}


def test_installed_copies_show_and_do_not_clear(tmp_path: Path) -> None:
    files = {"r/node_modules/chalk/package.json": json.dumps({"name": "chalk", "version": "5.6.0"})}
    assert look(tmp_path, files).summary.exit == 3
    files = {"r/node_modules/a/node_modules/chalk/package.json": json.dumps({"name": "chalk", "version": "5.6.1"})}
    assert verdicts(look(tmp_path, files)) == {"r/": Verdict.COMPROMISED}


def test_packages_that_are_installed_in_an_environment_of_python_show_and_do_not_clear(tmp_path: Path) -> None:
    place, listed = "r/.venv/lib/python3.11/site-packages/evil-{}.dist-info/METADATA", "pkg:pypi/evil@1.0.0"
    told = "Metadata-Version: 2.1\nName: Evil\nVersion: {}\n"
    assert look(tmp_path, {place.format("2.0.0"): told.format("2.0.0")}, listed).summary.exit == 3
    found = look(tmp_path, {place.format("1.0.0"): told.format("1.0.0")}, listed)
    assert verdicts(found) == {"r/": Verdict.COMPROMISED}


PRINTED = {
    "pkg:npm/%40ctrl/tinycolor@4.1.2": (
        "├── @ctrl/tinycolor@4.1.2",
        "GET https://r.example/@ctrl%2ftinycolor/-/tinycolor-4.1.2.tgz",
    ),
    "pkg:npm/chalk@5.6.1": (
        "\x1b[32m+\x1b[39m chalk\x1b[90m@5.6.1\x1b[39m",
        "https://r.example/chalk/-/chalk-5.6.1.tgz",
    ),
    "pkg:pypi/evil-package@1.0.0": ("Successfully installed Evil_Package-1.0.0 x-1", "Collecting evil.package==1.0.0"),
    "pkg:cargo/evil@1.0.0": ("   Compiling evil v1.0.0", " Downloaded evil v1.0.0"),
}


@pytest.mark.parametrize("sieve", [True, False])
@pytest.mark.parametrize("listed", sorted(PRINTED))
def test_what_package_managers_print_in_a_run_is_met(tmp_path: Path, listed: str, sieve: bool) -> None:
    lines = ("Current runner version: '2.322.0'", *PRINTED[listed], "left-pad@1.3.0", "Successfully installed pip-24.0")
    log = "".join(f"2025-09-10T12:00:0{at}.1234567Z {line}\n" for at, line in enumerate(lines))
    found = look(tmp_path, {"logs/1_build.txt": log}, listed, sieve=sieve)
    assert [s.locator for s in found.sightings] == ["line 2", "line 3"]


TEXTS = {
    "pom.xml": "<project><artifactId>chalk</artifactId><version>5.6.1</version></project>\n",
    ".pnp.cjs": '#!/usr/bin/env node\nconst RAW_RUNTIME_STATE =\n\'["chalk", [["npm:5.6.1", {}]]]\';\n',
    "node_modules/.yarn-integrity": '{"lockfileEntries": {"chalk@^5.6.0": "https://registry.example/chalk-5.6.1.tgz"}}',
    ".gitlab-ci.yml": "build:\n  image: evil/tool:1.0\n  script:\n    - make\n",
    "azure-pipelines.yml": "trigger: none\nsteps:\n  - script: make\n",
    "bitbucket-pipelines.yml": "image: node:20\npipelines:\n  default:\n    - step:\n        script: [make]\n",
}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_what_is_searched_as_text_only_covers_no_package(tmp_path: Path, name: str) -> None:
    assessment = look(tmp_path, {f"r/{name}": TEXTS[name]}, "pkg:npm/evil@1.0.0")
    assert assessment.summary.exit == 3
    assert not any(one.intervals for one in assessment.coverage if one.telemetry == "package_lock")


OTHERS = {
    "packages.lock.json": (
        '{"version": 1, "dependencies": {"net6.0": {"Evil.Json": {"type": "Direct", "resolved": "5.6.1"}}}}',
        "pkg:nuget/evil.json@5.6.1",
    ),
    "obj/project.assets.json": (
        '{"version": 3, "targets": {}, "libraries": {"Evil.Json/5.6.1": {"type": "package"}}}',
        "pkg:nuget/Evil.Json@5.6.1",
    ),
    "gradle.lockfile": (
        "# This is a Gradle generated file for dependency locking.\norg.evil:json:5.6.1=compileClasspath\nempty=\n",
        "pkg:maven/org.evil/json@5.6.1",
    ),
    "Podfile.lock": ("PODS:\n  - Evil (5.6.1)\n\nCOCOAPODS: 1.12.0\n", "pkg:cocoapods/Evil@5.6.1"),
    "Package.resolved": (
        '{"pins": [{"identity": "evil", "location": "https://git.example/X/Evil.git", "state": {"version": "5.6.1"}}], '
        '"version": 2}',
        "pkg:swift/git.example/x/evil@5.6.1",
    ),
    "pubspec.lock": (
        '# Generated by pub\npackages:\n  evil:\n    source: hosted\n    version: "5.6.1"\nsdks:\n  dart: any\n',
        "pkg:pub/evil@5.6.1",
    ),
    "conda-lock.yml": (
        "version: 1\npackage:\n- name: evil\n  version: 5.6.1\n  manager: conda\n",
        "pkg:conda/evil@5.6.1",
    ),
}


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_projects_of_other_ecosystems_are_judged(tmp_path: Path, name: str) -> None:
    """The project is shown, or cleared of what is looked for, and says nothing of another ecosystem."""
    text, evil = OTHERS[name]
    for wanted, verdict in ((evil, 1), (evil.replace("@5.6.1", "@5.6.2"), 0), ("pkg:npm/evil@5.6.1", 3)):
        folder = tmp_path / str(verdict)
        folder.mkdir()
        found = look(folder, {f"r/{name}": text}, wanted)
        assert (found.summary.exit, wanted) == (verdict, wanted)
        assert len(found.assets) == 1, "the project is one asset, wherever in it the file lies"


def shai_hulud(shared_data: Path, tmp_path: Path) -> Path:
    """Write the list of the detector's authors (`[ecosystem:]name:version`) as an indicator file."""
    types = {"npm": "npm", "pypi": "pypi", "composer": "composer", "crates": "cargo", "go": "golang"}
    text = (shared_data / "lockfiles-shai-hulud-detect/compromised-packages.txt").read_text()
    rows = dict.fromkeys(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    path = tmp_path / "list.csv"
    with path.open("w") as stream:
        stream.write("type,value\n")
        for row in rows:
            *ecosystem, name, version = row.split(":")
            name = name.replace("@", "%40")
            stream.write(f"package,pkg:{types[ecosystem[0]] if ecosystem else 'npm'}/{name}@{version}\n")
    assert len(rows) == 5782
    return path


def test_the_detectors_own_cases(shared_data: Path, tmp_path: Path) -> None:
    pack = resolve(str(shai_hulud(shared_data, tmp_path)))
    cases = shared_data / "lockfiles-shai-hulud-detect/test-cases"
    assessment = sweep([pack], [str(cases)], Inventory(), Options(jobs=1))
    rows = {row.asset.id.rstrip("/").rpartition("/")[2]: row.verdict for row in assessment.assets}
    assert rows.keys() == {path.name for path in cases.iterdir()}
    for name, verdict in rows.items():
        # polyglot-go-infected-js came without its JavaScript part. The list names five ecosystems and more, and no
        # clean case has lock files of all of them, so none is ruled out.
        infected = ("attack" in name or "infected" in name) and name != "polyglot-go-infected-js"
        assert (name, verdict) == (name, Verdict.COMPROMISED if infected else Verdict.OPEN)
    assert all(source.reading.status is Status.READ for source in assessment.sources)


def test_real_sboms_have_none_of_them(shared_data: Path, tmp_path: Path) -> None:
    pack = resolve(str(shai_hulud(shared_data, tmp_path)))
    sboms = shared_data / "sbom-cyclonedx/SBOM"
    assessment = sweep([pack], [str(sboms)], Inventory(), Options(jobs=1))
    assert assessment.sightings == ()
    assert sorted(verdict for verdict in verdicts(assessment).values()) == [Verdict.OPEN] * 3 + [Verdict.RULED_OUT] * 3


@pytest.mark.parametrize(
    ("lock", "rows", "exit_code"),
    [
        ("Cargo.lock", "package,pkg:npm/evil@1.0.0", 3),
        ("Cargo.lock", "package,pkg:cargo/evil@1.0.0", 0),
        ("Cargo.lock", "package,pkg:cargo/evil@1.0.0\npackage,pkg:npm/evil@1.0.0", 3),
    ],
)
def test_a_lock_file_clears_its_own_ecosystem_only(tmp_path: Path, lock: str, rows: str, exit_code: int) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / lock).write_text('version = 3\n\n[[package]]\nname = "good"\nversion = "1.0.0"\n')
    (tmp_path / "list.csv").write_text(f"type,value\n{rows}\n")
    assessment = sweep([resolve(str(tmp_path / "list.csv"))], [str(tmp_path / "repo")], Inventory(), Options(jobs=1))
    assert assessment.summary.exit == exit_code
