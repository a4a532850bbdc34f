"""What goes into an answer: near the rung, let out by the door, careful enough. Pure."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.builders import pack, stage

from nachsorge.cert.desk.choose import choose, label_of
from nachsorge.model.labels import Label, Pap
from nachsorge.model.pack import Indicator, Rule, Step, Trace
from nachsorge.model.words import IndicatorType, Role, Rung, Tlp, Weight

ORDER = list(Tlp)


def made():
    """A pack with one indicator for each rung and label, one rule and one step for each rung."""
    stages = tuple(stage(rung.word, rung) for rung in Rung)
    traces = tuple(Trace(id=f"t-{rung.word}", stage=rung.word, weight=Weight.PROOF) for rung in Rung)
    indicators = tuple(
        Indicator(
            type=IndicatorType.DOMAIN,
            value=f"{rung.word}.{tlp.value.lower().replace('+', '-')}.example",
            trace=f"t-{rung.word}",
            tlp=tlp,
        )
        for rung in Rung
        for tlp in Tlp
    )
    rules = tuple(Rule(id=f"r-{rung.word}", engine="sigma", text="title: x", trace=f"t-{rung.word}") for rung in Rung)
    steps = (
        *(Step(title=f"look {rung.word}", minutes=5, stage=rung.word) for rung in Rung),
        Step(title="always", minutes=1),
    )
    made = pack(*stages, traces=traces, indicators=indicators, rules=rules, steps=steps)
    return replace(made, digest="0" * 64)


def up_to(limit):
    return lambda label: "" if ORDER.index(label.tlp) <= ORDER.index(limit) else f"TLP:{label.tlp} stays"


@given(st.sampled_from(list(Rung)), st.sampled_from(list(Tlp)), st.sampled_from(list(Pap)))
def test_nothing_beyond_label_pap_or_the_next_rung(rung, limit, pap):
    incident = made()
    chosen = choose(incident, rung, up_to(limit), pap)
    near = {each.word for each in Rung if each <= rung + 1}
    for each in chosen.indicators:
        assert ORDER.index(each.tlp) <= ORDER.index(limit)
        assert list(Pap).index(label_of(each).pap) <= list(Pap).index(pap)
        assert each.trace.removeprefix("t-") in near
    assert {each.trace.removeprefix("t-") for each in chosen.rules} == near
    assert {each.stage for each in chosen.steps} == near | {""}
    wanted = [each for each in incident.indicators if each.trace.removeprefix("t-") in near]
    assert len(chosen.indicators) + sum(chosen.withheld.values()) == len(wanted)
    assert all(ORDER.index(each.tlp) <= ORDER.index(chosen.label.tlp) for each in chosen.indicators)


def test_what_never_matches_is_no_help():
    incident = made()
    quiet = tuple(replace(each, role=Role.KNOWN_GOOD) for each in incident.indicators)
    assert not choose(replace(incident, indicators=quiet), Rung.HANDS_ON, up_to(Tlp.RED)).indicators


def test_a_pack_that_may_not_go_gives_neither_rules_nor_steps():
    chosen = choose(replace(made(), tlp=Tlp.RED), Rung.HANDS_ON, up_to(Tlp.CLEAR))
    assert not chosen.rules
    assert not chosen.steps
    assert chosen.label == Label(Tlp.CLEAR, Pap.CLEAR)
    assert sum(chosen.withheld.values()) == 4 * 6 + 6 + 7
