"""Fixtures that several rooms of tests use."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real evidence beside the project; nothing of it is part of the project."""
    if not SHARED.is_dir():
        pytest.skip(
            f"REAL DATA ABSENT: {SHARED.name}/ is not beside the project; this test has NOT looked at real evidence"
        )
    return SHARED
