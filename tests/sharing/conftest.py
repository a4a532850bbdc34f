"""Two houses with keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.sharing.keys import Keys, keys

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def cert_keys() -> Iterator[Keys]:
    with keys("a CERT of the tests") as made:
        yield made


@pytest.fixture(scope="session")
def other_keys() -> Iterator[Keys]:
    with keys("somebody else") as made:
        yield made
