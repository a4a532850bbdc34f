"""Every closed word of the log has its words: read from the calls that write it."""

from __future__ import annotations

import ast
from pathlib import Path

import nachsorge.cert
from nachsorge.cert.desk.log import Act
from nachsorge.cert.desk.names import ACTS, DETAILS

OWN = {"why", "who", "act", "subject", "before", "after"}


def written():
    """Give the name of every detail that any call of `log.write` anywhere gives."""
    found = set()
    for path in Path(nachsorge.cert.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr="write"), keywords=given):
                    found |= {one.arg for one in given if one.arg}
    return found - OWN


def test_every_detail_that_is_written_has_a_word():
    assert len(written()) > 10
    assert written() - set(DETAILS) == set()


def test_every_act_has_a_word():
    assert {each.value for each in Act} == set(ACTS)
