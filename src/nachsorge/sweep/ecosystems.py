"""Lock files cover only their own ecosystem: a clean Cargo.lock says nothing of npm.

Coverage knows one telemetry for all lock files, so it is granted to an asset only where lock files (or bills of
material, which list all kinds) of *every* ecosystem that the packs look for were read of it. Otherwise a gap names what
is lacking.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from packageurl import PackageURL

from nachsorge.matching.tests import of_types
from nachsorge.model.words import Reason, Telemetry
from nachsorge.verdicts.coverage import Facts, KnownGap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.matching.tests import Test
    from nachsorge.model.assessment import Source

_READERS = {
    "package_lock": "npm",
    "bun_lock": "npm",
    "pnpm_lock": "npm",
    "yarn_lock": "npm",
    "package_json": "npm",
    "python_lock": "pypi",
    "pipfile_lock": "pypi",
    "pip_requirements": "pypi",
    "cargo_lock": "cargo",
    "go_sum": "golang",
    "composer_lock": "composer",
    "gemfile_lock": "gem",
    "mix_lock": "hex",
    "nuget_lock": "nuget",
    "gradle_lock": "maven",
    "podfile_lock": "cocoapods",
    "swift_resolved": "swift",
    "pubspec_lock": "pub",
    "conda_lock": "conda",
    "ci_workflow": "githubactions",
}
_ALL = frozenset({"cyclonedx", "spdx"})
"""Readers of bills of material: where one calls itself complete, it is so for every ecosystem."""


def by_ecosystem(facts: Facts, tests: Sequence[Test], sources: Sequence[Source]) -> Facts:
    """Take coverage by lock files from assets that lack those of an ecosystem which is looked for."""
    wanted = {PackageURL.from_string(test.value).type for _, test in of_types(tests, {"package"})}
    if not wanted:
        return facts
    read: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        for asset in source.assets:
            reader = source.reading.reader
            read[asset] |= wanted if reader in _ALL else {_READERS[reader]} if reader in _READERS else set()
    lacking = {asset: wanted - read[asset] for asset in _covered(facts)}
    gaps = tuple(
        KnownGap(
            reason=Reason.NOT_PROVIDED,
            note=f"no lock file of {', '.join(sorted(missing))}",
            asset=asset,
            telemetry=Telemetry.PACKAGE_LOCK,
        )
        for asset, missing in sorted(lacking.items())
        if missing
    )
    kept = tuple(
        o for o in facts.observations if o.telemetry is not Telemetry.PACKAGE_LOCK or not lacking.get(o.asset or "")
    )
    return replace(facts, observations=kept, gaps=(*facts.gaps, *gaps))


def _covered(facts: Facts) -> set[str]:
    return {o.asset for o in facts.observations if o.telemetry is Telemetry.PACKAGE_LOCK and o.asset}
