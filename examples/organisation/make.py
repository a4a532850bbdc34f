"""Make the example organisation: `python examples/organisation/make.py [FOLDER]` writes inventory.csv and evidence/.

Without FOLDER it writes beside itself. The same Python and zlib give the same bytes; any Python gives the same contents.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from making import collections, network, windows  # noqa: E402
from making.files import write  # noqa: E402

INVENTORY = """\
asset,names,addresses,platform,role,watched,site,user
gm-ws-07,gm-ws-07.almtal-keramik.example,,windows,,dns_query@gmunden;proxy@gmunden,Gmunden,lena.huber
gm-ws-12,gm-ws-12.almtal-keramik.example,10.20.1.32,windows,,dns_query@gmunden;proxy@gmunden,Gmunden,jonas.pichler
gm-ws-15,gm-ws-15.almtal-keramik.example,,windows,,dns_query@gmunden;proxy@gmunden,Gmunden,mara.ebner
gm-mac-01,gm-mac-01.almtal-keramik.example,10.20.1.41,macos,,dns_query@gmunden;proxy@gmunden,Gmunden,paul.gruber
gm-ws-20,gm-ws-20.almtal-keramik.example,10.20.1.40,windows,,dns_query@gmunden;proxy@gmunden,Gmunden,ines.wallner
we-ws-03,we-ws-03.almtal-keramik.example,10.20.2.23,windows,,dns_query@wels,Wels,tobias.lang
we-ws-05,we-ws-05.almtal-keramik.example,,windows,,,Wels,field service
gm-pbx-01,gm-pbx-01.almtal-keramik.example,10.20.1.10,linux,pbx,,Gmunden,
"""


def main(target: Path) -> None:
    """Write all of it anew; what stood in evidence/ before is gone."""
    evidence = target / "evidence"
    if evidence.exists():
        shutil.rmtree(evidence)
    parts = (network.gmunden, network.wels, windows.exports, windows.winlogbeat, windows.alerts, collections.collections)
    for part in parts:
        write(evidence, part())
    write(target, {"inventory.csv": INVENTORY.encode()})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
