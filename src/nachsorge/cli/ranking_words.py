"""A ranking in words: a table, and for each asset what its points are for and what was not looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nachsorge.locale import N_, _, language, ngettext
from nachsorge.model.ranking import Given, Hypothesis, Ranked, Ranking, StolenList, Untold
from nachsorge.model.times import render
from nachsorge.model.words import Trait, Verdict
from nachsorge.reports import notes
from nachsorge.reports.motives import MOTIVES, TRAITS
from nachsorge.reports.ranking_reasons import place, reason

_SYSTEMS = 8

KINDS = {
    Trait.GAVE_INTERNAL: N_("internal system"),
    Trait.GAVE_ADMIN: N_("administration"),
    Trait.GAVE_VPN: N_("remote access"),
    Trait.GAVE_BANK: N_("bank"),
    Trait.GAVE_EXCHANGE: N_("exchange"),
    Trait.GAVE_CODE: N_("code and builds"),
    Trait.GAVE_CLOUD: N_("cloud console"),
}
VERDICTS = {
    Verdict.COMPROMISED: N_("compromised"),
    Verdict.SUSPECTED: N_("suspected"),
    Verdict.OPEN: N_("open"),
    Verdict.RULED_OUT: N_("ruled out within what was covered"),
}


def lines(ranking: Ranking, shown: int) -> Iterator[str]:
    """Give the label, the table, then each asset."""
    yield str(ranking.label)
    yield from _table(ranking, shown)
    yield ""
    for one in ranking.hypotheses:
        yield _hypothesis(one)
    for row in ranking.assets[:shown]:
        if row.points or row.lists or row.not_looked:
            yield ""
            yield from _asset(row)
    if len(ranking.assets) > shown:
        yield ""
        yield _("{count} more assets: -n {all}").format(count=len(ranking.assets) - shown, all=len(ranking.assets))
    for lack, count in Counter(unsaid for row in ranking.assets for unsaid in row.untold).items():
        assets = ngettext("{count} asset", "{count} assets", count).format(count=count)
        yield f"{not_known(lack)} [{assets}]"
    for note in ranking.notes:
        yield _("NOTE  {note}").format(note=_told(note))


def _table(ranking: Ranking, shown: int) -> Iterator[str]:
    heads = [_("asset"), _("points"), *(_(MOTIVES[one.motive]) for one in ranking.hypotheses), _("open cells")]
    cells = [
        [
            f"{row.asset}{' *' if row.high else ''}",
            str(row.score),
            *(str(column.points) for column in row.columns),
            str(row.open),
            _(VERDICTS[row.verdict]),
        ]
        for row in ranking.assets[:shown]
    ]
    heads.append(_("verdict"))
    widths = [max(len(line[at]) for line in (heads, *cells)) for at in range(len(heads))]
    for line in (heads, *cells):
        yield "  ".join(
            text.ljust(width) if at in (0, len(heads) - 1) else text.rjust(width)
            for at, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
    yield _("* from {points} points on looked at first").format(points=ranking.high_from)


def _hypothesis(one: Hypothesis) -> str:
    says = (one.says_de or one.says) if language() == "de" else one.says
    traits = ", ".join(_(TRAITS[trait]) for trait in one.at_risk)
    by = _("our own list") if one.by_default else one.pack
    return _("{motive} ({by}): {says}").format(motive=_(MOTIVES[one.motive]), by=by, says=says or traits)


def _asset(row: Ranked) -> Iterator[str]:
    yield _("{asset}: {points} points").format(asset=row.asset, points=row.score)
    for point in row.points:
        yield f"  {point.points:3}  {_(TRAITS[point.trait])}: {reason(point.why)}  [{place(point.where)}]"
    if row.taken:
        taken = row.taken_de if language() == "de" and row.taken_de else row.taken
        yield "  " + _("taken, if it was: {what}").format(what="; ".join(taken))
    for one in row.lists:
        yield from _list(one)
    for note in row.not_looked:
        yield "  " + _("NOT LOOKED AT  {what}").format(what=_told(note))


def not_known(one: Untold) -> str:
    """Say what is not known to have been taken."""
    says = (one.says_de if language() == "de" else one.says) or _("the pack says nothing of it")
    return _("NOT KNOWN  what was taken ({pack}): {says}").format(pack=one.pack, says=says)


def _list(one: StolenList) -> Iterator[str]:
    certain = sum(row.certain for row in one.rows)
    when = f"{render(one.at.start)[:16]}Z .. {render(one.at.end)[:16]}Z" if one.at else _("unknown time")
    yield "  " + _(
        "{browser} list of {when}: {rows} rows, {certain} of them in any case; {missing} rows deleted"
    ).format(browser=one.browser, when=when, rows=len(one.rows), certain=certain, missing=one.missing)
    for given in one.gave[:_SYSTEMS]:
        yield f"      {_system(given)}"
    if len(one.gave) > _SYSTEMS:
        yield "      " + _("and {count} more systems (--json)").format(count=len(one.gave) - _SYSTEMS)
    for note in one.notes:
        yield f"      ({_told(note)})"


def _system(given: Given) -> str:
    rows = ngettext("{count} row", "{count} rows", given.rows).format(count=given.rows)
    perhaps = "" if given.certain else _(", perhaps")
    return f"{given.host}: {_(KINDS[given.trait])} ({reason(given.why)}; {rows}{perhaps})"


def _told(note: str) -> str:
    """Say a note in the language that is spoken: one of the ranking's own, else a phrase of readers and of the run."""
    said = _(note)
    return said if said != note else notes.say(note, language())


def summary(ranking: Ranking) -> str:
    """Say it in one line."""
    high = [row.asset for row in ranking.assets if row.high]
    waiting = [row.asset for row in ranking.assets if row.high and row.open]
    unlooked = sum(bool(row.not_looked) for row in ranking.assets)
    return _(
        "{high} of {all} assets rank high, {open} of them have open cells; of {unlooked} not everything was looked at"
    ).format(high=len(high), all=len(ranking.assets), open=len(waiting), unlooked=unlooked)
