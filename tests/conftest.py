"""Fixtures that several rooms of tests use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# In CI the same cases are tried each time, so that a red run is about the change; elsewhere new ones are searched.
# How long a case may take is not for a test to say: the machine may be busy.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("search"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "search")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real evidence beside the project; nothing of it is part of the project."""
    if not SHARED.is_dir():
        pytest.skip(
            f"REAL DATA ABSENT: {SHARED.name}/ is not beside the project; this test has NOT looked at real evidence"
        )
    return SHARED
