"""The folder of a pack that reports are imported into: what stands there, and all its files written at once."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.errors import PackError, Problem, UsageError
from nachsorge.model.pack import Pack
from nachsorge.packs import decisions, intake_table, intake_yaml
from nachsorge.packs.load import load_pack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.packs.intake_rules import Placed
    from nachsorge.packs.intake_yaml import Writing

_README = """\
# {id}

Made from reports by `nachsorge pack import`. `imports.csv` holds every mention of every value with its place in its
report, `decisions.csv` what was decided about values that may be mistakes.
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the folder already; all empty where it is new."""

    folder: Path
    pack_yaml: str = ""
    indicators: str = ""
    pack: Pack | None = None

    @property
    def ours(self) -> bool:
        """Tell whether pack.yaml may be made anew."""
        return not self.pack_yaml or intake_yaml.is_ours(self.pack_yaml)

    def words(self) -> list[str]:
        """Give the names of incident and products, by which the vendor's own domain may be known."""
        if self.pack is None:
            return [self.folder.resolve().name]
        names = [name for exposure in self.pack.exposures for name in exposure.names]
        return [self.pack.id, self.pack.title, *names]


def standing(folder: Path) -> Standing:
    """Read what stands in a folder.

    Raises:
        PackError: a pack stands there that cannot be used.
        UsageError: the folder holds other things than a pack.
    """
    path = folder / "pack.yaml"
    if not path.is_file():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} holds no pack.yaml and is not empty: choose a new folder or a pack's")
        return Standing(folder)
    table = folder / "indicators.csv"
    text = intake_table.text_of(table) if table.is_file() else ""
    return Standing(folder, intake_table.text_of(path), text, load_pack(folder))


def write(at: Standing, what: Writing, mentions: str, rules: Placed) -> list[str]:
    """Write all files of the pack and give their names; where one cannot be made, none is written.

    Raises:
        PackError: a pack.yaml that people wrote lacks something that only they can add.
    """
    keep = None if at.ours else intake_table.commonest_traces(at.indicators)
    table = intake_table.indicators_text(at.indicators, what, keep)
    if keep is not None:
        _traceless(table, at.folder)
        _unnamed_rules(at, rules)
        body = intake_yaml.with_sources(at.pack_yaml, list(what.sources.values()), at.folder / "pack.yaml")
    else:
        body = intake_yaml.pack_text(what)
    files = {"pack.yaml": body, "indicators.csv": table, intake_table.IMPORTS: mentions}
    if what.decisions:
        files[decisions.FILE] = decisions.text_of(what.decisions.values())
    if not (at.folder / "README.md").exists():
        files["README.md"] = _README.format(id=what.id)
    _checked(at.folder, files, rules)
    return sorted([*files, *rules.files])


def _traceless(table: str, folder: Path) -> None:
    lacking: dict[str, str] = {}
    for row in csv.DictReader(io.StringIO(table, newline="")):
        if not row.get("trace") and row.get("role") in ("malicious", "abused-legitimate", ""):
            lacking.setdefault(row.get("type") or "", row.get("value") or "")
    if lacking:
        problems = [
            Problem(
                path=str(folder / "pack.yaml"),
                message=f"no trace of this pack is tested by values of the type {kind} (first: {value})",
                remedy=f"add a trace for it and one row with type {kind} to indicators.csv, then import again",
            )
            for kind, value in lacking.items()
        ]
        raise PackError(problems)


def _unnamed_rules(at: Standing, rules: Placed) -> None:
    """Refuse rules that no stage of a pack.yaml of people's would look for: they would stand there unseen."""
    unnamed = [below for below in rules.folders if below not in at.pack_yaml]
    if unnamed:
        message = "no stage names the folder of the rules to be imported"
        remedy = f"make the folder, add `rule_folders: [{unnamed[0]}]` to a stage, then import again"
        raise PackError([Problem(path=str(at.folder / "pack.yaml"), message=message, remedy=remedy)])


def _checked(folder: Path, files: Mapping[str, str], rules: Placed) -> None:
    """Try the new pack beside the old one, and only then put its files in place."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as made:
            trial = Path(made) / folder.resolve().name
            if folder.is_dir():
                shutil.copytree(folder, trial)
            trial.mkdir(exist_ok=True)
            for name, text in files.items():
                (trial / name).write_text(text, encoding="utf-8", newline="\n")
            for relative, rule in rules.files.items():
                (trial / relative).parent.mkdir(parents=True, exist_ok=True)
                (trial / relative).write_bytes(rule if isinstance(rule, bytes) else rule.read_bytes())
            load_pack(trial)
            folder.mkdir(exist_ok=True)
            for relative in [*files, *rules.files]:
                (folder / relative).parent.mkdir(parents=True, exist_ok=True)
                (trial / relative).replace(folder / relative)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error
