"""All questions that rules ask of one field, answered together for one text, and remembered.

Whole texts, beginnings and ends are looked up by their length; contained words are found by one search for all of them
(Hyperscan where there is a wheel). Regular expressions, ranges and comparisons are asked one by one. Logs repeat
themselves, so the answer stays with the text.
"""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from nachsorge.matching import detection as d
from nachsorge.matching.normal import address, fold

Question: TypeAlias = int
"""The number of one distinct value test in its set of rules."""

Check: TypeAlias = Callable[[str], bool]

_KEPT = 8192
_LONGEST = 512
"""So many answers are kept of a field, for texts up to this length."""

_FEW = 12
"""So few words are searched one by one: faster than calling the search for many."""

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this platform (design, section 7)
    hyperscan = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The questions that a text answers with yes, and the rules that have to be asked because of them."""

    questions: frozenset[Question]
    rules: tuple[int, ...]


NOTHING = Answer(frozenset(), ())

ByLength: TypeAlias = dict[int, dict[str, list[Question]]]


class Questions:
    """The value tests of one field. Complete it with `add`, then ask `answer`."""

    def __init__(self, rules_of: dict[Question, tuple[int, ...]]) -> None:
        """Remember which rules each question wakes."""
        self._rules_of = rules_of
        self._known: dict[str, Answer] = {}
        self._whole: dict[str, list[Question]] = defaultdict(list)
        self._starts: ByLength = defaultdict(lambda: defaultdict(list))
        self._ends: ByLength = defaultdict(lambda: defaultdict(list))
        self._within: dict[str, list[Question]] = defaultdict(list)
        self._checks: list[tuple[Check, Question]] = []
        self._exact: dict[Question, Check] = {}
        self._search: Callable[[str], Iterable[str]] | None = None

    def add(self, question: Question, value: d.Value) -> None:
        """Take a value test."""
        match value:
            case d.Text(_, pieces, cased):
                self._text(question, pieces, cased)
            case d.Expression() | d.Network() | d.Compare():
                self._checks.append((check_of(value), question))

    def _text(self, question: Question, pieces: d.Pieces, cased: bool) -> None:
        shape = tuple(piece if isinstance(piece, int) else str for piece in pieces)
        words = [fold(piece) for piece in pieces if isinstance(piece, str)]
        word = max(words, key=len, default="")
        if cased:
            self._exact[question] = _exactly(pieces, cased)
        match shape:
            case ():
                self._whole[""].append(question)
            case (t,) if t is str:
                self._whole[word].append(question)
            case (t, d.MANY) if t is str:
                self._starts[len(word)][word].append(question)
            case (d.MANY, t) if t is str:
                self._ends[len(word)][word].append(question)
            case (d.MANY, t, d.MANY) if t is str:
                self._within[word].append(question)
            case _ if word:
                self._exact[question] = _exactly(pieces, cased)
                self._within[word].append(question)
            case _:
                self._checks.append((_exactly(pieces, cased), question))

    def answer(self, text: str) -> Answer:
        """Say what the text answers; lines of a text are texts too, since a repeated field is joined by line breaks."""
        known = self._known.get(text)
        if known is not None:
            return known
        answer = self._found(text)
        if len(text) <= _LONGEST:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[text] = answer
        return answer

    def _found(self, text: str) -> Answer:
        texts = (text, *text.split("\n")) if "\n" in text else (text,)
        found = set(self._looked_up(text, texts))
        for question in found & self._exact.keys():
            if not any(map(self._exact[question], texts)):
                found.discard(question)
        for check, question in self._checks:
            if any(map(check, texts)):
                found.add(question)
        if not found:
            return NOTHING
        rules = {rule for question in found for rule in self._rules_of.get(question, ())}
        return Answer(frozenset(found), tuple(rules))

    def _looked_up(self, text: str, texts: tuple[str, ...]) -> Iterator[Question]:
        for one in map(fold, texts):
            yield from self._whole.get(one, ())
            size = len(one)
            for length, table in self._starts.items():
                if length <= size:
                    yield from table.get(one[:length], ())
            for length, table in self._ends.items():
                if length <= size:
                    yield from table.get(one[size - length :], ())
        if self._within:
            if self._search is None:
                self._search = _searcher(sorted(self._within))
            for word in self._search(fold(text)):
                yield from self._within[word]


def check_of(value: d.Value) -> Check:
    """Make the test of one text."""
    match value:
        case d.Text(_, pieces, cased):
            return _exactly(pieces, cased)
        case d.Expression(_, pattern, flags):
            expression = re.compile(pattern, flags)
            return lambda text: expression.search(text) is not None
        case d.Network(_, cidr):
            network = ipaddress.ip_network(cidr, strict=False)
            return lambda text: _in_network(text, network)
        case d.Compare(_, operator, number):
            return _compare(operator, number)


def _exactly(pieces: d.Pieces, cased: bool) -> Check:
    """Make the test of a text for pieces in order. ASCII case only: `k` is not the Kelvin sign."""
    signs = {d.MANY: ".*", d.ONE: "."}
    body = "".join(re.escape(piece) if isinstance(piece, str) else signs[piece] for piece in pieces)
    expression = re.compile(body + r"\Z", re.DOTALL | re.ASCII | (0 if cased else re.IGNORECASE))
    return lambda text: expression.match(text) is not None


def _in_network(text: str, network: Any) -> bool:
    found = address(text)
    return found is not None and ipaddress.ip_address(found) in network


def _compare(operator: str, number: float) -> Check:
    compare: Callable[[float], bool] = {
        "LT": lambda left: left < number,
        "LTE": lambda left: left <= number,
        "GT": lambda left: left > number,
        "GTE": lambda left: left >= number,
    }[operator]

    def test(text: str) -> bool:
        try:
            return compare(float(text))
        except ValueError:
            return False

    return test


def _searcher(words: list[str]) -> Callable[[str], Iterable[str]]:
    """Make one search for all words in a folded text; each that is in it is given once."""
    many = [word for word in words if word and "\0" not in word] if hyperscan is not None else []
    if len(many) <= _FEW:
        return lambda text: [word for word in words if word in text]
    rest = sorted(set(words).difference(many))
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = hyperscan.HS_FLAG_SINGLEMATCH
    database.compile(
        expressions=[word.encode("utf-8", "surrogatepass") for word in many],
        ids=list(range(len(many))),
        flags=[flags] * len(many),
        literal=True,
    )
    scratch = hyperscan.Scratch(database)

    def search(text: str) -> list[str]:
        found: list[int] = []
        body = text.encode("utf-8", "surrogatepass")
        database.scan(body, match_event_handler=lambda number, *_: found.append(number), scratch=scratch)
        return [*(many[number] for number in found), *(word for word in rest if word in text)]

    return search
