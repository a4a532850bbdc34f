"""Records of Windows events: names, typed values, software."""

from __future__ import annotations

import pytest

from nachsorge.evidence.windows.event import Head, record_of
from nachsorge.model.evidence import Software
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Platform, Telemetry


def head(channel: str, provider: str, number: int) -> Head:
    return Head(channel=channel, provider=provider, event_id=number, computer="PC1.example", number=7, stamp=10**15)


def sysmon(number: int, *pairs: tuple[str, str]):
    return record_of(
        head("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon", number), [], pairs, "record 7"
    )


def typed(record, name):
    return [(value.kind, value.text) for value in record.values if value.field == name]


def test_a_process_creation_carries_the_running_software():
    record = sysmon(
        1,
        ("Image", "C:\\App\\app.exe"),
        ("Product", "Phone App"),
        ("FileVersion", "18.12.416 (release)"),
        ("Company", "Maker Ltd"),
        ("Hashes", "SHA1=AA,MD5=BB"),
        ("User", "-"),
    )
    assert record.software == Software(
        name="Phone App", version="18.12.416", platform=Platform.WINDOWS, publisher="Maker Ltd"
    )
    assert typed(record, "Hashes") == [(Kind.HASH, "SHA1=AA,MD5=BB")]
    assert typed(record, "Image") == [(Kind.PATH, "C:\\App\\app.exe")]
    assert typed(record, "User") == []
    assert (record.host, record.product, record.service) == ("PC1.example", "windows", "sysmon")
    assert record.provider == record.event["Provider_Name"] == "Microsoft-Windows-Sysmon"
    assert record.event["EventID"] == "1"


def test_unknown_software_is_none():
    assert sysmon(1, ("Product", "-"), ("FileVersion", "-")).software is None
    assert sysmon(7, ("Product", "Phone App"), ("FileVersion", "1.0")).software is None


def test_dns_answers_are_taken_apart():
    record = sysmon(
        22, ("QueryName", "c2.example"), ("QueryResults", "type:  5 cdn.example;::ffff:192.0.2.7;2001:db8::1;")
    )
    assert record.telemetry is Telemetry.DNS_QUERY
    assert typed(record, "QueryName") == [(Kind.HOST, "c2.example")]
    assert typed(record, "QueryResults") == [
        (Kind.HOST, "cdn.example"),
        (Kind.ADDRESS, "192.0.2.7"),
        (Kind.ADDRESS, "2001:db8::1"),
    ]


def test_pipes_are_named_objects():
    assert typed(sysmon(17, ("PipeName", "\\evil")), "PipeName") == [(Kind.NAMED_OBJECT, "\\evil")]


def test_the_path_of_a_threat_is_taken_apart():
    defender = head("Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender", 1116)
    text = (
        "containerfile:_C:\\a.zip; file:_C:\\a.zip->evil.dll; webfile:_C:\\b.exe|https://c2.example/b|pid:1;"
        " regkey:_HKLM\\Run; odd"
    )
    record = record_of(defender, [], [("Threat Name", "Trojan:X"), ("Path", text)], "record 1")
    assert record.telemetry is Telemetry.ANTIVIRUS
    assert typed(record, "Path") == [
        (Kind.PATH, "C:\\a.zip"),
        (Kind.PATH, "C:\\a.zip"),
        (Kind.TEXT, "evil.dll"),
        (Kind.PATH, "C:\\b.exe"),
        (Kind.URL, "https://c2.example/b"),
        (Kind.TEXT, "pid:1"),
        (Kind.REGISTRY, "HKLM\\Run"),
        (Kind.PATH, "odd"),
    ]
    assert record.event["Path"] == text


APP = Software(name="App", version="1.2", platform=Platform.WINDOWS, publisher="Maker")


@pytest.mark.parametrize(
    ("number", "data", "software"),
    [
        (1033, ["App", "1.2", "1033", "0", "Maker", "(NULL)"], APP),
        (1034, ["App", "1.2", "1033", "0", "Maker", "(NULL)"], APP),
        (1033, ["App", "1.2", "1033", "1603", "Maker"], None),
        (
            11707,
            ["Product: App -- Installation completed successfully.", "(NULL)"],
            Software(name="App", version="", platform=Platform.WINDOWS),
        ),
        (11708, ["Product: App -- Installation failed."], None),
        (1040, ["C:\\setup.msi", "123"], None),
        (1033, ["App"], None),
    ],
)
def test_installer_events(number, data, software):
    record = record_of(head("Application", "MsiInstaller", number), [], [("Data", text) for text in data], "record 1")
    assert record.telemetry is Telemetry.SOFTWARE_INSTALL
    assert record.software == software
    assert record.event["Data"] == "\n".join(data)
    assert [text for _, text in typed(record, "Data")] == [text for text in data if text != "(NULL)"]


def test_the_audit_log_answers_to_the_names_of_sigma():
    security = head("Security", "Microsoft-Windows-Security-Auditing", 4688)
    record = record_of(security, [], [("NewProcessName", "C:\\x.exe"), ("ParentProcessName", "C:\\p.exe")], "record 1")
    assert (record.event["Image"], record.event["ParentImage"]) == ("C:\\x.exe", "C:\\p.exe")
    assert typed(record, "Image") == []


def test_data_cannot_pose_as_system():
    record = record_of(head("System", "X", 5), [("Level", "4")], [("Channel", "Security"), ("Level", "9")], "record 1")
    assert (record.event["Channel"], record.event["EventData.Channel"]) == ("System", "Security")
    assert (record.event["Level"], record.event["EventData.Level"]) == ("4", "9")


def test_times_before_1990_are_not_times():
    early = Head(channel="System", provider="X", event_id=1, computer="", stamp=parse_instant("1980-01-01"))
    assert early.time is None
    assert record_of(early, [], [], "record 1", "given").host == "given"


def test_a_transfer_of_bits_carries_its_address_and_places():
    def bits(number: int, *pairs: tuple[str, str]):
        origin = head("Microsoft-Windows-Bits-Client/Operational", "Microsoft-Windows-Bits-Client", number)
        return record_of(origin, [], pairs, "record 7")

    started = bits(59, ("url", "https://evil.example/a.7z"))
    added = bits(16403, ("RemoteName", "https://evil.example/a.7z"), ("LocalName", "C:\\x\\a.7z"))
    assert started.telemetry is added.telemetry is Telemetry.FILE_TRANSFER
    assert typed(started, "url") == typed(added, "RemoteName") == [(Kind.URL, "https://evil.example/a.7z")]
    assert typed(added, "LocalName") == [(Kind.PATH, "C:\\x\\a.7z")]


def test_a_new_service_carries_its_program_whole_and_within():
    command = '"C:\\x y\\evil.exe" -k http://evil.example/'
    for channel, provider, number, name in (
        ("System", "Service Control Manager", 7045, "ImagePath"),
        ("Security", "Microsoft-Windows-Security-Auditing", 4697, "ServiceFileName"),
    ):
        record = record_of(head(channel, provider, number), [], [(name, command)], "record 7")
        assert record.telemetry is Telemetry.PERSISTENCE
        assert (Kind.TEXT, command) in typed(record, name)
        assert any(kind is Kind.PATH for kind, _ in typed(record, name))
