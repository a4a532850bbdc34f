"""What a notification is made from or stands in: a case's folder, an assessment, or the notification's own file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.cases.document import assessment_of
from nachsorge.cases.labels import labels_of
from nachsorge.cases.notified import Sent, sent_of
from nachsorge.cases.state import state_of
from nachsorge.cases.store import NAME as CASE_FILE
from nachsorge.cli.cache import load
from nachsorge.cli.casefile import opened
from nachsorge.errors import InputError, UsageError
from nachsorge.sharing.leaks import Known, known_of
from nachsorge.sharing.notification import decode
from nachsorge.verdicts.judge import verdict_of

if TYPE_CHECKING:
    from nachsorge.model.assessment import Assessment, Judged, PackUsed
    from nachsorge.model.labels import Label
    from nachsorge.model.pack import Pack
    from nachsorge.model.words import Verdict

DRAFTS = "notifications"
"""The folder of drafts in a case's folder."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """An assessment, and the case that it is of. `packs` are those that the case keeps."""

    assessment: Assessment
    folder: Path | None = None
    sent: tuple[Sent, ...] = ()
    packs: tuple[Pack, ...] = ()
    labels: Mapping[str, Label] = field(default_factory=dict)

    def pack(self, wanted: str) -> PackUsed:
        """Give the pack that is meant; UsageError where it is not the only one and nobody says which."""
        listed = [pack for pack in self.assessment.packs if wanted in ("", pack.id)]
        if len(listed) != 1:
            there = ", ".join(pack.id for pack in self.assessment.packs)
            raise UsageError(f"--pack: say which incident; there are {there or 'none'}")
        return listed[0]

    def known(self) -> Known:
        """Give the names of the house's own machines and people."""
        return known_of(self.assessment)

    def indicators(self, pack: str) -> set[tuple[object, str]]:
        """Give what a pack knows already; nothing where the pack is not at hand."""
        found = self.loaded(pack)
        return {(each.type, each.value) for each in found.indicators} if found else set()

    def loaded(self, pack: str) -> Pack | None:
        """Give a pack as it judged; None where it is not at hand."""
        used = next(each for each in self.assessment.packs if each.id == pack)
        for found in self.packs:
            if found.id == pack:
                return found
        try:
            shipped = load(pack)
        except (InputError, UsageError):
            return None
        return shipped if shipped.digest == used.sha256 else None


def judgement_of(subject: Path) -> Judgement:
    """Read a case's last assessment, or an assessment's file; UsageError or InputError where there is none."""
    if not subject.is_dir():
        return Judgement(assessment_of(read(subject), str(subject)))
    from nachsorge.sweep.caselaw import packs_of

    with opened(subject) as case:
        entries = case.entries()
        state = state_of(entries)
        if not state.assessed:
            raise UsageError(f"{subject}: nothing was judged yet; nachsorge case add {subject} EVIDENCE... --pack PACK")
        found = assessment_of(case.blob(state.assessed[-1].document), str(subject))
        return Judgement(found, subject, sent_of(entries), tuple(packs_of(case, state)), labels_of(entries))


def judged_in(folder: Path) -> Judgement | None:
    """Give what was judged last in a case; None where nothing was."""
    with opened(folder) as case:
        assessed = state_of(case.entries()).assessed
    return judgement_of(folder) if assessed else None


def verdicts(found: Judgement, pack: PackUsed) -> Callable[[Judged], Verdict]:
    """Give the verdict by one pack alone; UsageError where several judged and this one is not at hand."""
    if len(found.assessment.packs) == 1:
        return lambda row: row.verdict
    loaded = found.loaded(pack.id)
    if loaded is None:
        raise UsageError(f"several packs judged, and {pack.id} is not at hand: check with it alone, or use the case")
    packs = {loaded.id: loaded}
    return lambda row: verdict_of(packs, [cell for cell in row.cells if cell.pack == pack.id])


def case_of(file: Path) -> Path | None:
    """Give the case in whose folder a notification's file stands."""
    folder = file.resolve().parent
    return folder.parent if folder.name == DRAFTS and (folder.parent / CASE_FILE).is_file() else None


def newest(subject: Path) -> Path:
    """Give the notification's file: itself, or the last draft of a case."""
    if not subject.is_dir():
        return subject
    drafts = sorted((subject / DRAFTS).glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    if not drafts:
        raise UsageError(f"{subject} holds no draft; make one with: nachsorge notify draft {subject}")
    return drafts[-1]


def drafts(folder: Path, incident: str) -> Iterator[tuple[str, int]]:
    """Give id and step of the drafts in a case's folder that are about an incident."""
    for path in sorted((folder / DRAFTS).glob("*.json")):
        try:
            found = decode(read(path), str(path))
        except (InputError, UsageError):
            continue  # half edited: whoever sends it is told
        if found.incident.pack == incident:
            yield found.id, found.sequence


def read(path: Path) -> bytes:
    """Read a file; UsageError where that cannot be done."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
