"""The command line: one file a verb. The only place that reads arguments and the environment, prints, and exits."""

from __future__ import annotations

import gc
import sys
import traceback

import typer

from nachsorge import __version__
from nachsorge.cli.say import STDERR, complain
from nachsorge.cli.verbs import Verbs
from nachsorge.errors import NachsorgeError, UsageError
from nachsorge.locale import LANGUAGES, _, speak

_GARBAGE = (50_000, 50, 100)
"""How seldom cycles are looked for: what a run makes is nearly all kept to its end, and each search goes through it.

With Python's own figures that was a tenth of a small check and a third of one with 10,000 assets."""

app = typer.Typer(
    name="nachsorge",
    cls=Verbs,
    help="The second look after a supplier has shipped malware.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(value: bool) -> None:
    if value:
        print(f"nachsorge {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
    lang: str = typer.Option(
        "en", "--lang", envvar="NACHSORGE_LANG", metavar="de|en", help="Language of what people read."
    ),
) -> None:
    """The second look after a supplier has shipped malware."""
    if lang not in LANGUAGES:
        raise UsageError(f"--lang {lang!r}: there is {' and '.join(LANGUAGES)}")
    speak(lang)


def main() -> None:
    """Run; errors raised on purpose become a message on stderr and exit code 2.

    A fault of our own ends with 70 (EX_SOFTWARE of sysexits.h): Python's own 1 would read as "something is shown".
    """
    gc.set_threshold(*_GARBAGE)
    try:
        app()
    except NachsorgeError as error:
        complain(error)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output went away (`| head`); that is its right.
        sys.stderr.close()
        sys.exit(141)
    except Exception:  # noqa: BLE001  nothing is done with it but to show it and to end with another code
        traceback.print_exc()
        told = _("this is a fault of nachsorge, not of your evidence; please report it")
        STDERR.print(f"nachsorge: {told}")
        sys.exit(70)
