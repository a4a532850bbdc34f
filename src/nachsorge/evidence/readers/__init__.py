"""The registry of readers: one readable tuple; among equal scores the earlier one wins."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from nachsorge.evidence.readers.access_log import AccessLog
from nachsorge.evidence.readers.bind import Bind
from nachsorge.evidence.readers.cef import Cef
from nachsorge.evidence.readers.csv_table import CsvTable
from nachsorge.evidence.readers.dnsmasq import Dnsmasq
from nachsorge.evidence.readers.evt_classic import EvtClassic
from nachsorge.evidence.readers.evtx import Evtx
from nachsorge.evidence.readers.leef import Leef
from nachsorge.evidence.readers.mac_bundle import MacBundle
from nachsorge.evidence.readers.ndjson import Ndjson
from nachsorge.evidence.readers.plain_text import PlainText
from nachsorge.evidence.readers.squid import Squid
from nachsorge.evidence.readers.suricata_eve import SuricataEve
from nachsorge.evidence.readers.syslog import Syslog
from nachsorge.evidence.readers.threecx import ThreeCx
from nachsorge.evidence.readers.w3c import W3c
from nachsorge.evidence.readers.windns import Windns
from nachsorge.evidence.readers.windows_ndjson import WindowsNdjson
from nachsorge.evidence.readers.windows_xml import WindowsXml
from nachsorge.evidence.readers.zeek_json import ZeekJson
from nachsorge.evidence.readers.zeek_tsv import ZeekTsv

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Reader

READERS: tuple[Reader, ...] = (
    Evtx(),
    EvtClassic(),
    WindowsXml(),
    WindowsNdjson(),
    ZeekTsv(),
    ZeekJson(),
    SuricataEve(),
    Squid(),
    W3c(),
    AccessLog(),
    Windns(),
    Bind(),
    Dnsmasq(),
    Cef(),
    Leef(),
    Syslog(),
    MacBundle(),
    ThreeCx(),
    Ndjson(),
    CsvTable(),
    PlainText(),
)


@cache
def readers() -> tuple[Reader, ...]:
    """Give the built-in readers and those that installed packages offer under `nachsorge.readers`."""
    return (*READERS, *(point.load()() for point in entry_points(group="nachsorge.readers")))
