"""Whatever stands in a pack file, loading gives a Pack or a PackError, and nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import example, given, settings
from hypothesis import strategies as st

from nachsorge.errors import PackError
from nachsorge.model.words import IndicatorType
from nachsorge.packs.adhoc import load_indicator_file
from nachsorge.packs.layout import PACK
from nachsorge.packs.load import load_pack
from nachsorge.packs.new import new_pack
from nachsorge.packs.schema import shapes
from nachsorge.packs.values import ValueProblem, checked, guess

if TYPE_CHECKING:
    from nachsorge.model.pack import Pack

KEYS = sorted({field.key for shape in shapes(PACK) for field in shape.fields})
WORDS = st.sampled_from(
    [*KEYS, "windows", "proof", "proxy", "exposed", "true", "~", "2023-03-01", "7d", "a", "{", "[", "]"]
)
YAMLISH = st.lists(
    st.tuples(st.integers(0, 4), WORDS, st.sampled_from([":", ": ", "- ", ": [", "]", " ", "&a ", "*a", "!x "]))
)
CELLS = st.one_of(st.sampled_from([each.value for each in IndicatorType]), st.text(max_size=12))


def outcome(folder: Path) -> Pack | list[str]:
    try:
        return load_pack(folder)
    except PackError as error:
        assert error.problems
        return [str(each) for each in error.problems]


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
@example(b"? [a]\n: b")
@example(b"%YAML 9.9\n---\na: b")
@example(b"a: !!python/object:os.system x")
@example(b"{" * 2000)
def test_any_bytes_as_pack_yaml(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as home:
        Path(home, "pack.yaml").write_bytes(content)
        assert isinstance(outcome(Path(home)), list)


@settings(max_examples=150, deadline=None)
@given(YAMLISH)
def test_any_yaml_of_our_own_words(lines: list[tuple[int, str, str]]) -> None:
    text = "\n".join("  " * indent + word + mark for indent, word, mark in lines)
    with tempfile.TemporaryDirectory() as home:
        Path(home, "pack.yaml").write_text(text, encoding="utf-8")
        assert isinstance(outcome(Path(home)), list)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_to_a_good_pack(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as home:
        folder = new_pack(Path(home, "made-2026"), "made-2026")
        path = folder / data.draw(st.sampled_from(["pack.yaml", "indicators.csv"]))
        text = path.read_text(encoding="utf-8")
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 40)))
        path.write_text(text[:start] + data.draw(st.text(max_size=8)) + text[end:], encoding="utf-8", newline="")
        outcome(folder)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)), st.booleans())
def test_any_bytes_as_an_indicator_file(content: bytes, header: bool) -> None:
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, "list.csv")
        path.write_bytes((b"type,value\n" if header else b"") + content)
        try:
            pack = load_indicator_file(path)
        except PackError as error:
            assert error.problems
        else:
            assert any(indicator.drives for indicator in pack.indicators)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6))
def test_no_row_of_a_list_is_dropped_silently(rows: list[tuple[str, str, str]]) -> None:
    quoted = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows)
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, "list.csv")
        path.write_text("type,value,note\ndomain,first.example,\n" + quoted, encoding="utf-8", newline="")
        pack = load_indicator_file(path)
    blank = sum(not any(cell.strip() for cell in row) or row[0].lstrip().startswith("#") for row in rows)
    assert len(pack.indicators) + len(pack.not_understood) == 1 + len(rows) - blank


@given(st.sampled_from(list(IndicatorType)), st.text(max_size=60))
def test_a_value_is_checked_once_and_for_all(kind: IndicatorType, text: str) -> None:
    try:
        value = checked(kind, text)
    except ValueProblem as problem:
        assert str(problem)
    else:
        assert checked(kind, value) == value


@given(st.text(max_size=60))
@example("HKU\\\0")
@example("?.exe")
@example("/a\x7f")
def test_a_guess_is_a_type_that_takes_the_value(text: str) -> None:
    kind = guess(text)
    if kind is not None:
        assert checked(kind, text)
