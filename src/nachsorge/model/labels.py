"""The words of passing something on: what a label says, who may want it, for which purpose, and what was decided.

Only `sharing.door` decides; whoever writes something that leaves takes its `Release` and cannot be called without.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nachsorge.model.words import Tlp

MOST_RESTRICTIVE_LAST = (Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED)


class Pap(StrEnum):
    """Permissible Actions Protocol (MISP taxonomy `PAP`, version 3): what may be done with it, not who may know it."""

    CLEAR = "CLEAR"
    GREEN = "GREEN"
    AMBER = "AMBER"
    RED = "RED"


@dataclass(frozen=True, slots=True)
class Label:
    """What the source demands. `restrictions` are its own, beyond TLP: `named:ADA`, `not:partners`, or free words.

    A missing PAP is GREEN: it may be acted upon, blocked for example.
    """

    tlp: Tlp
    pap: Pap = Pap.GREEN
    restrictions: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Write it as it stands on what carries it; labels are never translated."""
        return f"TLP:{self.tlp} PAP:{self.pap}"


UNLABELLED: Final = Label(Tlp.AMBER_STRICT)
"""Of what comes in without a label. TLP 2.0 names none; a pack, a value or evidence without a PAP is GREEN."""


class Audience(StrEnum):
    """Kinds of recipients. A partner is a `CERT` that is not the holder."""

    PUBLIC = "public"
    COMMUNITY = "community"
    CONSTITUENCY = "constituency"
    CERT = "cert"
    ORGANISATION = "organisation"
    NAMED = "named"


class Purpose(StrEnum):
    """What the recipient does with it."""

    USE_OWN = "use-own"
    """defends itself with it"""
    HELP = "help"
    """helps the one it comes from"""
    COUNT = "count"
    """counts it, and tells numbers"""
    PASS_ON = "pass-on"
    """passes on what somebody reported"""
    NAME = "name"
    """tells whose it is"""
    PUBLISH = "publish"
    """makes it public"""


@dataclass(frozen=True, slots=True)
class Party:
    """Who has, gets or gave something: a kind, and a name where one of that kind is meant."""

    audience: Audience
    name: str = ""


@dataclass(frozen=True, slots=True)
class Permission:
    """The source's word that something may go to more than its label says: to whom, who said so, when."""

    to: Audience
    by: str
    when: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What a source allowed beside its label. `pass_to` holds `constituency`, `community`, `partners`."""

    count: bool = False
    pass_to: frozenset[str] = frozenset()
    name: bool = False
    wider: tuple[Permission, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """Something may go to this recipient for this purpose. Made by `sharing.door` only."""

    label: Label
    origin: Party
    recipient: Party
    purpose: Purpose
    why: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something stays, and why. The reason names labels and audiences, never what is withheld."""

    reason: str
