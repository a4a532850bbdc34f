"""Collect every message of the program and of the CERT's pages, and compile the catalogues. See docs/guides/report.md.

    python tools/messages.py            bring the .po files up to date and compile them
    python tools/messages.py --check    change nothing; tell what is missing, fuzzy, out of date

A new message comes into the .po without a translation; somebody translates it, then this runs once more.
"""

from __future__ import annotations

import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "nachsorge"
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "counted": (1, 2),
    "counted_in": ((1, "c"), 2, 3),
}
JINJA = "jinja2.ext:babel_extract"
JINJA_OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false", "extensions": "jinja2.ext.i18n"}
_STRING = r"u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
_CALL = re.compile(rf"(?:n?p?gettext|_)\((?:{_STRING}(?:, *)?)+(?:count)?\)")


@dataclass(frozen=True)
class Domain:
    """One catalogue: where its messages stand and where their translations are kept."""

    room: Path
    po: Path
    without: Path | None = None

    @property
    def mo(self) -> Path:
        return self.po.with_suffix(".mo")

    def files(self) -> Iterator[Path]:
        for path in sorted(self.room.rglob("*")):
            if path.suffix in (".py", ".html", ".txt", ".j2") and not (self.without and self.without in path.parents):
                yield path


def domains() -> list[Domain]:
    """The program, and every app of the CERT's server that has a German catalogue."""
    cert = SOURCE / "cert"
    found = [Domain(SOURCE, SOURCE / "locale" / "de" / "LC_MESSAGES" / "nachsorge.po", without=cert)]
    for po in sorted(cert.glob("*/locale/de/LC_MESSAGES/django.po")):
        found.append(Domain(po.parents[3], po))
    return found


def template(domain: Domain) -> Catalog:
    """Collect the messages of a domain."""
    made = Catalog(project="nachsorge", charset="utf-8")
    for path in domain.files():
        place = path.relative_to(ROOT).as_posix()
        for _line, message, comments, context in messages(path):
            made.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    if domain.room == SOURCE:
        for text in help_texts():
            made.add(text, locations=[("src/nachsorge/cli", 0)], auto_comments=["help of a command"])
    return made


HELPED = ("check", "index", "next", "rank", "case")
"""The verbs whose help is in German, with all their options; of the others it is what the list of verbs shows."""


def help_texts() -> Iterator[str]:
    """Give the help of the program, as Typer shows it: docstrings and options are messages, too."""
    from typer.main import get_command

    from nachsorge.cli import app
    from nachsorge.cli.verbs import VERBS

    root: Any = get_command(app)
    yield from _help_of(root)
    for name in VERBS:
        verb = root.get_command(None, name)
        yield from _all_help(verb) if name in HELPED else _help_of(verb, options=False)


def _all_help(command: Any) -> Iterator[str]:
    yield from _help_of(command)
    for inner in getattr(command, "commands", {}).values():
        yield from _all_help(inner)


def _help_of(command: Any, *, options: bool = True) -> Iterator[str]:
    found = [command, *(command.params if options else ())]
    yield from (one.help for one in found if getattr(one, "help", None))


def messages(path: Path) -> Iterable[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    """Extract the messages of one file: Python, Jinja (`.j2`), or a Django template."""
    if path.suffix == ".j2":
        with path.open("rb") as file:
            yield from extract(JINJA, file, KEYWORDS, options=JINJA_OPTIONS)
    elif path.suffix == ".py":
        with path.open("rb") as file:
            yield from extract("python", file, KEYWORDS)
    else:
        yield from extract("python", io.BytesIO(_django(path).encode()), KEYWORDS)


def _django(path: Path) -> str:
    # Django's own makemessages feeds templatize's output, which is no Python, to xgettext; the calls in it are Python.
    from django.utils.translation.template import templatize

    return "\n".join(_CALL.findall(templatize(path.read_text(encoding="utf-8"), origin=path.name)))


def updated(domain: Domain) -> Catalog:
    """Give the translations with every message that is in the code, and no other."""
    with domain.po.open("rb") as file:
        known = read_po(file, locale="de")
    known.update(template(domain), no_fuzzy_matching=True, update_creation_date=False)
    known.obsolete.clear()
    return known


def written(catalog: Catalog) -> bytes:
    """Give the text of a .po, the same for the same messages."""
    out = io.BytesIO()
    write_po(out, catalog, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return out.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """Give a .mo; fuzzy entries are left out."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def lacking(catalog: Catalog) -> list[str]:
    """Name the messages that are untranslated or fuzzy."""
    texts = []
    for message in catalog:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(forms)):
            texts.append(str(message.id))
    return texts


def main(check: bool) -> int:
    faults = []
    for domain in domains():
        name = domain.po.relative_to(ROOT).as_posix()
        catalog = updated(domain)
        po, mo = written(catalog), compiled(catalog)
        stale = domain.po.read_bytes() != po or not domain.mo.exists() or domain.mo.read_bytes() != mo
        if not check and stale:
            domain.po.write_bytes(po)
            domain.mo.write_bytes(mo)
        elif stale:
            faults.append(f"{name}: out of date; run tools/messages.py")
        faults += [f"{name}: not translated: {text!r}" for text in lacking(catalog)]
        print(f"{name}: {len(catalog)} messages")
    print(*faults, sep="\n", file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
