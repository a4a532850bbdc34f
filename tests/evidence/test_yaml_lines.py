"""Lines of YAML as package managers write them."""

from __future__ import annotations

from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from nachsorge.evidence.yaml_lines import entries

TEXT = """---
# a comment
one: "1.0"

list:
- name: 'it''s'
  url: https://x.example/a:b
-   deep:
    - value
"""


def test_keys_items_and_depths() -> None:
    found = [(one.number, one.depth, one.item, one.key, one.value) for one in entries(TEXT)]
    assert found == [
        (3, 0, False, "one", "1.0"),
        (5, 0, False, "list", ""),
        (6, 2, True, "name", "it's"),
        (7, 2, False, "url", "https://x.example/a:b"),
        (8, 4, True, "deep", ""),
        (9, 6, True, "", "value"),
    ]


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.from_regex(r"[ -~]{0,20}", fullmatch=True)))
def test_a_mapping_is_read_as_a_general_parser_reads_it(told: dict[str, str]) -> None:
    out = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 10_000
    yaml.dump(told, out)
    if told:
        assert {one.key: one.value for one in entries(out.getvalue())} == told
