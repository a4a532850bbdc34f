"""A real browser: Debian's Chromium, driven by Playwright, before a site that is served in its own process."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cert.served import Site


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A running browser; skips, and says so, where there is none.

    It ends with its module: Playwright keeps an event loop in this thread, under which Django, in the tests of
    other folders, refuses to speak to its database.
    """
    sync_api = pytest.importorskip("playwright.sync_api", reason="PLAYWRIGHT ABSENT: no page has been opened")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("CHROMIUM ABSENT (Debian: chromium): no page has been opened")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on one of the two databases, made and served as its owner does it."""
    pytest.importorskip("django", reason="the extra `cert` is not installed: the CERT's server has NOT been tested")
    from tests.cert.served import Site

    folder = tmp_path_factory.mktemp("site") / "cert"
    database = "" if request.param == "sqlite" else request.getfixturevalue("postgres").url(f"site_{uuid4().hex}")
    made = Site(folder, database).init("--name", "CERT Example", "--mail", "cert@cert.example").serve()
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server; skips, and says so, where there is none."""
    from tests.cert.postgres import Cluster, programs

    found = programs()
    if found is None:
        pytest.skip("POSTGRESQL ABSENT (Debian: postgresql): this test has NOT run on the second database")
    cluster = Cluster(found)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path | None:
    """Where screenshots are kept: in the docs when `--pictures` asks for it, else nowhere."""
    # In a run of all tests this file is read after the options are: then there is no such option.
    wanted = request.config.getoption("--pictures", default=False)
    return Path(__file__).parents[2] / "docs" / "guides" / "cert" if wanted else None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `pytest tests/browser --pictures` take the screenshots of the docs anew."""
    parser.addoption("--pictures", action="store_true", help="take the screenshots of the docs anew")
