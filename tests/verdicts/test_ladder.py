from __future__ import annotations

from tests.builders import DNS, MARCH, covered, during, need, own, pack, span, stage

from nachsorge.model.pack import Window
from nachsorge.verdicts.ladder import hull, pack_window, with_window, without_window
from nachsorge.verdicts.needs import met_by


def test_a_packs_window_is_the_hull_of_all_that_its_stages_name():
    april = span("2023-04-01", "2023-04-30")
    relative = stage("c", windows=(Window(anchor="a"),))
    assert pack_window(pack(stage("a"), stage("b", windows=(during(april),)), relative)) == hull((MARCH, april))
    assert pack_window(pack(relative)) is None


def test_a_window_given_by_a_person_replaces_the_stages_own_and_may_keep_its_dormancy():
    april, waiting = span("2023-04-01", "2023-04-30"), Window(anchor="a", until=9)
    one = stage("b", windows=(during(), waiting))
    assert with_window(one, april, dormancy=False).windows == (during(april),)
    assert with_window(one, april, dormancy=True).windows == (during(april), waiting)
    assert without_window(one).windows == ()


def test_a_need_that_is_not_met_is_met_by_nothing():
    assert met_by(need(DNS), covered(), MARCH) == ""
    assert met_by(need((DNS, DNS), DNS), covered([own(DNS, MARCH)]), MARCH) == "dns_query and dns_query"
