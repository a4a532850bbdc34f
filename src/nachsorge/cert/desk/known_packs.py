"""Which packs the CERT answers from: its own in the folder `packs` of the instance, and those shipped with the program.

Only names on this list are ever loaded: what a notification says is a name to look up, never a path to open.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from nachsorge.packs.library import shipped
from nachsorge.packs.load import load_pack

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.cert.intake.models import Submission
    from nachsorge.model.pack import Pack


def for_submission(submission: Submission) -> list[str]:
    """Give the ids of the packs to answer from: the one that judged first, then those of the campaign."""
    told = submission.notification()
    wanted = [told.incident.pack] if told is not None else []
    wanted += [str(each) for each in submission.campaign.packs] if submission.campaign else []
    known = _folders()
    return [each for each in dict.fromkeys(wanted) if each in known]


def load(name: str) -> Pack:
    """Load a pack by its id.

    Raises:
        KeyError: there is none of this id.
        PackError: it cannot be used.
    """
    folder = _folders()[name]
    return _loaded(folder, (folder / "pack.yaml").stat().st_mtime_ns)


def _folders() -> dict[str, Path]:
    found = {each.id: each.folder for each in shipped()}
    own = settings.INSTANCE.folder / "packs"
    return found | {each.parent.name: each.parent for each in sorted(own.glob("*/pack.yaml"))}


@lru_cache(maxsize=8)
def _loaded(folder: Path, _changed: int) -> Pack:
    return load_pack(folder)
