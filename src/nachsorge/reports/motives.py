"""What the ranking's traits and motives are called. Said with `_`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.locale import N_
from nachsorge.model.words import Motive, Trait

if TYPE_CHECKING:
    from collections.abc import Mapping

MOTIVES: Mapping[Motive, str] = {
    Motive.ESPIONAGE: N_("espionage"),
    Motive.THEFT: N_("theft"),
    Motive.ONWARD_ACCESS: N_("onward access"),
    Motive.DESTRUCTION: N_("destruction"),
}
TRAITS: Mapping[Trait, str] = {
    Trait.DIRECTORY: N_("directory of users"),
    Trait.ADMINISTRATION: N_("administration of systems"),
    Trait.PRIVILEGED_LOGON: N_("log-ons of privileged accounts"),
    Trait.BUILD: N_("builds software"),
    Trait.SIGNING: N_("signs software"),
    Trait.FINANCE: N_("payments and finance"),
    Trait.CRYPTO: N_("crypto-currencies"),
    Trait.LEADERSHIP: N_("management of the organisation"),
    Trait.RESEARCH: N_("research and development"),
    Trait.PERSONNEL: N_("personnel data"),
    Trait.CUSTOMERS: N_("customers' data"),
    Trait.OPERATIONS: N_("plants and machines"),
    Trait.BACKUP: N_("backups"),
    Trait.VIRTUALISATION: N_("virtual machines"),
    Trait.CRITICAL: N_("critical by the inventory"),
    Trait.GAVE_INTERNAL: N_("gave away an internal system"),
    Trait.GAVE_ADMIN: N_("gave away an administrator's console"),
    Trait.GAVE_VPN: N_("gave away a VPN"),
    Trait.GAVE_BANK: N_("gave away a bank"),
    Trait.GAVE_EXCHANGE: N_("gave away a crypto exchange"),
    Trait.GAVE_CODE: N_("gave away a code repository"),
    Trait.GAVE_CLOUD: N_("gave away a cloud console"),
}
