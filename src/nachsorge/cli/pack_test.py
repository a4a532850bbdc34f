"""`nachsorge pack test`: packs against their own samples."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nachsorge.cli.cache import store
from nachsorge.cli.say import STDERR, write
from nachsorge.errors import UsageError
from nachsorge.packs.library import shipped
from nachsorge.packs.load import load_pack

if TYPE_CHECKING:
    from nachsorge.sweep.pack_samples import Trial


def test(
    packs: Annotated[list[str], typer.Argument(help="Pack folders, or ids of shipped packs.")],
    write_values: Annotated[
        bool, typer.Option("--write-values", help="Write samples/values.csv anew from what the pack looks for.")
    ] = False,
) -> None:
    """Hold packs against their own samples: what they must find, where they must be quiet, whether each row can be met.

    Example: nachsorge pack test packs/3cx-2023

    Exit codes: 0 all as expected; 1 something is not; 2 a pack does not load.
    """
    from nachsorge.sweep import Options
    from nachsorge.sweep.pack_samples import VALUES, book_of, run_pack_test  # which come with all readers

    wrong = False
    for folder in [_folder(word) for word in packs]:
        if write_values:
            write(str(folder / VALUES), book_of(load_pack(folder)).encode())
            STDERR.print(f"{folder / VALUES} written: look at the difference before you keep it")
        tested = run_pack_test(folder, Options(jobs=1, now=time.time_ns() // 1000, store=store()))
        wrong = wrong or bool(tested.problems)
        _tell(folder, tested)
    if wrong:
        raise typer.Exit(1)


def _folder(word: str) -> Path:
    known = {each.id: each.folder for each in shipped()}
    folder = known.get(word, Path(word))
    if not folder.is_dir():
        raise UsageError(f"{word} is no folder of a pack and no shipped pack's id")
    return folder


def _tell(folder: Path, tested: Trial) -> None:
    for problem in tested.problems:
        print(problem)
    counts = f"{tested.assets} assets, {tested.rules} rules, {tested.values} values"
    state = f"{len(tested.problems)} problems" if tested.problems else "as expected"
    STDERR.print(f"{folder.resolve().name}: {state}; {counts} tried")
