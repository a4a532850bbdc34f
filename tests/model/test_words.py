from __future__ import annotations

from nachsorge.model.words import SENSOR, SNAPSHOTS, Role, Rung


def test_the_rungs_are_the_fields_words_in_order():
    assert [rung.word for rung in sorted(Rung)] == [
        "exposed",
        "executed",
        "contacted",
        "collected",
        "implanted",
        "hands-on",
    ]


def test_only_malicious_and_abused_legitimate_values_ever_match():
    assert [role for role in Role if role.matches] == [Role.MALICIOUS, Role.ABUSED_LEGITIMATE]


def test_a_sensor_never_takes_a_snapshot():
    assert not SENSOR & SNAPSHOTS
