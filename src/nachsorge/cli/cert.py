"""`nachsorge cert`: the CERT's server."""

from __future__ import annotations

import getpass
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nachsorge.cli.say import STDERR
from nachsorge.errors import UsageError
from nachsorge.model.words import Tlp

if TYPE_CHECKING:
    from nachsorge.cert.site.instance import Instance

app = typer.Typer(help="The CERT's server: intake, desk, picture, releases.", no_args_is_help=True)

log_app = typer.Typer(help="The hash-chained log of the desk.", no_args_is_help=True)
app.add_typer(log_app, name="log")

Folder = Annotated[Path, typer.Argument(help="The site's folder.")]
Name = Annotated[str, typer.Option("--name", help="The CERT's name, as its pages show it.")]
Mail = Annotated[str, typer.Option("--mail", help="The CERT's mail address, for its key and security.txt.")]
Url = Annotated[str, typer.Option("--url", help="How others reach it: https://cert.example")]
ENVIRONMENT = "DATABASE_URL"


@app.command("init")
def init(
    folder: Folder,
    name: Name = "CERT",
    mail: Mail = "",
    url: Url = "",
    user: Annotated[str, typer.Option("--user", help="The administrator's name.")] = "admin",
    no_key: Annotated[bool, typer.Option("--no-key", help="Make no OpenPGP key.")] = False,
    public_key: Annotated[
        Path | None, typer.Option("--public-key", help="Use this key, whose secret half stays off the server.")
    ] = None,
) -> None:
    """Make a site: settings, keys, database, an administrator, the first campaign.

    Example: nachsorge cert init /srv/cert --name "CERT Example" --mail cert@example.org --url https://cert.example

    The database is a file in the folder, or what DATABASE_URL names (postgresql://user:password@host/name).
    """
    _need()
    from nachsorge.cert.site.commands import init as make

    database = os.environ.get(ENVIRONMENT, "")
    own = _file(public_key) if public_key else b""
    made = make(
        folder, name=name, mail=mail, user=user, database=database, public_url=url, key=not no_key, public_key=own
    )
    print(f"site       {made.instance.folder}")
    print(f"database   {'PostgreSQL' if database.startswith('postgres') else 'SQLite'}")
    print(f"key        {made.instance.key or 'none'}")
    print(f"account    {made.user}")
    print(f"password   {made.password}")
    STDERR.print("The password is shown this once. The first sign-in asks to set up a second factor.")
    if made.why_no_key:
        STDERR.print(f"There is no OpenPGP key, so sealed files cannot be taken: {made.why_no_key}")
    STDERR.print(f"Next: nachsorge cert serve {folder}")


@app.command("serve")
def serve(
    folder: Folder,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; a proxy gives it TLS.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port; 0 takes a free one.")] = 8000,
) -> None:
    """Serve a site; the database is brought up to date first.

    Example: nachsorge cert serve /srv/cert
    """
    instance = _started(folder)
    from nachsorge.cert.site.commands import migrate, tidy
    from nachsorge.cert.site.serving import serve as run

    migrate()
    tidy()
    # One line on standard output, so that whoever started this knows where it is and that it is ready.
    run(instance, host, port, lambda at, on: print(f"http://{at}:{on}/", flush=True))


@app.command("user")
def user(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="The account's name.")],
    role: Annotated[str, typer.Option("--role", help="reporter, analyst, approver or admin.")] = "analyst",
    reset_factor: Annotated[
        bool, typer.Option("--reset-factor", help="Only remove the second factor, for somebody who has lost it.")
    ] = False,
) -> None:
    """Make an account, or set its role and password anew. The password is asked for, or read from standard input.

    Example: nachsorge cert user /srv/cert ada --role analyst
    """
    _started(folder)
    from nachsorge.cert.site import commands

    commands.migrate()
    if reset_factor:
        commands.reset_factor(name)
        print(f"{name}: the next sign-in sets up a second factor")
        return
    new = commands.set_user(name, role, _password())
    print(f"{name}: {'made' if new else 'changed'}, {role}")


@app.command("token")
def token(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    organisation: Annotated[str, typer.Option("--organisation", help="Whose it is, by name in the registry.")] = "",
) -> None:
    """Make a token for a program that submits; it is printed this once.

    Example: nachsorge cert token /srv/cert "nachsorge at Example Ltd" --organisation "Example Ltd"
    """
    _started(folder)
    from nachsorge.cert.site import commands

    commands.migrate()
    print(commands.make_token(name, organisation))


