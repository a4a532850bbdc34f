"""What a writer of notifications gets: the parts that may leave, each with the decision that it may; nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nachsorge.exports.packs.seams import strictest
from nachsorge.model.labels import Pap, Release
from nachsorge.model.words import Tlp


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A notification at the door. `values` holds the plain values of the parts in `releases`, by the schema's keys.

    `indicators` carry labels of their own.
    """

    id: str
    sequence: int
    made: str
    pap: Pap
    values: Mapping[str, Any]
    releases: Mapping[str, Release]

    def __post_init__(self) -> None:
        """Hold that nothing is in it without a decision."""
        if set(self.values) != set(self.releases):
            raise ValueError("parts without a release, or releases without a part")

    def label(self, part: str) -> Tlp:
        """Give the label of a part."""
        return self.releases[part].label.tlp

    def whole(self) -> Tlp:
        """Give the most restrictive label of all that is in it."""
        listed = [release.label.tlp for release in self.releases.values()]
        return strictest([*listed, *(Tlp(one["tlp"]) for one in self.values.get("indicators", ()))])

    def title(self) -> str:
        """Name the incident, if that may be told."""
        incident = self.values.get("incident")
        return str(incident["title"] or incident["pack"]) if incident else "an incident"


def told(leaving: Leaving) -> Iterator[tuple[str, str]]:
    """Give the parts in words, with the part's name; organisation, contact and indicators have objects of their own."""
    for part, words in _WORDS.items():
        if part in leaving.values and (text := words(leaving.values[part])):
            yield part, text


def _assets(value: Mapping[str, Any]) -> str:
    verdicts = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in value["verdicts"].items())
    rungs = [f"{row['rung']}: {_standings(row)}" for row in value["rungs"]]
    return "\n".join([f"{value['scope']} assets: {verdicts}", *rungs])


def _standings(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{row[word]} {word.replace('_', ' ')}" for word in ("shown", "suspected", "open", "ruled_out"))


def _coverage(value: list[Mapping[str, Any]]) -> str:
    return "\n".join(_covered(row) for row in value) or "nothing is said about what was looked at"


def _covered(row: Mapping[str, Any]) -> str:
    reasons = ", ".join(f"{reason} {count}" for reason, count in row["reasons"].items())
    head = f"{row['telemetry']}: {row['whole']} assets whole, {row['partly']} partly, {row['none']} not at all"
    return f"{head} ({reasons})" if reasons else head


def _weeks(value: Mapping[str, Any] | None) -> str:
    return f"seen from {value['first']} to {value['last']}" if value else "nothing with a time was seen"


_WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "incident": lambda value: f"{value['pack']} {value['version']} {value['title']}".strip(),
    "assets": _assets,
    "coverage": _coverage,
    "weeks": _weeks,
    "done": lambda value: "\n".join(f"{one['what']} {one['text']}".strip() for one in value),
    "help": lambda value: "\n".join(filter(None, (", ".join(value["wanted"]), value["text"]))),
    "note": str,
}
