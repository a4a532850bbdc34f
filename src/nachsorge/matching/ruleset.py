"""Many Sigma rules asked about one record at a time: what a rule cannot be about or cannot hold is never evaluated.

1. A record's origin (telemetry, product, service, number) chooses a `Bucket`: the rules of its log source, less those
   that ask for another number.
2. All value tests of the bucket's rules on one field are answered together, and remembered by its text (`texts`).
3. Of each rule, some value tests are named of which at least one must hold (its *wakers*). A rule none of whose wakers
   held is not asked. Rules without any (`not ...`, absent fields) are asked always.
4. What is left is evaluated: a set look-up per value test, since those were all answered in step 2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from nachsorge.matching import detection as d
from nachsorge.matching.literals import rarity
from nachsorge.matching.logsources import WINDOWS, Origin, concerns, origin_of
from nachsorge.matching.normal import fold
from nachsorge.matching.texts import NOTHING, Question, Questions

if TYPE_CHECKING:
    from nachsorge.model.evidence import Record

Event: TypeAlias = Mapping[str, str]

_ORIGINS = 4096
_SHAPES = 2048


@dataclass(slots=True)
class Asked:
    """One event while its rules are asked: the answers to value tests, and its fields by folded name."""

    held: frozenset[Question]
    event: Event
    names: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """Give the text of a field; None where there is none."""
        key = self.names.get(name)
        return None if key is None else self.event[key]


Predicate: TypeAlias = Callable[[Asked], bool]


class RuleSet:
    """Rules, numbered as they come."""

    def __init__(self, plans: Iterable[d.Plan]) -> None:
        """Take the rules; buckets are made when the first record of their log source comes."""
        self.plans = tuple(plans)
        self._by_origin: dict[Origin, Bucket] = {}
        self._by_rules: dict[tuple[int, ...], Bucket] = {}
        self._numbers = tuple(numbers_of(plan.condition) for plan in self.plans)
        self._sources: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for number, plan in enumerate(self.plans):
            self._sources[plan.product, plan.category, plan.service].append(number)

    def meeting(self, record: Record) -> Sequence[int]:
        """Give the rules that a record meets, sorted."""
        bucket = self._of(origin_of(record))
        return bucket.meeting(record.event) if bucket.rules else ()

    def has_any(self, origin: Origin) -> bool:
        """Tell whether any rule may be met by a record from there."""
        return bool(self._of(origin).rules)

    def _of(self, origin: Origin) -> Bucket:
        bucket = self._by_origin.get(origin)
        if bucket is None:
            bucket = self._by_origin[origin] = self._bucket(origin)
        return bucket

    def _bucket(self, origin: Origin) -> Bucket:
        about = [n for numbers in self._sources.values() if concerns(self.plans[numbers[0]], origin) for n in numbers]
        rules = tuple(sorted(n for n in about if self._is_open_to(n, origin)))
        if len(self._by_origin) >= _ORIGINS:  # services are names out of logs: as many as somebody cares to write
            self._by_origin.clear()
        return self._by_rules.setdefault(rules, Bucket({rule: self.plans[rule].condition for rule in rules}))

    def _is_open_to(self, rule: int, origin: Origin) -> bool:
        numbers = self._numbers[rule]
        return numbers is None or origin.product != WINDOWS or not origin.number or origin.number in numbers


class Bucket:
    """The rules of one log source, prepared."""

    def __init__(self, rules: Mapping[int, d.Node]) -> None:
        """Prepare nothing yet: many origins hold no record that is ever asked about."""
        self.rules = rules
        self._ready = False
        self._predicates: dict[int, Predicate] = {}
        self._always: tuple[int, ...] = ()
        self._fields: dict[str, Questions] = {}
        self._shapes: dict[tuple[str, ...], tuple[Mapping[str, str], tuple[tuple[str, Questions], ...]]] = {}

    def meeting(self, event: Event) -> Sequence[int]:
        """Give the rules that an event meets, sorted."""
        if not self._ready:
            self._prepare()
        names, asked = self._shape(event)
        woken: list[int] = []
        answers = []
        for key, questions in asked:
            answer = questions.answer(event[key])
            if answer is not NOTHING:
                answers.append(answer.questions)
                woken += answer.rules
        if "" in self._fields:
            answer = self._fields[""].answer("\n".join(event.values()))
            answers.append(answer.questions)
            woken += answer.rules
        if not woken and not self._always:
            return ()
        about = Asked(frozenset().union(*answers), event, names)
        return sorted(rule for rule in {*woken, *self._always} if self._predicates[rule](about))

    def _shape(self, event: Event) -> tuple[Mapping[str, str], tuple[tuple[str, Questions], ...]]:
        """Find which of the event's fields are asked about; events of one kind have the same fields."""
        keys = tuple(event)
        shape = self._shapes.get(keys)
        if shape is None:
            names = _by_name(keys)
            asked = tuple((names[field], q) for field, q in self._fields.items() if field in names)
            if len(self._shapes) >= _SHAPES:
                self._shapes.clear()
            shape = self._shapes[keys] = (names, asked)
        return shape

    def _prepare(self) -> None:
        numbers: dict[d.Value, Question] = {}
        wakes: dict[Question, list[int]] = defaultdict(list)
        always = []
        for rule, node in self.rules.items():
            self._predicates[rule] = _predicate(node, numbers)
            wakers = _wakers(node)
            if wakers is None:
                always.append(rule)
            for value in wakers[0] if wakers is not None else ():
                wakes[numbers[value]].append(rule)
        rules_of = {question: tuple(rules) for question, rules in wakes.items()}
        for value, question in numbers.items():
            if value.field not in self._fields:
                self._fields[value.field] = Questions(rules_of)
            self._fields[value.field].add(question, value)
        self._always = tuple(always)
        self._ready = True


