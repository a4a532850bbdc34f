"""Every closed word of the log has its words: read from the calls that write it."""

from __future__ import annotations

import ast
from pathlib import Path

import nachsorge.cert
from nachsorge.cert.desk.log import Act
from nachsorge.cert.desk.names import ACTS, DETAILS

OWN = {"why", "who", "act", "subject", "before", "after"}


def written():
    """Give the name of every detail that any call of `log.write` anywhere gives, by name or as a dictionary."""
    found = set()
    for path in Path(nachsorge.cert.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr="write"), keywords=given):
                    found |= {one.arg for one in given if one.arg}
                    spread = {one.value.id for one in given if one.arg is None and isinstance(one.value, ast.Name)}
                    found |= {key for name in spread for key in _keys(tree, name)}
    return found - OWN


def _keys(tree, name):
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            for each in ast.walk(node.value):
                if isinstance(each, ast.Dict):
                    yield from (key.value for key in each.keys)


def test_every_detail_that_is_written_has_a_word():
    assert {"withheld", "trust_service", "label"} <= written()
    assert written() - set(DETAILS) == set()


def test_every_act_has_a_word():
    assert {each.value for each in Act} == set(ACTS)
