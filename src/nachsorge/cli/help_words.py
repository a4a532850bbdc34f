"""Help, and complaints about wrong use, in the reader's language.

Typer has its own words for them, in English; here they are said again. What is asked for (`--lang`, NACHSORGE_LANG, or
the locale of the environment) has to be known before any word of the call is understood, so it is looked up by itself.
In English nothing of this is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from nachsorge.locale import LANGUAGES, N_, Lang, _, speaking

if TYPE_CHECKING:
    from typer.exceptions import TyperException

_ASKED = re.compile(r"--lang=(\w+)")
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
_WORDS = (
    *(N_("Arguments"), N_("Options"), N_("Commands"), N_("required")),
    N_("Show this message and exit."),
    N_("(that of nachsorge --lang, else en)"),
    *(N_("Missing command."), N_("Missing argument"), N_("Missing option"), N_("Missing parameter")),
)
"""Words of Typer that stand alone."""
_PHRASES = (
    N_("default: {value}"),
    N_("env var: {value}"),
    N_("Missing argument {name}."),
    N_("Missing option {name}."),
    N_("Missing argument {name}. Choose from:{values}"),
    N_("Missing option {name}. Choose from:{values}"),
    N_("No such command {name}."),
    N_("No such command {name}. Did you mean {others}?"),
    N_("No such option: {name}"),
    N_("No such option: {name} (Possible options: {others})"),
    N_("Got unexpected extra argument(s) ({values})"),
    N_("Option {name} requires an argument."),
    N_("Option {name} requires {count} arguments."),
    N_("Option {name} does not take a value."),
    N_("Invalid value: {why}"),
    N_("Invalid value for {name}: {why}"),
    N_("Input should be a valid integer, unable to parse string as an integer"),
    N_("Input should be greater than or equal to {least}"),
    N_("Value error, {why}"),
    N_("{value} is not one of {others}."),
)
"""Sentences of Typer with what varies in them; those that begin alike, the longer first where it matters."""
_ROW = re.compile(r"(.*?)(?:  \[([^\]]*)\])?", re.DOTALL)


def asked_for(words: Sequence[str], environment: Mapping[str, str]) -> Lang:
    """Tell in which language somebody wants help: by `--lang`, else by the environment; English where nothing says."""
    found = [word for word, before in zip(words, ["", *words], strict=False) if before == "--lang"]
    found += [match[1] for word in words if (match := _ASKED.fullmatch(word))]
    found += [environment.get("NACHSORGE_LANG", "")]
    found += [next((environment[name] for name in _LOCALE if environment.get(name)), "")[:2]]
    return next((lang for word in found if word for lang in LANGUAGES if lang == word), "en")


_TYPERS_OWN: Any = typer.Context.formatter_class


class _Formatter(_TYPERS_OWN):  # type: ignore[misc]  # Typer exports its formatter in this way only
    """Typer's formatter, with the words in the language that was asked for."""

    lang: Lang = "en"

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line that shows how a command is called."""
        with speaking(self.lang):
            args = args.replace("[OPTIONS]", _("[OPTIONS]")).replace("COMMAND [ARGS]...", _("COMMAND [ARGS]..."))
            super().write_usage(prog, args, _("Usage: ") if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """Write the name of a section."""
        with speaking(self.lang):
            super().write_heading(_(heading))

    def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """Write a list of options or commands: their help is said already, not what Typer adds to it."""
        with speaking(self.lang):
            said = [(name, _row(text)) for name, text in rows]
        super().write_dl(said, *args, **kwargs)


def _row(text: str) -> str:
    found = _ROW.fullmatch(text)
    if found is None or found[2] is None:
        return _(text) if text else text
    return f"{_(found[1]) if found[1] else ''}  [{'; '.join(_said(part) for part in found[2].split('; '))}]"


def _said(text: str) -> str:
    """Say a word or a sentence of Typer; one that is not known here stays as it is."""
    if text in _WORDS:
        return _(text)
    for phrase in sorted(_PHRASES, key=len, reverse=True):
        if found := _pattern(phrase).fullmatch(text):
            values = {
                name: _said(value) if name in ("why", "value") else value for name, value in found.groupdict().items()
            }
            return _(phrase).format(**values)
    return _(text) if text else text


def _pattern(phrase: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", phrase)
    return re.compile("".join(f"(?P<{p}>.+?)" if at % 2 else re.escape(p) for at, p in enumerate(parts)), re.DOTALL)


def say_help(command: Any, lang: Lang) -> None:
    """Put the help of a command, its options and all below it into a language."""
    if lang == "en":
        return
    formatter = type("Formatter", (_Formatter,), {"lang": lang})
    command.context_class = type("Context", (command.context_class,), {"formatter_class": formatter})
    with speaking(lang):
        command.help = _(command.help) if command.help else command.help
        for option in command.params:
            if getattr(option, "help", None):
                option.help = _(option.help)
    for inner in getattr(command, "commands", {}).values():
        say_help(inner, lang)


def show(error: TyperException, lang: Lang) -> None:
    """Tell on stderr what was wrong with a call, as Typer does."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    with speaking(lang):
        if context is not None and message == context.get_help():
            typer.echo(message, err=True)  # it was called with nothing at all
            return
        if context is not None:
            typer.echo(context.get_usage(), err=True)
            typer.echo(_("Try '{command} --help' for help.").format(command=context.command_path), err=True)
            typer.echo(err=True)
        typer.echo(_("Error: {what}").format(what=_said(message)), err=True)
