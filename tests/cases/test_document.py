"""An assessment's document comes back as what it was, as far as judging further needs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.test_demo import run

from nachsorge.cases.document import assessment_of
from nachsorge.errors import InputError
from nachsorge.exports.assessment_json import dumps


@pytest.fixture(scope="module")
def demo():
    return run()


def test_what_was_written_comes_back(demo):
    back = assessment_of(dumps(demo), "x")
    assert (back.assets, back.sightings, back.coverage, back.claims) == (
        demo.assets,
        demo.sightings,
        demo.coverage,
        demo.claims,
    )
    assert [replace(p, german={}) for p in demo.packs] == list(back.packs)
    assert [s.reading.status for s in back.sources] == [s.reading.status for s in demo.sources]
    assert (back.summary.verdict, dict(back.summary.cells)) == (demo.summary.verdict, dict(demo.summary.cells))


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"[]", b"{}", b'{"schema_version": "nachsorge.assessment/1"}', b'{"schema_version": "other/1"}'],
)
def test_what_is_no_assessment_is_refused_with_its_name(body):
    with pytest.raises(InputError, match=r"x\.json: no assessment"):
        assessment_of(body, "x.json")


def test_a_document_with_wrong_values_is_refused(demo):
    for right, wrong in ((b'"ruled-out"', b'"fine"'), (b'"2023-03-01T00:00:00Z"', b'"soon"')):
        with pytest.raises(InputError, match="no assessment"):
            assessment_of(dumps(demo).replace(right, wrong), "x.json")
