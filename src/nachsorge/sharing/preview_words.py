"""The words of the preview in English and German. Labels and ids are never translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language."""

    title: str
    id: str
    sequence: str
    incident: str
    channel: str
    channels: Mapping[str, str]
    organisation: str
    not_named: str
    sector: str
    region: str
    size: str
    contact: str
    nobody: str
    parts: str
    as_whole: str
    allowed: str
    count: str
    pass_on: str
    name_it: str
    yes: str
    no: str
    assets: str
    compromised: str
    suspected: str
    open: str
    ruled_out: str
    rung: str
    shown: str
    no_rungs: str
    coverage: str
    telemetry: str
    whole: str
    partly: str
    none: str
    reasons: str
    no_coverage: str
    weeks: str
    to: str
    no_weeks: str
    done: str
    unsaid: str
    indicators: str
    help: str
    note: str
    no_note: str


WORDS = {
    "en": Words(
        title="Notification: all that leaves",
        id="Number",
        sequence="step",
        incident="Incident",
        channel="Channel",
        channels={
            "voluntary": "voluntary: not forwarded to authorities or press without your consent",
            "mandatory": "mandatory: the CSIRT has to forward it to the authority at once",
        },
        organisation="Organisation",
        not_named="not named",
        sector="sector",
        region="region",
        size="size",
        contact="Contact",
        nobody="nobody",
        parts="Labels of parts",
        as_whole="all as the whole",
        allowed="Allowed",
        count="count it",
        pass_on="pass it on to",
        name_it="name the organisation",
        yes="yes",
        no="no",
        assets="Assets",
        compromised="compromised",
        suspected="suspected",
        open="open",
        ruled_out="ruled out",
        rung="rung",
        shown="shown",
        no_rungs="no rung was judged",
        coverage="What was looked at, in numbers of assets",
        telemetry="telemetry",
        whole="whole",
        partly="partly",
        none="not at all",
        reasons="why not",
        no_coverage="nothing is said about what was looked at",
        weeks="Seen in weeks",
        to="to",
        no_weeks="nothing with a time was seen",
        done="Done",
        unsaid="nothing is said",
        indicators="New indicators",
        help="Help wanted",
        note="Note",
        no_note="none",
    ),
    "de": Words(
        title="Meldung: alles, was das Haus verlässt",
        id="Nummer",
        sequence="Folge",
        incident="Vorfall",
        channel="Weg",
        channels={
            "voluntary": "freiwillig: ohne Ihre Zustimmung keine Weitergabe an Behörden oder Presse",
            "mandatory": "verpflichtend: das CSIRT muss sie unverzüglich an die Behörde weiterleiten",
        },
        organisation="Organisation",
        not_named="nicht genannt",
        sector="Sektor",
        region="Region",
        size="Größe",
        contact="Kontakt",
        nobody="niemand",
        parts="Labels der Teile",
        as_whole="alle wie das Ganze",
        allowed="Erlaubt",
        count="zählen",
        pass_on="weitergeben an",
        name_it="die Organisation nennen",
        yes="ja",
        no="nein",
        assets="Systeme",
        compromised="kompromittiert",
        suspected="verdächtig",
        open="offen",
        ruled_out="ausgeschlossen",
        rung="Stufe",
        shown="belegt",
        no_rungs="keine Stufe wurde beurteilt",
        coverage="Was angesehen wurde, in Zahlen von Systemen",
        telemetry="Datenart",
        whole="ganz",
        partly="teils",
        none="gar nicht",
        reasons="warum nicht",
        no_coverage="über das Angesehene ist nichts gesagt",
        weeks="Gesehen in Wochen",
        to="bis",
        no_weeks="nichts mit Zeitangabe wurde gesehen",
        done="Getan",
        unsaid="nichts gesagt",
        indicators="Neue Indikatoren",
        help="Gewünschte Hilfe",
        note="Anmerkung",
        no_note="keine",
    ),
}
