"""What `nachsorge cert` does, without its words: making a site, bringing its database up to date, people, backups."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from nachsorge.cert.site.instance import DATABASE, SETTINGS, Instance, fresh, read, write
from nachsorge.cert.site.keys import keep_public_key, make_key
from nachsorge.cert.site.start import start
from nachsorge.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nachsorge.model.pack import Pack

FIRST_PACK = "3cx-2023"
# Locks of a running gpg-agent are no data; the database is copied by its own means.
_NO_DATA = (".#", DATABASE)
GROUPS = ("reporter", "analyst", "approver", "admin")


@dataclass(frozen=True, slots=True)
class Made:
    """A new site. The password is told once; with no `key`, no OpenPGP key was made, for the reason in `why_no_key`."""

    instance: Instance
    user: str
    password: str
    why_no_key: str


def init(
    folder: Path,
    *,
    name: str,
    mail: str,
    user: str = "admin",
    database: str = "",
    public_url: str = "",
    key: bool = True,
    public_key: bytes = b"",
) -> Made:
    """Make a site in a folder: settings, OpenPGP key, database, roles, an administrator, the first campaign.

    With `public_key` no key is made: its secret half stays where it is, and sealed files are kept as they come.

    Raises:
        UsageError: the folder holds a site already, or the database cannot be used.
        SealError: `public_key` is none.
    """
    if (folder / SETTINGS).exists():
        raise UsageError(f"{folder} holds a site already; `nachsorge cert serve {folder}` serves it")
    instance = fresh(folder, name=name, mail=mail, database=database, public_url=public_url)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if public_key:
        fingerprint, why = keep_public_key(instance, public_key), ""
    else:
        fingerprint, why = make_key(instance) if key else ("", "not asked for")
    instance = replace(instance, key=fingerprint, offline_key=bool(public_key))
    if not database:
        # SQLite's own companions of the file (-wal, -shm) take over its mode.
        (folder / DATABASE).touch(mode=0o600)
    start(instance)
    migrate()
    # What may fail is over: from here on there is a site. Before, a second attempt begins anew.
    write(instance)
    password = secrets.token_urlsafe(15)
    set_user(user, "admin", password)
    seed_campaign(FIRST_PACK)
    return Made(instance, user, password, why)


def migrate() -> None:
    """Bring the database up to date and make the roles; does nothing where all is there.

    Raises:
        UsageError: the database cannot be reached.
    """
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.db import OperationalError

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise UsageError(f"the database cannot be used: {str(error).strip()}") from error
    for name in GROUPS:
        Group.objects.get_or_create(name=name)


def tidy() -> None:
    """Remove sessions that are over: every visitor who reports has one."""
    from django.core.management import call_command

    call_command("clearsessions")


def set_user(name: str, role: str, password: str) -> bool:
    """Make a person's account, or set its role and password anew; give True where it is new.

    A second factor that was set up is kept; `nachsorge cert user --reset-factor` removes it.

    Raises:
        UsageError: there is no such role.
    """
    from django.contrib.auth.models import Group, User

    if role not in GROUPS:
        raise UsageError(f"{role} is no role; there are {', '.join(GROUPS)}")
    user, new = User.objects.get_or_create(username=name)
    user.is_staff = role != "reporter"
    user.set_password(password)
    user.save()
    user.groups.set([Group.objects.get(name=role)])
    return new


def reset_factor(name: str) -> None:
    """Remove somebody's second factors: the next sign-in sets one up anew.

    Raises:
        UsageError: there is no such account.
    """
    from allauth.mfa.models import Authenticator
    from django.contrib.auth.models import User

    if not User.objects.filter(username=name).exists():
        raise UsageError(f"there is no account {name}")
    Authenticator.objects.filter(user__username=name).delete()


def seed_campaign(pack_id: str) -> None:
    """Open a campaign about a shipped pack; what stands there already is left alone.

    Raises:
        PackError: there is no such pack.
    """
    from nachsorge.cert.registry.models import Campaign
    from nachsorge.packs.library import resolve

    pack = resolve(pack_id)
    Campaign.objects.get_or_create(slug=pack.id, defaults=_campaign(pack))


def _campaign(pack: Pack) -> dict[str, object]:
    return {
        "title": pack.title[:200],
        "title_de": pack.title_de[:200],
        "summary": pack.summary[:4000],
        "summary_de": pack.summary_de[:4000],
        "packs": [pack.id],
        "opened": date.today(),  # noqa: DTZ011  the day on the CERT's wall
    }


def make_token(name: str, organisation: str = "", by: str = "command line") -> str:
    """Make a token for a program, of an organisation in the registry or of none.

    Raises:
        UsageError: there is no such organisation.
    """
    from nachsorge.cert.registry.models import Organisation
    from nachsorge.cert.registry.tokens import make

    found = Organisation.objects.filter(name=organisation).first() if organisation else None
    if organisation and found is None:
        raise UsageError(f"the registry has no organisation {organisation!r}")
    return make(name, by=by, organisation=found)


def backup(folder: Path, target: Path) -> list[str]:
    """Copy a running site into a new folder: settings, keys, and a consistent copy of an SQLite database.

    PostgreSQL has its own tool (`pg_dump`), which knows how; then only the folder is copied. Give what was copied.

    Raises:
        UsageError: there is no site, or the target exists.
    """
    instance = read(folder)
    if target.exists():
        raise UsageError(f"{target} exists; a backup is written into a new folder")
    target.mkdir(parents=True, mode=0o700)
    copied = _copy_files(folder, target)
    if not instance.database:
        (target / DATABASE).touch(mode=0o600)
        with (
            closing(sqlite3.connect(folder / DATABASE)) as here,
            closing(sqlite3.connect(target / DATABASE)) as there,
        ):
            here.backup(there)
        copied.append(DATABASE)
    return copied


def waiting_sealed(target: Path) -> list[str]:
    """Write every sealed file that waits to be opened elsewhere into a folder, as NUMBER.asc; give the names."""
    from nachsorge.cert.intake.models import Submission

    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = []
    for each in Submission.objects.filter(raw=b"").iterator():
        path = target / f"{each.number}.asc"
        path.write_bytes(bytes(each.sealed))
        names.append(path.name)
    return names


def opened_elsewhere(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """Take what was opened elsewhere, files named NUMBER.json; give what could not be taken, and why."""
    from nachsorge.cert.intake.receive import Refused, open_sealed
    from nachsorge.sharing.notification import LARGEST, NotificationError

    wrong = []
    for path in paths:
        try:
            with path.open("rb") as file:
                open_sealed(path.stem, file.read(LARGEST + 1))
        except OSError as error:
            wrong.append((path.name, error.strerror or "cannot be read"))
        except (NotificationError, Refused) as error:
            wrong.append((path.name, str(error)))
    return wrong


def _copy_files(folder: Path, target: Path) -> list[str]:
    """Copy what is data, readable by the owner only, folders too: GnuPG wants its own to be so."""
    copied = []
    for path in sorted(folder.rglob("*")):
        place = target / path.relative_to(folder)
        if path.is_dir():
            place.mkdir(mode=0o700)
        elif path.is_file() and not path.name.startswith(_NO_DATA) and path.suffix != ".lock":
            place.touch(mode=0o600)
            place.write_bytes(path.read_bytes())
            copied.append(str(path.relative_to(folder)))
    return copied
