"""Mentions -> `imports.csv`, which keeps every one of them, and `indicators.csv`, one row a value.

Rows that stand in a table keep their cells and gain sources; later reports corroborate earlier ones.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

from nachsorge.errors import PackError, Problem
from nachsorge.model.labels import Pap
from nachsorge.model.times import render
from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Role, Tlp, Verification, Weight
from nachsorge.packs.merge import Mention

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from nachsorge.packs.decisions import Decision
    from nachsorge.packs.intake_yaml import Writing
    from nachsorge.packs.merge import Merged

IMPORTS = "imports.csv"
_IMPORTS = ("type", "value", "source", "place", "weight", "role", "verification", "tlp", "note")
_COLUMNS = ("type", "value", "trace", "role", "platform", "first_source", "sources", "verification", "valid_from")
COLUMNS = (*_COLUMNS, "valid_until", "tlp", "pap", "memory_only", "size", "note")
NETWORK = frozenset({T.DOMAIN, T.IP, T.CIDR, T.URL, T.URL_PATTERN, T.EMAIL, T.USER_AGENT, T.CERTIFICATE})


def earlier(folder: Path) -> list[Mention]:
    """Give the mentions of earlier imports.

    Raises:
        PackError: the file cannot be used.
    """
    path = folder / IMPORTS
    if not path.is_file():
        return []
    rows = csv.DictReader(io.StringIO(text_of(path), newline=""))
    found = []
    for row in rows:
        try:
            found.append(
                Mention(
                    type=T(row["type"]),
                    value=row["value"],
                    source=row["source"],
                    place=row["place"],
                    weight=Weight(row["weight"]),
                    role=Role(row["role"]),
                    verification=Verification(row["verification"]),
                    tlp=Tlp(row["tlp"]),
                    note=row.get("note") or "",
                )
            )
        except (ValueError, KeyError) as error:
            message = f"no row of an import: {error}"
            raise PackError([Problem(path=str(path), line=rows.line_num, message=message)]) from error
    return found


def imports_text(mentions: Iterable[Mention]) -> str:
    """Write mentions, each once."""
    rows = dict.fromkeys(
        (
            m.type.value,
            m.value,
            m.source,
            m.place,
            m.weight.value,
            m.role.value,
            m.verification.value,
            m.tlp.value,
            m.note,
        )
        for m in mentions
    )
    return _csv(_IMPORTS, rows)


def indicators_text(old: str, what: Writing, keep: Mapping[str, str] | None) -> str:
    """Write the table; rows that stand there keep their cells, and gain sources.

    `keep` names, for a pack.yaml that people wrote, the trace for each type; for one of ours the traces are noted in
    `what`.
    """
    table = csv.DictReader(io.StringIO(old, newline=""))
    header = list(table.fieldnames or COLUMNS)
    rows = [{name: cell or "" for name, cell in row.items() if name} for row in table]
    known: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows:
        known.setdefault((row.get("type", ""), row.get("value", "")), []).append(row)
    for each in what.values:
        for row in known.get((each.type.value, each.value), ()):
            _corroborate(row, each, what)
            decision = what.decisions.get((each.type, each.value))
            if keep is None and decision is not None and decision.weight is not None:
                row["trace"] = _trace(each.type, decision.weight)
    _note_traces(rows, what, keep)
    new = (_row(each, what, keep) for each in what.values if (each.type.value, each.value) not in known)
    # A table from before may lack columns for what restricts or narrows a row, which must not be lost.
    header += [name for name in COLUMNS if name not in header and _fills(name, rows, what)]
    return _csv(header, ([row.get(name, "") for name in header] for row in chain(rows, new)))


def _fills(column: str, rows: list[dict[str, str]], what: Writing) -> bool:
    """Tell whether anything stands in a column; asked for those only that a table lacks."""
    if any(row.get(column) for row in rows):
        return True
    if column == "pap":
        return any(each.pap is not Pap.GREEN for each in what.values)
    return any(_limits(each).get(column) for each in what.values)


def _note_traces(rows: list[dict[str, str]], what: Writing, keep: Mapping[str, str] | None) -> None:
    """Note which traces of ours something tests: those of rows that stand, and those of values to come."""
    if keep is not None:
        return
    standing = {(row.get("type", ""), row.get("value", "")) for row in rows}
    names = trace_names()
    for row in rows:
        trace = row.get("trace", "")
        if row.get("verification") == Verification.UNVERIFIED.value:
            continue
        if trace in what.homes:
            what.home(trace, T(row["type"]))
        elif trace in names:
            what.traces[trace] = names[trace]
    for each in what.values:
        if (each.type.value, each.value) in standing:
            continue
        role, weight = _used(each, what)
        if not role.matches or not each.best.looked_for:
            continue
        if (home := _home(each, what)) is not None:
            what.home(home, each.type)
        else:
            what.traces[_trace(each.type, weight)] = (each.type, weight)
    for row in rows:
        if row.get("trace") and row["trace"] not in what.traces and row["trace"] not in what.at_home:
            # What tested it was dropped; a value that is not looked for has nothing to name then.
            row["trace"], row["role"] = "", Role.WITHDRAWN.value


def trace_names() -> dict[str, tuple[T, Weight]]:
    """Give the names of traces of our own making."""
    return {_trace(kind, weight): (kind, weight) for kind in T for weight in Weight}


def _trace(kind: T, weight: Weight) -> str:
    return f"{kind.value.replace('_', '-')}-{weight.value}"


def _home(each: Merged, what: Writing) -> str | None:
    """Give the trace that an export of this program names, unless somebody has decided on another weight."""
    decision = what.decisions.get((each.type, each.value))
    if each.home is None or (decision is not None and decision.weight is not None):
        return None
    return each.home[0] if each.home[0] in what.homes else None


def _used(each: Merged, what: Writing) -> tuple[Role, Weight]:
    """Give role and weight of a value, as decided or as its sources say."""
    decision = what.decisions.get((each.type, each.value))
    role = decision.role if decision is not None else None
    weight = decision.weight if decision is not None else None
    return role or each.best.role, weight or each.best.weight


def _row(each: Merged, what: Writing, keep: Mapping[str, str] | None) -> dict[str, str]:
    role, weight = _used(each, what)
    trace = _trace_for(each, weight, what, keep) if role.matches else ""
    if role.matches and not each.best.looked_for and not trace:
        # Nothing of its kind is looked for, so there is no trace that it could name.
        role = Role.WITHDRAWN
    return {
        "type": each.type.value,
        "value": each.value,
        "trace": trace,
        "role": role.value,
        "first_source": each.sources[0],
        "sources": ";".join(each.sources[1:]),
        "verification": each.best.verification.value,
        "tlp": each.tlp.value,
        "pap": "" if each.pap is Pap.GREEN else each.pap.value,
        "note": "; ".join(part for part in (*_remarks(each, what), each.best.note) if part),
        **_limits(each),
    }


def _limits(each: Merged) -> dict[str, str]:
    """Give what narrows a value: its platform, when it counts, of which file it is.

    Where mentions differ the widest holds, so that what one source looks for is not passed over because of another.
    """
    said: list[dict[str, Any]] = [dict(one.more) for one in each.mentions if one.looked_for] or [dict(each.best.more)]

    def alike(name: str) -> Any:
        values = {one.get(name) for one in said}
        return values.pop() if len(values) == 1 else None

    first = [one["valid_from"] for one in said if "valid_from" in one]
    last = [one["valid_until"] for one in said if "valid_until" in one]
    cells = {name: str(value) for name in ("platform", "size") if (value := alike(name)) is not None}
    cells |= {"valid_from": render(min(first))} if len(first) == len(said) else {}
    cells |= {"valid_until": render(max(last))} if len(last) == len(said) else {}
    return cells | ({"memory_only": "true"} if alike("memory_only") else {})


def _trace_for(each: Merged, weight: Weight, what: Writing, keep: Mapping[str, str] | None) -> str:
    if keep is not None:
        return keep.get(each.type.value, "")
    home = _home(each, what)
    if home is not None and home in what.at_home:
        return home
    own = _trace(each.type, weight)
    if own in what.traces:
        return own
    alike = [name for name, (kind, _) in sorted(what.traces.items()) if (kind in NETWORK) is (each.type in NETWORK)]
    return alike[0] if alike else ""


def _remarks(each: Merged, what: Writing) -> list[str]:
    decision = what.decisions.get((each.type, each.value))
    if decision is not None:
        said = [_decided(decision)]
    else:
        reasons = what.reasons.get((each.type, each.value), ())
        said = [f"look again: {reason}".replace("; ", ", ") for reason in reasons]
    return said + ([f"also written {', '.join(each.spellings)}"] if each.spellings else [])


def _corroborate(row: dict[str, str], each: Merged, what: Writing) -> None:
    named = [row.get("first_source") or "", *(name.strip() for name in (row.get("sources") or "").split(";"))]
    more = [source for source in each.sources if source not in named]
    row["sources"] = ";".join(part for part in (*named[1:], *more) if part)
    if not row.get("first_source") and more:
        row["first_source"] = more[0]
    decision = what.decisions.get((each.type, each.value))
    if decision is None:
        return
    parts = [part for part in (row.get("note") or "").split("; ") if not part.startswith(("look again: ", "decided ("))]
    row["note"] = "; ".join([_decided(decision), *(part for part in parts if part)])
    if decision.role is not None:
        row["role"] = decision.role.value
        row["trace"] = ""


def _decided(decision: Decision) -> str:
    return f"decided ({decision.choice.value}): {decision.because or decision.reason}".replace("; ", ", ")


def commonest_traces(old: str) -> dict[str, str]:
    """Give, for each type of value in a table, the trace that most of its rows test."""
    counts: dict[str, Counter[str]] = {}
    for row in csv.DictReader(io.StringIO(old, newline="")):
        if row.get("trace"):
            counts.setdefault(row.get("type") or "", Counter())[row["trace"]] += 1
    return {kind: each.most_common(1)[0][0] for kind, each in counts.items()}


def text_of(path: Path) -> str:
    """Read a file of a pack; PackError where it cannot be read or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(
            [Problem(path=str(path), message=f"cannot be read: {error}", remedy="UTF-8 is needed")]
        ) from error


def _csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(list(header))
    writer.writerows(list(row) for row in rows)
    return out.getvalue()
