"""What makes a host worth having, what tells it, and how many points it is worth. The numbers are our own estimate.

A host gets the points of a trait once, however often it was seen. What an inventory says counts by whole words, in
English and German; what evidence says counts by the names of programs and by special privileges at log-on.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from nachsorge.model.words import Motive, Trait

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.model.assessment import Asset

POINTS: Mapping[Trait, int] = {
    Trait.DIRECTORY: 40,
    Trait.SIGNING: 40,
    Trait.CRYPTO: 35,
    Trait.BUILD: 30,
    Trait.ADMINISTRATION: 30,
    Trait.PRIVILEGED_LOGON: 25,
    Trait.FINANCE: 25,
    Trait.VIRTUALISATION: 25,
    Trait.BACKUP: 25,
    Trait.LEADERSHIP: 20,
    Trait.RESEARCH: 20,
    Trait.CUSTOMERS: 20,
    Trait.OPERATIONS: 20,
    Trait.CRITICAL: 20,
    Trait.PERSONNEL: 15,
    Trait.GAVE_EXCHANGE: 25,
    Trait.GAVE_ADMIN: 20,
    Trait.GAVE_CLOUD: 20,
    Trait.GAVE_VPN: 15,
    Trait.GAVE_BANK: 15,
    Trait.GAVE_CODE: 15,
    Trait.GAVE_INTERNAL: 10,
}

HIGH_FROM = 40
"""From so many points on a host is looked at first: a directory, or two things that are each worth something."""

AT_RISK: Mapping[Motive, tuple[Trait, ...]] = {
    Motive.ESPIONAGE: (
        *(Trait.LEADERSHIP, Trait.RESEARCH, Trait.PERSONNEL, Trait.CUSTOMERS, Trait.CRITICAL),
        *(Trait.GAVE_INTERNAL, Trait.GAVE_CLOUD, Trait.DIRECTORY),
    ),
    Motive.THEFT: (Trait.FINANCE, Trait.CRYPTO, Trait.CRITICAL, Trait.GAVE_BANK, Trait.GAVE_EXCHANGE),
    Motive.ONWARD_ACCESS: (
        *(Trait.DIRECTORY, Trait.ADMINISTRATION, Trait.PRIVILEGED_LOGON, Trait.BUILD, Trait.SIGNING, Trait.CUSTOMERS),
        *(Trait.VIRTUALISATION, Trait.GAVE_ADMIN, Trait.GAVE_VPN, Trait.GAVE_CODE, Trait.GAVE_CLOUD),
    ),
    Motive.DESTRUCTION: (
        *(Trait.DIRECTORY, Trait.ADMINISTRATION, Trait.PRIVILEGED_LOGON, Trait.BACKUP, Trait.VIRTUALISATION),
        *(Trait.OPERATIONS, Trait.CRITICAL, Trait.GAVE_ADMIN),
    ),
}
"""What counts for a hypothesis where its pack does not say."""

COLUMNS = ("role", "function", "department", "purpose", "title", "funktion", "abteilung", "aufgabe", "zweck", "stelle")
"""Columns of an inventory whose words are read; `criticality` (`kritikalität`) is read for its level."""

_LEVELS = ("criticality", "kritikalität", "kritikalitaet", "priority", "schutzbedarf", "tier")
_HIGH = frozenset({"high", "critical", "hoch", "kritisch", "tier0", "0"})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SAID: Mapping[Trait, frozenset[str]] = {
    Trait.DIRECTORY: _words("dc domaincontroller addc adds directory verzeichnisdienst ad identity idp adfs kerberos"),
    Trait.SIGNING: _words("signing codesigning codesign signatur signierung hsm pki ca"),
    Trait.BUILD: _words("build builds builder ci cicd jenkins runner release packaging developer entwickler devops"),
    Trait.ADMINISTRATION: _words(
        "admin admins administrator administration it sysadmin edv systemadministration helpdesk jumphost bastion"
    ),
    Trait.FINANCE: _words(
        "finance financial accounting accounts treasury payments payroll controlling finanz finanzen buchhaltung "
        "rechnungswesen lohnverrechnung zahlungsverkehr cfo"
    ),
    Trait.CRYPTO: _words("crypto wallet cryptocurrency krypto exchange trading"),
    Trait.LEADERSHIP: _words(
        "ceo cfo cto cio ciso board executive director leadership management vorstand geschäftsführung geschäftsführer "
        "geschäftsführerin leitung assistenz"
    ),
    Trait.RESEARCH: _words("research rnd r&d laboratory engineering design forschung labor entwicklung konstruktion"),
    Trait.PERSONNEL: _words("hr personnel recruiting personal personalabteilung personalwesen"),
    Trait.CUSTOMERS: _words("sales customers crm support msp service vertrieb kunden aussendienst außendienst"),
    Trait.OPERATIONS: _words("ot scada ics plc hmi mes production plant produktion fertigung leitstand steuerung"),
    Trait.BACKUP: _words("backup backups veeam sicherung datensicherung"),
    Trait.VIRTUALISATION: _words(
        "hypervisor esxi vcenter hyperv virtualisation virtualization virtualisierung proxmox"
    ),
}

_SPLIT = re.compile(r"[^\w&-]+")
_TWO = (("domain", "controller", Trait.DIRECTORY), ("code", "signing", Trait.SIGNING))

PROGRAMS: Mapping[str, Trait] = {
    **dict.fromkeys(("ntds.dit", "ntdsutil.exe", "dsac.exe"), Trait.DIRECTORY),
    **dict.fromkeys(
        ("signtool.exe", "osslsigncode", "osslsigncode.exe", "jarsigner.exe", "codesign", "azuresigntool.exe"),
        Trait.SIGNING,
    ),
    **dict.fromkeys(
        ("jenkins.exe", "jenkins.war", "gitlab-runner.exe", "gitlab-runner", "agent.listener.exe", "teamcityagent.exe",
         "buildkite-agent.exe", "runner.listener.exe", "msbuild.exe", "xcodebuild"),
        Trait.BUILD,
    ),
    **dict.fromkeys(
        ("putty.exe", "mremoteng.exe", "mobaxterm.exe", "rdcman.exe", "winbox.exe", "psexec.exe"),
        Trait.ADMINISTRATION,
    ),
    **dict.fromkeys(
        ("electrum.exe", "exodus.exe", "ledger live.exe", "bitcoin-qt.exe", "wallet.dat", "trezor suite.exe"),
        Trait.CRYPTO,
    ),
    **dict.fromkeys(("elba.exe", "multicash.exe", "starmoney.exe", "bmd.exe", "sfirm.exe"), Trait.FINANCE),
    **dict.fromkeys(("veeam.backup.manager.exe", "veeam.backup.service.exe"), Trait.BACKUP),
    **dict.fromkeys(("vmms.exe", "vpxd.exe"), Trait.VIRTUALISATION),
}  # fmt: skip
"""Names of programs and files, in lower case, that stand on hosts of that kind and hardly elsewhere."""


def said(asset: Asset) -> Iterator[tuple[Trait, str]]:
    """Give what the inventory says of a host: the trait, and the column and word that it was read from."""
    texts = {"role": asset.role, **{name.lower(): text for name, text in asset.attributes.items()}}
    for column in COLUMNS:
        words = [word for word in _SPLIT.split(texts.get(column, "").lower()) if word]
        pairs = set(pairwise(words))
        for trait, known in _SAID.items():
            if found := next((word for word in words if word in known), ""):
                yield trait, f"{column}: {found}"
        for first, second, trait in _TWO:
            if (first, second) in pairs:
                yield trait, f"{column}: {first} {second}"
    for column in _LEVELS:
        words = _SPLIT.split(texts.get(column, "").lower())
        if found := next((word for word in words if word in _HIGH), ""):
            yield Trait.CRITICAL, f"{column}: {found}"
