"""`nachsorge notify label`: what somebody demands who gave a case its evidence, or decides for it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nachsorge.cases.labels import KIND, body_of
from nachsorge.cases.state import state_of
from nachsorge.cli.casefile import now, opened, report, who
from nachsorge.cli.decide import By
from nachsorge.errors import UsageError
from nachsorge.model.labels import Pap
from nachsorge.sharing.labels import Label, read_label


def label(
    folder: Annotated[Path, typer.Argument(help="The case's folder.")],
    tlp: Annotated[str, typer.Argument(help="CLEAR, GREEN, AMBER, AMBER+STRICT or RED.")],
    reason: Annotated[str, typer.Option("--reason", help="Who demands it, or decided it; it is kept.")],
    of: Annotated[str, typer.Option("--of", help="Of one source, or a folder of them, as it was given.")] = "",
    pap: Annotated[Pap, typer.Option(case_sensitive=False, help="What may be done with it.")] = Pap.AMBER,
    by: By = None,
) -> None:
    """Label a case or a source in it; what is made of it inherits that. Unlabelled evidence is AMBER+STRICT.

    Example: nachsorge notify label cases/3cx RED --of partner-logs --reason "the partner, 12 June"
    """
    found = read_label(tlp).tlp
    if not reason.strip():
        raise UsageError("say why: --reason")
    with opened(folder) as case:
        given = [read.shown for read in state_of(case.entries()).current()]
        if of and not any(path == of or path.startswith((f"{of}/", f"{of}!")) for path in given):
            raise UsageError(f"--of {of}: the case has no such source")
        body = body_of(of, Label(found, pap), reason)
        case.append(KIND, body, now(), who(by))
    print(body["reason"])
    _again(folder, who(by))


def _again(folder: Path, by: str) -> None:
    """Judge and write the reports again: what lies there was labelled as before."""
    from nachsorge.sweep.casebook import assess

    with opened(folder) as case:
        if not state_of(case.entries()).assessed:
            return
        found = assess(case, now(), by)
    report(folder, found)
