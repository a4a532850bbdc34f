"""What a CERT gives back: read strictly, and laid over a pack so that nothing is lost and nothing reads as clean."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import pack, stage

from nachsorge.model.labels import Pap
from nachsorge.model.pack import Indicator, Pack, Rule, Trace
from nachsorge.model.words import IndicatorType, Role, Rung, Tlp, Weight
from nachsorge.packs.values import checked
from nachsorge.sharing.answer import (
    Answer,
    AnswerError,
    AnswerIndicator,
    AnswerLabel,
    AnswerPack,
    AnswerRule,
    NextStep,
    decode,
    encode,
    schema,
)
from nachsorge.sharing.overlay import lay

ID, NOTIFICATION = "0b9d5c0e-55c4-4d0e-8f0a-1c2d3e4f5a6b", "3f0c1c52-7a5e-4a6e-9a55-0d1f0e2c3b4a"
PACK = pack(
    stage("installed"),
    stage("beacon", Rung.CONTACTED),
    id="made-2026",
    traces=(Trace(id="name", stage="beacon", weight=Weight.STRONG),),
    indicators=(Indicator(type=IndicatorType.DOMAIN, value="old.example", trace="name", tlp=Tlp.CLEAR),),
)


def seen(value: str, **more: Any) -> AnswerIndicator:
    values: dict[str, Any] = {
        "type": IndicatorType.DOMAIN, "role": Role.MALICIOUS, "stage": "beacon", "rung": "contacted", "trace": "name",
        "weight": Weight.STRONG, "platform": None, "tlp": Tlp.GREEN, "pap": Pap.AMBER, "valid_from": None,
        "valid_until": None, "source": "report", "note": "",
    }  # fmt: skip
    return AnswerIndicator(value=value, **(values | more))


def rule(**more: Any) -> AnswerRule:
    values: dict[str, Any] = {
        "id": "OWN", "engine": "yara", "text": "rule OWN { condition: false }", "title": "own", "author": "a CERT",
        "licence": "", "reference": "", "stage": "installed", "rung": "exposed", "trace": "", "weight": Weight.HINT,
        "tlp": Tlp.GREEN,
    }  # fmt: skip
    return AnswerRule(**(values | more))


def answer(**more: Any) -> Answer:
    values: dict[str, Any] = {
        "schema": "nachsorge.answer/1", "id": ID, "notification": NOTIFICATION, "made": "2026-11-23T12:00:00Z",
        "by": "a CERT", "label": AnswerLabel(tlp=Tlp.AMBER, pap=Pap.AMBER),
        "pack": AnswerPack(id="made-2026", version="1", sha256=""),
        "indicators": (seen("new.example"),), "rules": (rule(),),
        "next_steps": (NextStep(title="look again", minutes=5, danger="", stage="beacon"),), "text": "thank you",
    }  # fmt: skip
    return Answer(**(values | more))


def laid(found: Answer, over: Pack = PACK, why: str = "") -> Any:
    return lay(over, found, lambda each: why, checked)


def test_it_comes_back_as_it_was_and_is_what_the_schema_says() -> None:
    body = encode(answer())
    assert decode(body) == answer()
    jsonschema.Draft202012Validator(schema()).validate(json.loads(body))


@pytest.mark.parametrize("key", list(msgspec.to_builtins(answer())))
def test_every_key_is_needed(key: str) -> None:
    value = json.loads(encode(answer()))
    del value[key]
    with pytest.raises(AnswerError):
        decode(json.dumps(value).encode())


def test_no_part_is_above_the_whole() -> None:
    with pytest.raises(AnswerError) as found:
        decode(encode(answer(indicators=(seen("a.example", tlp=Tlp.RED),), rules=(rule(tlp=Tlp.AMBER_STRICT),))))
    assert len(found.value.problems) == 2


@given(st.binary(max_size=100))
def test_no_bytes_do_anything_but_decode_or_be_refused(body: bytes) -> None:
    with pytest.raises(AnswerError):
        decode(body)


def test_what_is_new_is_laid_over_the_pack_with_its_label() -> None:
    found = laid(answer())
    new = next(each for each in found.pack.indicators if each.value == "new.example")
    assert (new.trace, new.tlp, new.first_source) == ("name", Tlp.GREEN, "answer 0b9d5c0e")
    assert found.pack.tlp is Tlp.AMBER, "the label of the answer is kept"
    assert found.pack.rules[0].author == "a CERT"
    assert found.pack.traces_by_id[found.pack.rules[0].trace].stage == "installed"
    assert found.pack.steps[-1].title == "look again"
    assert found.pack.digest != PACK.digest and found.pack.version == "1+answer.0b9d5c0e"
    assert "TLP:AMBER PAP:AMBER" in found.pack.sources[-1].title
    assert [one.split(" (")[0] for one in found.added] == ["domain new.example", "yara rule OWN", "step: look again"]


def test_nothing_of_the_pack_is_taken_away() -> None:
    found = laid(answer()).pack
    assert set(PACK.indicators) <= set(found.indicators)
    assert set(PACK.stages) <= set(found.stages) and set(PACK.traces) <= set(found.traces)


def test_what_is_known_is_known() -> None:
    found = laid(answer(indicators=(seen("OLD.example"),), rules=(), next_steps=()))
    assert (found.known, found.added) == (1, ())
    assert found.pack is PACK, "evidence need not be read again for nothing"


def test_laid_twice_it_brings_nothing_more() -> None:
    once = laid(answer())
    twice = laid(answer(), once.pack)
    assert (twice.added, twice.known) == ((), 3)


def test_what_is_not_understood_keeps_its_stage_open() -> None:
    found = laid(answer(indicators=(seen("no name !!"),), rules=()))
    assert found.lost == ("domain no name !!: no name !! is not a host name",)
    assert "nobody looked for it" in found.pack.stages_by_id["beacon"].never
    assert not found.pack.stages_by_id["installed"].never
    bad = laid(answer(indicators=()), why="it does not compile")
    assert "nobody looked for it" in bad.pack.stages_by_id["installed"].never
    assert "answer 0b9d5c0e: yara rule OWN: it does not compile" in bad.pack.not_understood


def test_a_stage_that_the_pack_lacks_stays_open_where_nothing_is_found() -> None:
    found = laid(answer(indicators=(seen("a.example", stage="theft", rung="collected", trace=""),), rules=()))
    made = found.pack.stages_by_id["answer-collected"]
    assert (made.rung, bool(made.never)) == (Rung.COLLECTED, True)


def test_an_unknown_stage_of_a_known_rung_is_that_of_the_pack() -> None:
    found = laid(answer(indicators=(seen("a.example", stage="other-name", trace=""),), rules=()))
    new = next(each for each in found.pack.indicators if each.value == "a.example")
    assert found.pack.traces_by_id[new.trace].stage == "beacon"


def test_a_trace_of_another_stage_is_not_taken_for_its_name() -> None:
    found = laid(answer(indicators=(seen("a.example", stage="installed", rung="exposed"),), rules=()))
    new = next(each for each in found.pack.indicators if each.value == "a.example")
    assert found.pack.traces_by_id[new.trace].stage == "installed"


def test_a_rule_of_the_packs_own_is_not_replaced() -> None:
    own = Rule(id="OWN", engine="yara", text="rule OWN { condition: true }", trace="name")
    found = laid(answer(indicators=()), pack(*PACK.stages, id="made-2026", traces=PACK.traces, rules=(own,)))
    assert found.pack.rules == (own,)
