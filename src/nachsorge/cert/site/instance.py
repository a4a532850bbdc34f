"""One running site is one folder: its settings, its keys, and its database unless that is elsewhere.

`settings.toml` is written by `nachsorge cert init`, is readable by its owner only, and holds what must not be in the
code: the secret that signs sessions, and the key that receipts' secrets are made from.
"""

from __future__ import annotations

import json
import secrets
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from nachsorge.errors import UsageError

SETTINGS = "settings.toml"
DATABASE = "cert.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """What one site is: `folder` holds it, `database` is a URL or empty for the SQLite file in the folder.

    `hosts` are the names it answers to; `public_url` is how others reach it (`https://cert.example`), and decides
    whether cookies demand TLS. `key` is the fingerprint of its OpenPGP key, or empty. With `offline_key` the private
    half is kept elsewhere, and sealed files are stored as they came.
    """

    folder: Path
    secret: str
    receipt_key: str
    name: str = "CERT"
    mail: str = ""
    database: str = ""
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    public_url: str = ""
    trusted_proxy: str = ""
    key: str = ""
    offline_key: bool = False
    limits: dict[str, str] = field(default_factory=dict)

    @property
    def secure(self) -> bool:
        """Tell whether the site is reached by TLS."""
        return self.public_url.startswith("https://")

    @property
    def keys(self) -> Path:
        """Give GnuPG's folder."""
        return self.folder / "keys"


def fresh(folder: Path, *, name: str, mail: str, database: str = "", public_url: str = "") -> Instance:
    """Make a new instance's settings, with secrets of its own; nothing is written."""
    host = urlsplit(public_url).hostname
    return Instance(
        folder=folder.resolve(),
        secret=secrets.token_urlsafe(48),
        receipt_key=secrets.token_urlsafe(32),
        name=name,
        mail=mail,
        database=database,
        hosts=(*((host,) if host else ()), "localhost", "127.0.0.1", "[::1]"),
        public_url=public_url.rstrip("/"),
    )


def write(instance: Instance) -> Path:
    """Write the settings file, readable by its owner only from the first byte on."""
    instance.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = instance.folder / SETTINGS
    fresh_file = path.with_suffix(".new")
    fresh_file.unlink(missing_ok=True)
    fresh_file.touch(mode=0o600)
    fresh_file.write_text(_toml(instance), encoding="utf-8")
    fresh_file.replace(path)
    return path


def read(folder: Path, database: str = "") -> Instance:
    """Read an instance's settings; `database` takes the place of what stands there.

    Raises:
        UsageError: the folder holds no instance, or its settings cannot be read.
    """
    path = folder / SETTINGS
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no {SETTINGS}; `nachsorge cert init {folder}` makes a site") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    try:
        found["hosts"] = tuple(found.get("hosts", ()))
        instance = Instance(folder=folder.resolve(), **found)
    except TypeError as error:
        raise UsageError(f"{path}: {error}") from error
    if not instance.secret or not instance.receipt_key:
        raise UsageError(f"{path}: secret and receipt_key must not be empty")
    return replace(instance, database=database) if database else instance


_used: list[Instance] = []


def use(instance: Instance) -> None:
    """Make this the instance that Django's settings are made from; once per process, before Django starts."""
    _used[:] = [instance]


def current() -> Instance:
    """Give the instance in use; without one (type checkers), one without a name that answers to no host."""
    if _used:
        return _used[0]
    return Instance(
        folder=Path(), secret=secrets.token_urlsafe(), receipt_key=secrets.token_urlsafe(), database="sqlite:", hosts=()
    )


def databases(instance: Instance) -> dict[str, dict[str, object]]:
    """Give Django's DATABASES for this instance.

    Raises:
        UsageError: the database URL is of no kind that the site can use.
    """
    return {"default": database_of(instance.database) if instance.database else _sqlite(instance.folder / DATABASE)}


def _sqlite(path: Path) -> dict[str, object]:
    # FULL: what was acknowledged survives a power cut, too. IMMEDIATE: a writer waits for its turn, it never fails
    # half way.
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": pragmas},
    }


def database_of(url: str) -> dict[str, object]:
    """Read `postgresql://user:password@host:port/name?host=/socket` or `sqlite:////path`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path) or ":memory:"))
    if parts.scheme not in ("postgres", "postgresql"):
        raise UsageError(
            f"the database URL must begin with postgresql:// or sqlite://, not {parts.scheme or 'nothing'}"
        )
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = str(options.pop("host", "") or parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "nachsorge",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(options.pop("port", "") or parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 10, **options},
    }


def _toml(instance: Instance) -> str:
    lines = [
        "# One site of nachsorge's CERT server; see docs/guides/cert-server.md. Keep it secret: it signs sessions.",
        f"secret = {_quoted(instance.secret)}",
        f"receipt_key = {_quoted(instance.receipt_key)}",
        f"name = {_quoted(instance.name)}",
        f"mail = {_quoted(instance.mail)}",
        f"database = {_quoted(instance.database)}",
        f"hosts = [{', '.join(_quoted(host) for host in instance.hosts)}]",
        f"public_url = {_quoted(instance.public_url)}",
        f"trusted_proxy = {_quoted(instance.trusted_proxy)}",
        f"key = {_quoted(instance.key)}",
        f"offline_key = {'true' if instance.offline_key else 'false'}",
        "",
        "[limits]",
        *(f"{name} = {_quoted(value)}" for name, value in sorted(instance.limits.items())),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # JSON's strings without surrogates are TOML's basic strings (TOML 1.0, "String").
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