@app.command("import")
def take_over(
    folder: Folder,
    paths: Annotated[list[Path], typer.Argument(help="Files or folders of old reports: notifications, or VERIS.")],
    label: Annotated[Tlp, typer.Option("--label", help="Label of what carries none.")] = Tlp.AMBER_STRICT,
    count: Annotated[bool, typer.Option("--count", help="What carries no consent may be counted.")] = False,
) -> None:
    """Take over old reports: notifications as JSON (one a file, or one a line), and incidents in VERIS.

    Example: nachsorge cert import /srv/cert reports-2023/ --label CLEAR --count

    Exit codes: 0 all taken or known; 1 some refused, each named; 2 wrong use.
    """
    _started(folder)
    from nachsorge.cert.intake.importing import import_files
    from nachsorge.cert.site.commands import migrate

    migrate()
    found = import_files(paths, label=label, count=count)
    print(f"taken {found.taken}, known before {found.known}, refused {len(found.refused)}")
    _complained(found.refused)


@app.command("sealed")
def sealed(folder: Folder, target: Annotated[Path, typer.Argument(help="A folder for the files.")]) -> None:
    """Write out the sealed files that wait to be opened where the secret key is, as NUMBER.asc.

    Example: nachsorge cert sealed /srv/cert /media/stick
    """
    _started(folder)
    from nachsorge.cert.site.commands import waiting_sealed

    for each in waiting_sealed(target):
        print(each)


@app.command("opened")
def opened(
    folder: Folder, paths: Annotated[list[Path], typer.Argument(help="What was opened, named NUMBER.json.")]
) -> None:
    """Take in what was opened where the secret key is.

    Example: nachsorge cert opened /srv/cert /media/stick/*.json

    Exit codes: 0 all taken; 1 some refused, each named; 2 wrong use.
    """
    _started(folder)
    from nachsorge.cert.site.commands import opened_elsewhere

    _complained(opened_elsewhere(paths))


@app.command("backup")
def backup(folder: Folder, target: Annotated[Path, typer.Argument(help="A new folder.")]) -> None:
    """Copy a site, running or not: settings, keys, and the database where it is SQLite.

    Example: nachsorge cert backup /srv/cert /backup/cert-monday
    """
    instance = _read(folder)
    from nachsorge.cert.site.commands import backup as copy

    for each in copy(folder, target):
        print(each)
    if instance.database:
        STDERR.print("The database is not in the folder: copy it with pg_dump.")


@log_app.command("verify")
def log_verify(
    folder: Folder,
    head: Annotated[
        str, typer.Option("--head", help="A head that was noted earlier: tells whether the end was cut.")
    ] = "",
) -> None:
    """Walk the whole log: every entry is unchanged, and none is missing. Note the head that is printed elsewhere.

    Example: nachsorge cert log verify /srv/cert --head 5f2c...
    """
    _started(folder)
    from nachsorge.cert.desk.log import verify

    proof = verify(head)
    print(f"entries  {proof.entries}")
    print(f"head     {proof.head}")
    for each in proof.breaks:
        print(f"broken   {each.number}: {each.what}")
    if proof.breaks:
        raise typer.Exit(1)
    if not head:
        STDERR.print("Without --head, a log that was cut off at its end cannot be told from a shorter one.")


def _complained(refused: list[tuple[str, str]]) -> None:
    for place, why in refused:
        STDERR.print(f"{place}: {why}")
    if refused:
        raise typer.Exit(1)


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def _started(folder: Path) -> Instance:
    instance = _read(folder)
    from nachsorge.cert.site.start import start

    start(instance)
    return instance


def _read(folder: Path) -> Instance:
    _need()
    from nachsorge.cert.site.instance import read

    return read(folder, os.environ.get(ENVIRONMENT, ""))


def _need() -> None:
    lacking = [
        each for each in ("django", "ninja", "allauth", "whitenoise", "waitress", "rfc8785") if not find_spec(each)
    ]
    if lacking:
        raise UsageError(f'the server needs an extra ({", ".join(lacking)}): pip install "nachsorge[cert]"')


def _password() -> str:
    text = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if len(text) < 12:
        raise UsageError("a password has at least 12 characters")
    return text
