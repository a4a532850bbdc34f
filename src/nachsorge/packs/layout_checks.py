"""What must fit together within one part of `pack.yaml`, beyond what each key may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.model.words import HaulKind, Polarity

if TYPE_CHECKING:
    from nachsorge.packs.findings import Findings
    from nachsorge.packs.shapes import Section
from nachsorge.packs.layout_words import CLOSING_TESTS, NEEDING, STAGED


def within_fits(within: Section, findings: Findings) -> None:
    """A use in a window begins before it ends."""
    if {"from", "to"} <= within.keys() and within["from"] > within["to"]:
        findings.problem(within.at("to"), "it ends before it begins", "swap from and to")


def trace_fits(trace: Section, findings: Findings) -> None:
    """A hash of an attribute goes with nothing else."""
    given = [key for key in ("stored_time", "within", "digest_of") if key in trace]
    if "digest_of" in trace and len(given) > 1:
        remedy = "an attribute has no time and lies in no artefact: make two traces"
        findings.problem(trace.place, f"a trace has digest_of or {given[0]}, not both", remedy)
    if "digest_of" in trace and "telemetry" in trace:
        remedy = "leave it out: inventory, identities and leases are compared"
        findings.problem(trace.at("telemetry"), "an attribute of an asset is in no telemetry", remedy)
    if "digest_of" in trace and trace.get("polarity") is Polarity.REFUTES:
        remedy = "former cards and docking stations are in no list, so the contrary is never known"
        findings.problem(trace.at("polarity"), "a hash of an attribute refutes nothing", remedy)


def window_fits(window: Section, findings: Findings) -> None:
    """A window is absolute or relative, and ends after it begins."""
    absolute, relative = {"from", "to"} & window.keys(), {"anchor", "after", "until"} & window.keys()
    if absolute and relative:
        findings.problem(window.place, "a window is absolute or relative, not both", "keep from and to, or the anchor")
    elif len(absolute) != 2 and len(relative) != 3:
        findings.problem(window.place, "a window needs both its ends", "from and to, or anchor, after and until")
    elif absolute and window["from"] > window["to"]:
        findings.problem(window.at("to"), "the window ends before it begins", "swap from and to")
    elif relative and window["after"] > window["until"]:
        findings.problem(window.at("until"), "the window ends before it begins", "swap after and until")


def stage_fits(stage: Section, findings: Findings) -> None:
    """A stage says what rules it out, or why nothing can."""
    if not stage.get("needs") and not stage.get("never"):
        findings.problem(
            stage.place,
            f"stage {stage.get('id', '?')!r} does not say what must be looked at before it is ruled out",
            "give it needs, or say under `never` why it cannot be ruled out",
        )
    if any("digest_of" in trace for trace in stage.get("traces", ())) and not stage.get("never"):
        findings.problem(
            stage.place,
            f"stage {stage.get('id', '?')!r} compares an attribute of the asset, and no telemetry tells all its values",
            "say under `never` why it cannot be ruled out",
        )
    if stage.get("through") and stage.get("requires"):
        remedy = "a stage that carries over from another asset stands at the beginning of a ladder"
        findings.problem(stage.at("through"), "a stage has `through` or `requires`, not both", remedy)
    absolute = [window for window in stage.get("windows", ()) if "from" in window]
    throughout = any("snapshot_after" not in o for need in stage.get("needs", ()) for o in need.get("any_of", ()))
    if throughout and not absolute and not stage.get("never"):
        findings.problem(
            stage.place,
            f"stage {stage.get('id', '?')!r} has needs but no window from ... to, so no log can ever rule it out",
            "give it an absolute window; one after an anchor only widens it",
        )


def exposure_fits(exposure: Section, findings: Findings) -> None:
    """An exposure names versions, or says that all are meant."""
    if bool(exposure.get("affected")) == bool(exposure.get("any_version")):
        findings.problem(
            exposure.place,
            "an exposure names affected versions or says any_version: true",
            "give exactly one of the two",
        )
    for version in sorted(set(exposure.get("affected", ())) & set(exposure.get("clean", ()))):
        findings.problem(exposure.at("clean"), f"version {version} is both affected and clean", "keep it in one list")


def claim_fits(claim: Section, findings: Findings) -> None:
    """A claim has what its test asks for."""
    test = claim.get("test", "none")
    if test in STAGED and ("stage" not in claim):
        findings.problem(claim.place, f"test {test} needs a stage", "name the stage that it counts or looks for")
    if test == "no-sighting-after" and "anchor" not in claim:
        findings.problem(claim.place, "test no-sighting-after needs an anchor", "a stage, a trace or an exposure")
    if test in NEEDING and "needs" not in claim:
        remedy = "the number, `attribute=value`, the time, or what would answer it"
        findings.problem(claim.place, f"test {test} needs `needs`", remedy)


def aim_fits(aim: Section, findings: Findings) -> None:
    """What is at risk hangs on a motive."""
    if "at_risk" in aim and "motive" not in aim:
        findings.problem(aim.place, "at_risk needs a motive", "espionage, theft, onward-access or destruction")


def haul_fits(haul: Section, findings: Findings) -> None:
    """A stolen browser history says how many rows were taken."""
    if haul.get("kind") == HaulKind.BROWSER_HISTORY and "rows" not in haul:
        findings.problem(haul.place, "a stolen browser history needs `rows`", "how many of the newest rows are taken")


def requirement_fits(one: Section, findings: Findings) -> None:
    """A requirement has what its test asks for, and nothing that no test reads."""
    if "test" not in one:
        for key in ("id", "of", "stage", "measures", "telemetry"):
            if key in one:
                findings.problem(one.at(key), f"`{key}` is of no use without a test", "name the test, or leave it out")
        return
    for key in ("id", *CLOSING_TESTS[one["test"]]):
        if key not in one:
            findings.problem(one.place, f"closing test {one['test']} needs `{key}`", "see the pack format")
