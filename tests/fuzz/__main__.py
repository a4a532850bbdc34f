"""`python -m tests.fuzz --minutes 10 [--reader NAME] [--seed N]`: see docs/reference/fuzzing.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz.run import Findings, report, run
from tests.fuzz.seeds import harvest
from tests.fuzz.targets import targets


def main() -> int:
    """Run, say what was found, and end with 1 where there was anything."""
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("--minutes", type=float, default=10.0, help="in all, shared out evenly")
    asked.add_argument("--cases", type=int, default=0, help="so many of each instead of a time")
    asked.add_argument("--reader", action="append", default=[], help="only this; also container:zip, images, ...")
    asked.add_argument("--seed", type=int, default=1, help="of chance: the same number makes the same cases")
    asked.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "nachsorge-fuzz", help="folder")
    asked.add_argument("--made", action="store_true", help="only samples that stand in the tests as they are; quick")
    asked.add_argument("--replay", type=Path, help="a kept case, with --reader")
    given = asked.parse_args()
    seeds = None if given.made else given.work / "seeds"
    if seeds is not None:
        harvest(seeds)
    chosen = [each for each in targets(seeds) if not given.reader or each.name in given.reader]
    if given.replay:
        print(chosen[0].run(given.replay.name.split("--")[-1], given.replay.read_bytes()))
        return 0
    found = Findings(None if given.made else given.work / "found")
    share = given.minutes * 60 / max(1, len(chosen))
    tallies = [run(each, given.seed, found, seconds=share, cases=given.cases) for each in chosen]
    print(report(tallies))
    return 1 if any(tally.faults for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
