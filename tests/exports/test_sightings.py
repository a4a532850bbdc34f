from __future__ import annotations

import json

from tests.reports.samples import NOTHING, SAMPLE, hostile

from nachsorge import __version__
from nachsorge.exports.assessment_json import document
from nachsorge.exports.sightings import lines


def test_one_object_a_line_each_naming_schema_and_tool():
    out = list(lines(SAMPLE))
    assert len(out) == len(SAMPLE.sightings)
    for line in out:
        assert line.count(b"\n") == 1
        assert line.endswith(b"}\n")
        entry = json.loads(line)
        assert entry["schema_version"] == "nachsorge.sighting/1"
        assert (entry["tool"], entry["tool_version"]) == ("nachsorge", __version__)


def test_a_line_says_what_the_assessment_says():
    for line, sighting in zip(lines(SAMPLE), document(SAMPLE)["sightings"], strict=True):
        assert sighting.items() <= json.loads(line).items()


def test_a_line_stands_alone_with_its_source():
    first = json.loads(next(lines(SAMPLE)))
    assert (first["source_path"], first["source_sha256"]) == ("sensor/dns.log", "01" * 32)


def test_line_breaks_in_evidence_do_not_break_lines():
    (line,) = lines(hostile("a\nb\u2028c\r"))
    assert len(line.splitlines()) == 1
    assert json.loads(line)["indicator"] == "a\nb\u2028c\r"


def test_no_sightings_are_no_lines():
    assert list(lines(NOTHING)) == []
