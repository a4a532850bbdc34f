"""Which packs there are: those shipped with the program, a folder, or an indicator file in a pack's place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.errors import PackError, Problem
from nachsorge.packs.adhoc import load_indicator_file
from nachsorge.packs.files import files_of
from nachsorge.packs.findings import nearest
from nachsorge.packs.rule_files import is_rule_file

if TYPE_CHECKING:
    from nachsorge.model.pack import Pack


@dataclass(frozen=True, slots=True)
class Shipped:
    """A pack that came with the program."""

    id: str
    folder: Path


def shipped() -> list[Shipped]:
    """List the packs that came with the program, by id."""
    folder = _home()
    found = [each.parent for each in folder.glob("*/pack.yaml")] if folder.is_dir() else []
    return sorted((Shipped(each.name, each) for each in found), key=lambda each: each.id)


def resolve(text: str) -> Pack:
    """Load what the word PACK of a command means: a shipped pack's id, a folder, or an indicator file.

    A shipped id wins; a folder of the same name is meant by `./NAME`.

    Raises:
        PackError: there is no such pack, or it cannot be used.
    """
    known = {each.id: each.folder for each in shipped()}
    if text in known:
        return _pack(known[text])
    path = Path(text)
    try:
        if path.is_dir():
            return _folder(path)
        if path.is_file():
            return _rules(path) if is_rule_file(path) else load_indicator_file(path)
    except OSError:
        pass  # a name that no file can have (too long); the answer below is the right one
    remedy = nearest(text, known)
    raise PackError([Problem(path=text, message="no such pack, folder or indicator file", remedy=remedy)])


def _folder(path: Path) -> Pack:
    """Load a pack's folder; one without pack.yaml may be a MISP feed or hold rules."""
    if not (path / "pack.yaml").exists():
        from nachsorge.packs.feed import is_feed, load_feed

        if is_feed(path):
            return load_feed(path)
        if any(is_rule_file(each) for each in files_of(path)):
            return _rules(path)
    return _pack(path)


def _rules(path: Path) -> Pack:
    from nachsorge.packs.rule_folder import load_rule_file, load_rule_folder  # brings YAML and YARA

    return load_rule_folder(path) if path.is_dir() else load_rule_file(path)


def _pack(folder: Path) -> Pack:
    from nachsorge.packs.load import load_pack  # brings pySigma, which an indicator file does without

    return load_pack(folder)


def _home() -> Path:
    package = Path(__file__).resolve().parents[1]
    in_wheel = package / "packs_data"
    return in_wheel if in_wheel.is_dir() else package.parents[1] / "packs"
