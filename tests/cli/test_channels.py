"""The table of what passes the door has every command, and says of each what is so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer.main
from click import Context

from nachsorge.cli import app
from nachsorge.cli.channels import CHANNELS, Way

if TYPE_CHECKING:
    from collections.abc import Iterator


def commands(command: Any, name: str, parent: Context | None) -> Iterator[tuple[str, object]]:
    context = Context(command, info_name=name, parent=parent)
    if not hasattr(command, "list_commands"):
        yield context.command_path.removeprefix("nachsorge "), command
        return
    for child in command.list_commands(context):
        yield from commands(command.get_command(context, child), child, context)


FOUND = dict(commands(typer.main.get_command(app), "nachsorge", None))


def test_every_command_is_in_it_once() -> None:
    assert sorted(one.command for one in CHANNELS) == sorted(FOUND)


def test_what_can_be_for_somebody_asks() -> None:
    """A command with `--for` or `--person` makes something for others; none of those may be taken for own use."""
    for_others = {
        name
        for name, command in FOUND.items()
        for option in getattr(command, "params", ())
        if {"--for", "--person"} & {*option.opts}
    }
    asks = {one.command for one in CHANNELS if one.way is Way.ASKS}
    assert for_others | {"notify draft"} == asks


def test_what_carries_a_label_is_searched_for_it() -> None:
    from tests.sharing.test_every_channel import VERBS

    shown = {" ".join(words[: 1 if words[0] in ("next", "rank") else 2]) for words in VERBS}
    elsewhere = {"notify preview", "notify label", "answer import", "case add"}
    elsewhere |= {"pack show", "pack import", "pack update"}
    assert {one.command for one in CHANNELS if one.way is Way.OWN} - elsewhere == shown