def alone(plan: d.Plan) -> Callable[[Event], bool]:
    """Give one rule as a question about an event, whatever its log source."""
    bucket = Bucket({0: plan.condition})
    return lambda event: bool(bucket.meeting(event))


def _by_name(keys: Iterable[str]) -> dict[str, str]:
    """Let fields be found without regard to case, and nested ones (ECS) by their last part; a whole name goes first."""
    names = {fold(key): key for key in keys}
    for folded, key in list(names.items()):
        names.setdefault(folded.rpartition(".")[2], key)
    return names


def _predicate(node: d.Node, numbers: dict[d.Value, Question]) -> Predicate:
    match node:
        case d.All(parts):
            return _all(parts, numbers)
        case d.Either(parts):
            return _either(parts, numbers)
        case d.No(part):
            inner = _predicate(part, numbers)
            return lambda asked: not inner(asked)
        case d.Null(field):
            return lambda asked: asked.get(field) in (None, "", "-")
        case d.Exists(field, wanted):
            return lambda asked: (asked.get(field) is not None) is wanted
        case d.Refers():
            return lambda asked: _refers(node, asked)
        case _:
            question = numbers.setdefault(node, len(numbers))
            return lambda asked: question in asked.held


def _all(parts: Iterable[d.Node], numbers: dict[d.Value, Question]) -> Predicate:
    wanted, others = _parted(parts, numbers)
    if not others:
        return lambda asked: wanted <= asked.held
    return lambda asked: wanted <= asked.held and all(other(asked) for other in others)


def _either(parts: Iterable[d.Node], numbers: dict[d.Value, Question]) -> Predicate:
    wanted, others = _parted(parts, numbers)
    if not others:
        return lambda asked: not wanted.isdisjoint(asked.held)
    return lambda asked: not wanted.isdisjoint(asked.held) or any(other(asked) for other in others)


def _parted(
    parts: Iterable[d.Node], numbers: dict[d.Value, Question]
) -> tuple[frozenset[Question], tuple[Predicate, ...]]:
    wanted, others = set(), []
    for part in parts:
        if isinstance(part, d.Value):
            wanted.add(numbers.setdefault(part, len(numbers)))
        else:
            others.append(_predicate(part, numbers))
    return frozenset(wanted), tuple(others)


def _refers(node: d.Refers, asked: Asked) -> bool:
    left, right = asked.get(node.field), asked.get(node.other)
    if left is None or right is None:
        return False
    left, right = fold(left), fold(right)
    if node.starts:
        return left.startswith(right)
    return left.endswith(right) if node.ends else left == right


def _wakers(node: d.Node) -> tuple[frozenset[d.Value], float] | None:
    """Give value tests of which one must hold if the node does, and how often they will; None where there are none."""
    match node:
        case d.All(parts):
            named = [found for part in parts if (found := _wakers(part)) is not None]
            return min(named, key=lambda found: found[1], default=None)
        case d.Either(parts):
            sure = [each for part in parts if (each := _wakers(part)) is not None]
            if len(sure) < len(parts):
                return None
            return frozenset(value for values, _ in sure for value in values), sum(often for _, often in sure)
        case d.Text():
            return frozenset({node}), _frequency(node)
        case d.Expression() | d.Network() | d.Compare():
            return frozenset({node}), 0.3
    return None


def numbers_of(node: d.Node) -> frozenset[int] | None:
    """Give the event numbers outside which the node cannot hold; None where it does not say."""
    match node:
        case d.All(parts):
            named = [found for part in parts if (found := numbers_of(part)) is not None]
            return frozenset.intersection(*named) if named else None
        case d.Either(parts):
            sure = [each for part in parts if (each := numbers_of(part)) is not None]
            return frozenset(number for each in sure for number in each) if len(sure) == len(parts) else None
        case d.Text("eventid", (str() as text,)) if text.isascii() and text.isdigit():
            return frozenset({int(text)})
    return None


def _frequency(value: d.Text) -> float:
    """Guess how often a text test holds: the longer and the less common its words, the more seldom."""
    if value.field == "eventid":
        return 0.02  # rules of one service differ in it
    words = [piece for piece in value.pieces if isinstance(piece, str)]
    weight = max((sum(rarity(word) for word in fold(piece).replace("\\", " ").split()) for piece in words), default=0.0)
    scarce = 2.0 ** -min(weight, 20.0)
    return scarce if d.MANY in value.pieces else scarce / 2
