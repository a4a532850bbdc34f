"""The closed lists: every word that a pack, a reader or a verdict may use. The names are the field's."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Rung(IntEnum):
    """The common ladder that every pack's stages map to, so that incidents compare."""

    EXPOSED = 1
    EXECUTED = 2
    CONTACTED = 3
    COLLECTED = 4
    IMPLANTED = 5
    HANDS_ON = 6

    @property
    def word(self) -> str:
        """Give the spelling used in packs and results: `hands-on`."""
        return self.name.lower().replace("_", "-")


class Telemetry(StrEnum):
    """Kinds of evidence: Sigma's log-source categories where they exist, then states and artefacts."""

    DNS_QUERY = "dns_query"
    PROXY = "proxy"
    WEBSERVER = "webserver"
    NETWORK_CONNECTION = "network_connection"
    TLS = "tls"
    EMAIL = "email"
    DHCP = "dhcp"
    FILE_TRANSFER = "file_transfer"
    NETWORK_NOTICE = "network_notice"
    AUTHENTICATION = "authentication"
    PROCESS_CREATION = "process_creation"
    IMAGE_LOAD = "image_load"
    FILE_EVENT = "file_event"
    REGISTRY_SET = "registry_set"
    ANTIVIRUS = "antivirus"
    WINDOWS_EVENT = "windows_event"
    SYSLOG = "syslog"
    SOFTWARE_INSTALL = "software_install"
    INSTALLED_SOFTWARE = "installed_software"
    FILESYSTEM = "filesystem"
    PROGRAM_EXECUTION = "program_execution"
    BROWSER_HISTORY = "browser_history"
    PACKAGE_LOCK = "package_lock"
    CI_LOG = "ci_log"
    PERSISTENCE = "persistence"
    TEXT = "text"


SNAPSHOTS = frozenset(
    {Telemetry.FILESYSTEM, Telemetry.INSTALLED_SOFTWARE, Telemetry.PACKAGE_LOCK, Telemetry.PERSISTENCE}
)
"""Telemetry that shows a state at one moment and says nothing about the time before it."""

SENSOR = frozenset(
    {
        Telemetry.DNS_QUERY,
        Telemetry.PROXY,
        Telemetry.WEBSERVER,
        Telemetry.NETWORK_CONNECTION,
        Telemetry.TLS,
        Telemetry.EMAIL,
        Telemetry.DHCP,
        Telemetry.FILE_TRANSFER,
        Telemetry.NETWORK_NOTICE,
    }
)
"""Telemetry that a network sensor may give about hosts other than itself."""


class Platform(StrEnum):
    """Operating system of an asset, where it matters for exposure."""

    WINDOWS = "windows"
    MACOS = "macos"
    LINUX = "linux"


class Kind(StrEnum):
    """What one value of a record is, so that it is compared as such."""

    HOST = "host"
    ADDRESS = "address"
    URL = "url"
    HASH = "hash"
    PATH = "path"
    REGISTRY = "registry"
    PACKAGE = "package"
    USER_AGENT = "user_agent"
    EMAIL = "email"
    CERTIFICATE = "certificate"
    NAMED_OBJECT = "named_object"
    INSTANT = "instant"
    TEXT = "text"


class IndicatorType(StrEnum):
    """What an indicator is; the first column of the plainest indicator file (design, section 8)."""

    DOMAIN = "domain"
    IP = "ip"
    CIDR = "cidr"
    URL = "url"
    URL_PATTERN = "url_pattern"
    SHA256 = "sha256"
    SHA1 = "sha1"
    MD5 = "md5"
    PATH = "path"
    FILE_NAME = "file_name"
    REGISTRY = "registry"
    PACKAGE = "package"
    USER_AGENT = "user_agent"
    EMAIL = "email"
    CERTIFICATE = "certificate"
    NAMED_OBJECT = "named_object"
    STRING = "string"


class Role(StrEnum):
    """What a value is to the incident; only the first two ever match."""

    MALICIOUS = "malicious"
    ABUSED_LEGITIMATE = "abused-legitimate"
    KNOWN_GOOD = "known-good"
    WITHDRAWN = "withdrawn"
    TEST_BUILD = "test-build"

    @property
    def matches(self) -> bool:
        """Tell whether values of this role are looked for."""
        return self in (Role.MALICIOUS, Role.ABUSED_LEGITIMATE)


class Weight(StrEnum):
    """What one sighting is worth: a proof shows its stage alone, hints never do."""

    PROOF = "proof"
    STRONG = "strong"
    HINT = "hint"


class Polarity(StrEnum):
    """Whether a trace shows that its stage happened or that it did not."""

    SHOWS = "shows"
    REFUTES = "refutes"


