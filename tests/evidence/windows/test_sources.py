"""What an event is, follows from channel and provider before its number."""

from __future__ import annotations

import pytest

from nachsorge.evidence.windows.sources import TELEMETRY, is_clearing, log_source, possible, promised
from nachsorge.model.words import Telemetry

SYSMON = ("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon")
SECURITY = ("Security", "Microsoft-Windows-Security-Auditing")
BITS = ("Microsoft-Windows-Bits-Client/Operational", "Microsoft-Windows-Bits-Client")
TASKS = ("Microsoft-Windows-TaskScheduler/Operational", "Microsoft-Windows-TaskScheduler")
POWERSHELL = ("Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-PowerShell")
DEFENDER = ("Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender")


@pytest.mark.parametrize(
    ("origin", "number", "telemetry", "service"),
    [
        (SYSMON, 1, Telemetry.PROCESS_CREATION, "sysmon"),
        (SYSMON, 22, Telemetry.DNS_QUERY, "sysmon"),
        (SYSMON, 17, Telemetry.WINDOWS_EVENT, "sysmon"),
        (SYSMON, 23, Telemetry.FILE_EVENT, "sysmon"),
        (SYSMON, 13, Telemetry.REGISTRY_SET, "sysmon"),
        (SECURITY, 4688, Telemetry.PROCESS_CREATION, "security"),
        (SECURITY, 5156, Telemetry.NETWORK_CONNECTION, "security"),
        (SECURITY, 4624, Telemetry.AUTHENTICATION, "security"),
        (SECURITY, 1, Telemetry.WINDOWS_EVENT, "security"),
        (DEFENDER, 1116, Telemetry.ANTIVIRUS, "windefend"),
        (DEFENDER, 5007, Telemetry.WINDOWS_EVENT, "windefend"),
        (("Application", "MsiInstaller"), 1033, Telemetry.SOFTWARE_INSTALL, "application"),
        (
            ("Microsoft-Windows-DNS-Client/Operational", "Microsoft-Windows-DNS-Client"),
            3008,
            Telemetry.DNS_QUERY,
            "dns-client",
        ),
        (BITS, 59, Telemetry.FILE_TRANSFER, "bits-client"),
        (BITS, 209, Telemetry.WINDOWS_EVENT, "bits-client"),
        (("System", "Service Control Manager"), 7045, Telemetry.PERSISTENCE, "system"),
        (("System", "Service Control Manager"), 7036, Telemetry.WINDOWS_EVENT, "system"),
        (SECURITY, 4698, Telemetry.PERSISTENCE, "security"),
        (TASKS, 106, Telemetry.PERSISTENCE, "taskscheduler"),
        (TASKS, 200, Telemetry.PROGRAM_EXECUTION, "taskscheduler"),
        (SYSMON, 20, Telemetry.PERSISTENCE, "sysmon"),
        (SYSMON, 3, Telemetry.NETWORK_CONNECTION, "sysmon"),
        (SYSMON, 7, Telemetry.IMAGE_LOAD, "sysmon"),
        (SYSMON, 11, Telemetry.FILE_EVENT, "sysmon"),
        # What scripts do is no telemetry of its own: rules ask for the channel's events by their numbers.
        (POWERSHELL, 4103, Telemetry.WINDOWS_EVENT, "powershell"),
        (POWERSHELL, 4104, Telemetry.WINDOWS_EVENT, "powershell"),
        (("PowerShellCore/Operational", "PowerShellCore"), 4104, Telemetry.WINDOWS_EVENT, "powershell"),
        (("Windows PowerShell", "PowerShell"), 400, Telemetry.WINDOWS_EVENT, "powershell-classic"),
        (DEFENDER, 1121, Telemetry.ANTIVIRUS, "windefend"),
        # The same numbers elsewhere are something else.
        (("Application", "Microsoft-Windows-Security-SPP"), 1033, Telemetry.WINDOWS_EVENT, "application"),
        (("System", "Microsoft-Windows-Kernel-General"), 1, Telemetry.WINDOWS_EVENT, "system"),
        (("System", "Microsoft-Windows-DNS-Client"), 3008, Telemetry.WINDOWS_EVENT, "system"),
        # Either may be unstated, and a collector keeps the provider.
        ((SYSMON[0], ""), 1, Telemetry.PROCESS_CREATION, "sysmon"),
        (("", SYSMON[1]), 1, Telemetry.PROCESS_CREATION, "sysmon"),
        (("ForwardedEvents", SYSMON[1]), 1, Telemetry.PROCESS_CREATION, "sysmon"),
        (("Application", ""), 1033, Telemetry.WINDOWS_EVENT, "application"),
    ],
)
def test_origin_decides(origin, number, telemetry, service):
    found = log_source(*origin, number)
    assert (found.telemetry, found.service) == (telemetry, service)
    assert found.telemetry in TELEMETRY


@pytest.mark.parametrize("origin", [(BITS, 59), (TASKS, 106), (TASKS, 200), (SECURITY, 4697)])
def test_pieces_of_a_telemetry_cover_nothing_but_their_own_log(origin):
    (channel, provider), number = origin
    assert log_source(channel, provider, number).covers is Telemetry.WINDOWS_EVENT
    assert log_source(*SYSMON, 1).covers is Telemetry.PROCESS_CREATION


def test_only_logs_that_always_write_promise_more_than_themselves():
    assert promised("Application") == (Telemetry.WINDOWS_EVENT, Telemetry.SOFTWARE_INSTALL)
    assert promised(DEFENDER[0]) == (Telemetry.WINDOWS_EVENT, Telemetry.ANTIVIRUS)
    assert promised(SYSMON[0]) == promised("Security") == (Telemetry.WINDOWS_EVENT,)


def test_a_cleared_log_loses_all_that_it_may_have_held():
    assert Telemetry.DNS_QUERY in possible(SYSMON[0])
    assert Telemetry.AUTHENTICATION in possible("security")
    assert possible("Some/Other") == (Telemetry.WINDOWS_EVENT,)


def test_clearing_is_told_by_the_log_service_only():
    assert is_clearing("Security", "Microsoft-Windows-Eventlog", 1102)
    assert is_clearing("System", "Microsoft-Windows-Eventlog", 104)
    assert not is_clearing("System", "SomeDriver", 104)
    assert not is_clearing("Application", "Microsoft-Windows-Eventlog", 1102)


@pytest.mark.parametrize(
    ("number", "covers"),
    [
        (5156, Telemetry.NETWORK_CONNECTION),
        (5157, Telemetry.WINDOWS_EVENT),
        (4624, Telemetry.AUTHENTICATION),
        (4625, Telemetry.WINDOWS_EVENT),
    ],
)
def test_what_was_refused_covers_nothing_of_what_was_let_through(number, covers):
    source = log_source("Security", "Microsoft-Windows-Security-Auditing", number)
    assert source.covers is covers
    assert source.telemetry in (Telemetry.NETWORK_CONNECTION, Telemetry.AUTHENTICATION)
