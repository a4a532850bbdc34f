"""Make what was found later: `python examples/organisation/later.py [FOLDER]` writes functions.csv and later/.

It is what docs/guides/case.md adds to the case of the example organisation, so that it can be closed.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from making import later  # noqa: E402
from making.files import write  # noqa: E402

FUNCTIONS = """\
asset,function,criticality
gm-ws-07,accounting,
gm-ws-12,sales,
gm-ws-15,assistant of the management,high
gm-mac-01,design,
gm-ws-20,software development and build,
we-ws-03,warehouse,
we-ws-05,field service,
gm-pbx-01,telephone server,
"""
CLAIMS = """\
# What people said in the meetings, made testable.
claims:
  - {id: nobody-worked-on-it, says: Nobody worked on a host., by: our IT, test: never, stage: hands-on}
  - {id: nothing-beyond-theft, says: The theft was the end of it., by: our IT, test: nothing-beyond, stage: stealer}
  - {id: two-at-most, says: Two lost their data at most., by: our IT, test: at-most-assets, stage: stealer, needs: 2}
  - id: only-gmunden
    says: Only people in Gmunden lost data.
    by: our IT
    test: only-assets-with
    stage: stealer
    needs: site=Gmunden
  - id: quiet-since-take-down
    says: Once the repository was gone nothing happened any more.
    by: our IT
    test: no-sighting-since
    stage: beacon
    needs: 2023-03-30
  - id: clean-since-13-april
    says: Everybody has had a clean version since 13 April.
    by: our IT
    test: clean-version-since
    needs: 2023-04-13
  - id: no-other-product
    says: No other product of the vendor is affected.
    by: the vendor
    test: no-other-product
    stage: beacon
"""


def main(target: Path) -> None:
    """Write all of it anew."""
    folder = target / "later"
    if folder.exists():
        shutil.rmtree(folder)
    write(folder, later.later())
    write(target, {"functions.csv": FUNCTIONS.encode(), "claims.yaml": CLAIMS.encode()})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
