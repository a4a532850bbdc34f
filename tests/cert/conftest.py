"""Django for the tests of the CERT's server, on both databases.

A test that takes `db` runs twice: on SQLite always, on PostgreSQL where its programs are found (Debian: postgresql), in
a transaction that is undone afterwards. `committed` is the same with real commits, and empties the tables afterwards.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

pytest.importorskip("django", reason="the extra `cert` is not installed: the CERT's server has NOT been tested")

from django.conf import settings
from tests.cert.postgres import Cluster, programs

from nachsorge.cert.site.instance import database_of, fresh
from nachsorge.cert.site.start import start

if TYPE_CHECKING:
    from collections.abc import Iterator

if not settings.configured:
    _folder = Path(tempfile.mkdtemp(prefix="nachsorge-cert-"))
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    start(fresh(_folder, name="CERT Example", mail="cert@cert.example"))
    # scrypt takes its time on purpose; tests sign in often.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.PREPARE_BESIDE = False
    from django.test.utils import setup_test_environment

    setup_test_environment()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server; skips, and says so, where there is none."""
    found = programs()
    if found is None:
        pytest.skip("POSTGRESQL ABSENT (Debian: postgresql): this test has NOT run on the second database")
    cluster = Cluster(found)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database the test is run on."""
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of an empty database, for a site of the test's own; empty for a file in the site's folder."""
    if database_kind == "sqlite":
        yield ""
        return
    cluster = request.getfixturevalue("cluster")
    yield cluster.url(f"site_{uuid4().hex}")


@pytest.fixture(scope="session")
def tables(
    database_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Point Django's connection at the database of this round, with all tables made."""
    from nachsorge.cert.site.commands import migrate

    if database_kind == "sqlite":
        _connect(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'tests.sqlite'}")
    else:
        _connect(request.getfixturevalue("cluster").url("tests"))
    migrate()
    yield database_kind
    _close()


@pytest.fixture
def db(tables: str) -> Iterator[str]:
    """A database whose changes are undone; gives `sqlite` or `postgresql`."""
    from django.core.cache import cache
    from django.db import transaction

    cache.clear()
    with transaction.atomic():
        yield tables
        transaction.set_rollback(True)


@pytest.fixture
def committed(tables: str) -> Iterator[str]:
    """A database with real commits, emptied afterwards, for tests with several connections."""
    from django.core.cache import cache
    from django.core.management import call_command

    from nachsorge.cert.site.commands import migrate

    cache.clear()
    yield tables
    call_command("flush", verbosity=0, interactive=False)
    migrate()


@pytest.fixture
def campaign(db: str) -> object:
    """The 3CX campaign."""
    from nachsorge.cert.registry.models import Campaign

    return Campaign.objects.create(
        slug="3cx-2023", title="3CX Desktop App", title_de="3CX-Telefonie", packs=["3cx-2023"], opened="2023-04-13"
    )


def _connect(url: str) -> None:
    from django.db import connections

    _close()
    connections.settings["default"] = connections.configure_settings({"default": database_of(url)})["default"]
    del connections["default"]


def _close() -> None:
    from django.db import connections

    connections["default"].close()
