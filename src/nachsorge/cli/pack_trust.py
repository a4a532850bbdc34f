"""`nachsorge pack diff`, `verify` and `update`: what a new pack brings, who vouches for it, and taking it over."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nachsorge.cli.fetch import fetched
from nachsorge.cli.say import STDERR, write
from nachsorge.errors import UsageError
from nachsorge.packs.adhoc import load_indicator_file
from nachsorge.packs.arrive import laid_open
from nachsorge.packs.diff import Change, diff
from nachsorge.packs.files import SUM
from nachsorge.packs.library import resolve, shipped
from nachsorge.packs.load import load_pack
from nachsorge.packs.trust import Answer, Trust, sum_of, verify

if TYPE_CHECKING:
    from nachsorge.model.pack import Pack

_EXITS = {Trust.VERIFIED: 0, Trust.WRONG: 1, Trust.UNSIGNED: 3, Trust.UNCHECKED: 3}

Key = Annotated[Path | None, typer.Option("--key", help="Public key of minisign or OpenPGP that you trust.")]


def compare(
    old: Annotated[str, typer.Argument(help="A shipped pack's id, a folder, or an indicator file.")],
    new: Annotated[str, typer.Argument(help="The same.")],
) -> None:
    """Show what NEW adds to OLD, withdraws from it and changes.

    Example: nachsorge pack diff list-of-monday.csv list-of-friday.csv

    Exit codes: 0 no difference; 1 differences; 2 wrong use.
    """
    changes = diff(resolve(old), resolve(new))
    _show(changes)
    if changes:
        raise typer.Exit(1)


def check_signature(
    pack: Annotated[str, typer.Argument(help="A pack's folder, or a shipped pack's id.")],
    key: Key = None,
    write_sum: Annotated[
        bool, typer.Option("--write-sum", help="Write pack.sum, the line to be signed, and do nothing else.")
    ] = False,
) -> None:
    """Say who vouches for a pack, and that nothing in it was changed since.

    Example: nachsorge pack verify packs/3cx-2023 --key cert.pub

    Exit codes: 0 verified; 1 the signature is wrong; 2 wrong use; 3 unsigned, or not checked.
    """
    folder = next((each.folder for each in shipped() if each.id == pack), Path(pack))
    if not folder.is_dir():
        raise UsageError(f"{pack} is no folder of a pack and no shipped pack's id")
    found = load_pack(folder)
    if write_sum:
        write(str(folder / SUM), sum_of(found).encode())
        print(f"{folder / SUM}: sign it with `minisign -Sm {SUM}` or `gpg --armor --detach-sign {SUM}`")
        return
    answer = verify(folder, found, key)
    print(f"{found.id} {found.version} sha256 {found.digest}")
    print(f"{answer.trust}: {answer.why}")
    raise typer.Exit(_EXITS[answer.trust])


def update(
    source: Annotated[str, typer.Argument(help="Folder, archive, indicator file or http(s) URL of the new pack.")],
    place: Annotated[Path, typer.Argument(help="The pack's folder, or the list, that it takes the place of.")],
    key: Key = None,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Accept an unsigned pack for a signed one.")] = False,
    older: Annotated[bool, typer.Option("--older", help="Accept an older version.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
) -> None:
    """Take over a newer pack that you name; what it adds and withdraws is shown. Nothing is ever fetched by itself.

    Example: nachsorge pack update 3cx-2023-1.1.0.zip own-packs/3cx-2023 --key cert.pub

    What stood there before is kept beside it as .NAME.before.
    """
    with _laid_open(source) as arrived:
        new = load_pack(arrived) if arrived.is_dir() else load_indicator_file(arrived)
        old = _standing(place)
        answer = verify(arrived, new, key) if arrived.is_dir() else Answer(Trust.UNSIGNED, "a list has no signature")
        STDERR.print(f"{new.id} {new.version} sha256 {new.digest}")
        STDERR.print(f"{answer.trust}: {answer.why}")
        if refusal := _refusal(old, new, place, answer, key=key, unsigned=unsigned, older=older):
            raise UsageError(f"nothing was changed: {refusal}")
        _show(diff(old, new) if old else ())
        if not dry_run:
            _replace(arrived, place)
            STDERR.print(f"{place} now holds {new.id} {new.version}")


@contextmanager
def _laid_open(source: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="nachsorge-update-") as room:
        into = Path(room) / "unpacked"
        into.mkdir()
        local = fetched(source, Path(room)) if source.lower().startswith(("http://", "https://")) else Path(source)
        yield laid_open(local, into)


def _standing(place: Path) -> Pack | None:
    if place.is_dir() and any(place.iterdir()):
        return load_pack(place)
    return load_indicator_file(place) if place.is_file() else None


def _refusal(
    old: Pack | None, new: Pack, place: Path, answer: Answer, *, key: Path | None, unsigned: bool, older: bool
) -> str:
    """Say why the new pack may not take the old one's place; empty where it may."""
    if answer.trust is Trust.WRONG or (key is not None and answer.trust is not Trust.VERIFIED):
        return f"{answer.trust}: {answer.why}"
    if old is None:
        return ""
    if old.ad_hoc != new.ad_hoc:
        return f"{place} is a {'list' if old.ad_hoc else 'pack'}, and the new one is not"
    if not old.ad_hoc and old.id != new.id:
        return f"the new pack is {new.id}, not {old.id}"
    if not old.ad_hoc and _number(new.version) < _number(old.version) and not older:
        return f"version {new.version} is older than {old.version}; --older accepts it"
    signed = not old.ad_hoc and verify(place, old, None).trust is not Trust.UNSIGNED
    if signed and answer.trust is Trust.UNSIGNED and not unsigned:
        return "the pack that stands there is signed and the new one is not; --unsigned accepts it"
    return ""


def _number(version: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in version.replace("-", ".").split("."))


def _replace(arrived: Path, place: Path) -> None:
    """Put the new one in place by renaming, so that nobody ever meets half a pack; keep the old one."""
    fresh = place.with_name(f".{place.name}.new")
    before = place.with_name(f".{place.name}.before")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _remove(fresh)
        if arrived.is_dir():
            shutil.copytree(arrived, fresh)
        else:
            shutil.copyfile(arrived, fresh)
        if place.exists():
            _remove(before)
            place.rename(before)
        fresh.rename(place)
    except OSError as error:
        raise UsageError(f"{place} cannot be replaced: {error.strerror}") from error


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _show(changes: tuple[Change, ...]) -> None:
    signs = {"added": "+", "withdrawn": "-", "changed": "~"}
    for change in changes:
        print(f"{signs[change.kind]} {change.part} {change.what}" + (f" ({change.how})" if change.how else ""))
    counts = [
        f"{len(list(group))} {part}s {kind}"
        for (part, kind), group in groupby(changes, key=lambda change: (change.part, change.kind))
        if part != "pack"
    ]
    STDERR.print(", ".join(counts) or "no difference")
