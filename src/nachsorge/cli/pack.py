"""`nachsorge pack`: list, show, lint, new, import, sources."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from nachsorge.cli import pack_export, pack_test, pack_trust
from nachsorge.cli.pack_import import import_reports
from nachsorge.cli.pack_sources import sources
from nachsorge.cli.say import STDERR
from nachsorge.errors import UsageError
from nachsorge.model.columns import driving
from nachsorge.model.pack import Pack
from nachsorge.packs.library import resolve, shipped
from nachsorge.packs.lint import lint as lint_pack
from nachsorge.packs.load import load_pack
from nachsorge.packs.new import new_pack
from nachsorge.packs.untranslated import untranslated

_NAMED = 6

app = typer.Typer(
    help="Incident knowledge as data.\n\nExample: nachsorge pack lint packs/3cx-2023",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("export")(pack_export.export)
app.command("test")(pack_test.test)
app.command("diff")(pack_trust.compare)
app.command("verify")(pack_trust.check_signature)
app.command("update")(pack_trust.update)

app.command("import")(import_reports)
app.command("sources")(sources)


@app.command("list")
def list_packs() -> None:
    """List the shipped packs: id, version, counts, title."""
    for each in shipped():
        pack = load_pack(each.folder)
        counts = f"{driving(pack.indicators)} indicators, {len(pack.rules)} rules"
        print(f"{pack.id}\t{pack.version}\t{counts}\t{pack.title}")


@app.command()
def show(pack: Annotated[str, typer.Argument(help="A shipped pack's id, a folder, or an indicator file.")]) -> None:
    """Show what a pack knows: stages, exposures, counts, claims, who attributes it to whom."""
    found = resolve(pack)
    console = Console(highlight=False, markup=False)
    console.print(f"{found.id} {found.version}  TLP:{found.tlp} PAP:{found.pap}  sha256 {found.digest}", soft_wrap=True)
    console.print(found.title)
    if found.summary:
        console.print(f"\n{found.summary}")
    console.print(_stages(found))
    for exposure in found.exposures:
        versions = "any version" if exposure.any_version else ", ".join(exposure.affected)
        console.print(
            f"affected  {exposure.names[0]} on {exposure.platform or 'any platform'}: {versions}", soft_wrap=True
        )
    for stage in found.stages:
        for relation in stage.through:
            whom = f"assets whose {relation.column} names one at {relation.stage}"
            console.print(f"affected  {whom}: {stage.id}", soft_wrap=True)
    for attribution in found.attributions:
        said = ", ".join(part for part in (attribution.by, attribution.date) if part)
        console.print(f"actor     {attribution.says} (says {said})", soft_wrap=True)
    for claim in found.claims:
        console.print(f"claim     {claim.says} ({claim.by})", soft_wrap=True)
    for line in found.not_understood:
        console.print(f"not understood: {line}", soft_wrap=True)


def _stages(pack: Pack) -> Table:
    table = Table("stage", "rung", "platforms", "indicators", "rules", "title", box=None, pad_edge=False)
    for stage in pack.stages:
        traces = {trace.id for trace in pack.traces if trace.stage == stage.id}
        table.add_row(
            stage.id,
            stage.rung.word,
            ", ".join(stage.platforms) or "any",
            str(sum(i.drives and i.trace in traces for i in pack.indicators)),
            str(sum(rule.trace in traces for rule in pack.rules)),
            stage.title,
        )
    return table


@app.command()
def lint(packs: Annotated[list[Path], typer.Argument(help="Pack folders or indicator files.")]) -> None:
    """Report all problems of packs, each with file, line, column and a remedy. Exit code 2 where there are any.

    What a pack has no German for is told on stderr, and is no problem: a German report shows it in English.
    """
    problems = [problem for path in packs for problem in lint_pack(path)]
    for problem in problems:
        print(problem)
    if problems:
        raise typer.Exit(2)
    for path in packs:
        _tell_untranslated(path)
    STDERR.print(f"{len(packs)} pack{'s' if len(packs) > 1 else ''} without problems")


def _tell_untranslated(path: Path) -> None:
    if path.is_dir() and (lacking := untranslated(load_pack(path))):
        more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
        STDERR.print(f"{path}/pack.yaml: has no German: {', '.join(lacking[:_NAMED])}{more}")


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="The folder to make; its name becomes the pack's id.")],
) -> None:
    """Make the skeleton of a pack that passes lint."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty: choose a new folder")
    try:
        new_pack(folder, folder.name)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error
    print(f"{folder}/pack.yaml is yours to fill; check it with: nachsorge pack lint {folder}")
