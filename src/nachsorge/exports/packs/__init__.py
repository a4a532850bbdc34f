"""A pack for other tools, one file a format. To add one: its module, a row here, its test."""

from __future__ import annotations

from nachsorge.exports.packs.hosts import HostsExporter, PiholeExporter
from nachsorge.exports.packs.loki import LokiExporter
from nachsorge.exports.packs.misp import MispExporter
from nachsorge.exports.packs.osquery import OsqueryExporter
from nachsorge.exports.packs.rpz import RpzExporter
from nachsorge.exports.packs.seams import Exporter
from nachsorge.exports.packs.siem import ESQL, KQL, LUCENE, SPLUNK, SQL
from nachsorge.exports.packs.sigma import SigmaExporter
from nachsorge.exports.packs.stix import StixExporter
from nachsorge.exports.packs.suricata import SuricataExporter
from nachsorge.exports.packs.table import CsvExporter
from nachsorge.exports.packs.velociraptor import VelociraptorExporter
from nachsorge.exports.packs.vex import VexExporter
from nachsorge.exports.packs.yara import YaraExporter
from nachsorge.exports.packs.zeek import ZeekExporter

EXPORTERS: tuple[Exporter, ...] = (
    StixExporter(),
    MispExporter(),
    CsvExporter(),
    SuricataExporter(),
    ZeekExporter(),
    YaraExporter(),
    SigmaExporter(),
    SPLUNK,
    ESQL,
    LUCENE,
    KQL,
    SQL,
    OsqueryExporter(),
    VelociraptorExporter(),
    RpzExporter(),
    HostsExporter(),
    PiholeExporter(),
    VexExporter(),
    LokiExporter(),
)


def exporter(name: str) -> Exporter | None:
    """Give the exporter of this name; None where there is none."""
    return next((each for each in EXPORTERS if each.name == name), None)


__all__ = ["EXPORTERS", "Exporter", "exporter"]