class Absence(StrEnum):
    """What it means when a trace is not found although it was looked for."""

    NOTHING = "nothing"
    COUNTS = "counts"


class Motive(StrEnum):
    """What an attacker may want of a host."""

    ESPIONAGE = "espionage"
    THEFT = "theft"
    ONWARD_ACCESS = "onward-access"
    DESTRUCTION = "destruction"


class Measure(StrEnum):
    """What a remediation consisted of."""

    REBUILT = "rebuilt"
    CLEANED = "cleaned"
    RETIRED = "retired"
    CREDENTIALS = "credentials-changed"
    SESSIONS = "sessions-revoked"
    KEYS = "keys-rotated"


class HaulKind(StrEnum):
    """What a thief takes, as far as it makes a difference how it is found out.

    `third-parties` is taken from others through this asset: visitors of a page, customers. `unknown` says that the
    sources do not tell what was taken at that stage.
    """

    BROWSER_HISTORY = "browser-history"
    HOST_IDENTITY = "host-identity"
    FILES = "files"
    SECRETS = "secrets"
    THIRD_PARTIES = "third-parties"
    UNKNOWN = "unknown"


class Trait(StrEnum):
    """What makes a host worth having: what it is, who works on it, or what a stolen list gave away of it."""

    DIRECTORY = "directory"
    ADMINISTRATION = "administration"
    PRIVILEGED_LOGON = "privileged-logon"
    BUILD = "build"
    SIGNING = "signing"
    FINANCE = "finance"
    CRYPTO = "crypto"
    LEADERSHIP = "leadership"
    RESEARCH = "research"
    PERSONNEL = "personnel"
    CUSTOMERS = "customers"
    OPERATIONS = "operations"
    BACKUP = "backup"
    VIRTUALISATION = "virtualisation"
    CRITICAL = "critical"
    GAVE_INTERNAL = "gave-internal"
    GAVE_ADMIN = "gave-admin-console"
    GAVE_VPN = "gave-vpn"
    GAVE_BANK = "gave-bank"
    GAVE_EXCHANGE = "gave-exchange"
    GAVE_CODE = "gave-code"
    GAVE_CLOUD = "gave-cloud"


class Verification(StrEnum):
    """How far a value of a pack was verified; unverified values never drive a verdict."""

    VERBATIM_REPO = "verbatim-repo"
    VERBATIM_PUBLISHER = "verbatim-publisher"
    VERBATIM_SECONDARY = "verbatim-secondary"
    DERIVED = "derived"
    PLATFORM_KNOWLEDGE = "platform-knowledge"
    UNVERIFIED = "unverified"


class Tlp(StrEnum):
    """FIRST Traffic Light Protocol 2.0."""

    CLEAR = "CLEAR"
    GREEN = "GREEN"
    AMBER = "AMBER"
    AMBER_STRICT = "AMBER+STRICT"
    RED = "RED"


class Standing(StrEnum):
    """The state of one asset x stage cell."""

    SHOWN = "shown"
    SUSPECTED = "suspected"
    OPEN = "open"
    RULED_OUT = "ruled-out"


class Verdict(StrEnum):
    """The state of one asset, from its row of standings."""

    COMPROMISED = "compromised"
    SUSPECTED = "suspected"
    OPEN = "open"
    RULED_OUT = "ruled-out"


class Status(StrEnum):
    """What became of one source."""

    READ = "read"
    PARTLY = "partly"
    UNREAD = "unread"
    UNKNOWN_FORMAT = "unknown-format"
    SKIPPED = "skipped"


class Reason(StrEnum):
    """Why something was not looked at. Closed: a reader that needs a new word adds it here."""

    NOT_PROVIDED = "not-provided"
    OUTSIDE_SPAN = "outside-span"
    SILENCE = "silence"
    NOT_SEEN_BY_SENSOR = "not-seen-by-sensor"
    SNAPSHOT_TOO_EARLY = "snapshot-too-early"
    MISSING = "missing"
    EMPTY = "empty"
    PERMISSION = "permission"
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"
    CHANGED_WHILE_READ = "changed-while-read"
    UNKNOWN_FORMAT = "unknown-format"
    NOT_SUPPORTED = "not-supported"
    MISSING_EXTRA = "missing-extra"
    ENCRYPTED = "encrypted"
    LIMIT = "limit"
    LINK_OUTSIDE = "link-outside"
    LOG_CLEARED = "log-cleared"
    RECORD_JUMP = "record-jump"
    CLOCK = "clock"
    NO_TIME = "no-time"
    CONTROL_FAILED = "control-failed"
    AMBIGUOUS = "ambiguous"
    NEVER = "cannot-be-ruled-out"
    NEEDS_EVIDENCE = "needs-raw-evidence"
    FORGOTTEN = "forgotten"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
