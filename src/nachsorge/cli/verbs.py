"""The verbs of the program, each loaded when it is asked for: `check` need not wait for what only `pack` uses."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
import typer.main
from typer.core import TyperGroup
from typer.exceptions import TyperException

from nachsorge.cli.help_words import asked_for, say_help, show
from nachsorge.locale import Lang

if TYPE_CHECKING:
    from click import Command, Context

VERBS = {
    "check": "nachsorge.cli.check:check",
    "index": "nachsorge.cli.index:index_evidence",
    "next": "nachsorge.cli.next:next_evidence",
    "rank": "nachsorge.cli.rank:rank_assets",
    "case": "nachsorge.cli.case:app",
    "notify": "nachsorge.cli.notify:app",
    "answer": "nachsorge.cli.answer:app",
    "pack": "nachsorge.cli.pack:app",
    "cert": "nachsorge.cli.cert:app",
}
"""A verb's name, and where it stands: a function is one command, a `Typer` a group of them."""


class Verbs(TyperGroup):
    """A group that imports a verb when it is run, or when the help of all is asked for."""

    asked: Lang = "en"

    def list_commands(self, ctx: Context) -> list[str]:  # type: ignore[override]  # typer's own copy of click
        """Name every verb, in the order of the table."""
        return list(VERBS)

    def resolve_command(self, ctx: Context, args: list[str]) -> Any:  # type: ignore[override]
        """Find the verb; where there is none, all are loaded, so that the nearest can be proposed."""
        if args and args[0] not in VERBS:
            for name in VERBS:
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)  # type: ignore[arg-type]

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program; help and what is said of wrong use are in the language that was asked for."""
        self.asked = asked_for(sys.argv[1:], os.environ)
        if self.asked == "en" or not kwargs.get("standalone_mode", True):
            return super().main(*args, **kwargs)
        say_help(self, self.asked)
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except TyperException as error:
            show(error, self.asked)
            code = error.exit_code
        sys.exit(code if isinstance(code, int) else 0)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:  # type: ignore[override]
        """Load one verb; None where there is none of that name."""
        if cmd_name not in VERBS:
            return None
        if cmd_name not in self.commands:
            self.commands[cmd_name] = _load(cmd_name)
            say_help(self.commands[cmd_name], self.asked)
        return self.commands[cmd_name]  # type: ignore[return-value]


def _load(name: str) -> Any:
    module, _, attribute = VERBS[name].partition(":")
    verb: typer.Typer | Callable[..., Any] = getattr(import_module(module), attribute)
    holder = typer.Typer(add_completion=False, rich_markup_mode=None)
    if isinstance(verb, typer.Typer):
        holder.add_typer(verb, name=name)
        return typer.main.get_group(holder).commands[name]
    holder.command(name)(verb)
    return typer.main.get_command(holder)
