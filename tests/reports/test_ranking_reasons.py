"""Reasons of a ranking in German; what varies stays as it is."""

from __future__ import annotations

import pytest

from nachsorge.locale import speaking
from nachsorge.reports.ranking_reasons import reason


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            r"ACME\adm logged on with special privileges 14 times, last 2023-04-15T03:53Z",
            r"ACME\adm meldete sich 14-mal mit besonderen Rechten an, zuletzt 2023-04-15T03:53Z",
        ),
        ("signtool.exe (2 times, last 2023-03-05T08:00Z)", "signtool.exe (2-mal, zuletzt 2023-03-05T08:00Z)"),
        ("a name of almtal.example", "ein Name aus almtal.example"),
        ("chrome: perhaps a.example, b.example", "chrome: vielleicht a.example, b.example"),
        ("chrome: a.example, b.example and 3 more", "chrome: a.example, b.example und 3 weitere"),
        ("function: finance; role: dc", "function: finance; role: dc"),
    ],
)
def test_reasons(english, german):
    assert reason(english) == english
    with speaking("de"):
        assert reason(english) == german
