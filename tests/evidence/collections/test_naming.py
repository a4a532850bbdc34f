"""Whose a collection is: its files, then what the collector wrote down, then its own name."""

from __future__ import annotations

import plistlib

import pytest
from tests.collection_kit import kape, uac, velociraptor
from tests.evidence.collections.tree import entries
from tests.evidence.windows.hive_kit import hive, number, text

from nachsorge.evidence.host_names import hive_name
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.roots import contradiction, find_roots
from nachsorge.evidence.seams import Root
from nachsorge.model.words import Platform, Reason

WHEN = "2023-04-01T06:00:00Z"
CLIENT = {"client_id": "C.1", "os_info": {"hostname": "PC17", "fqdn": "pc17.corp.example"}}


def system(name: str) -> bytes:
    return hive(
        {
            "Select": {"Current": number(1)},
            "ControlSet001": {"Control": {"ComputerName": {"ComputerName": {"ComputerName": text(name)}}}},
        }
    )


def registry(name: str):
    return ("C:\\Windows\\System32\\config\\SYSTEM", system(name), WHEN)


OTHER = ("C:\\Users\\anna\\x.txt", b"x", WHEN)


def named(members, label: str = "", *, by_call: bool = False) -> tuple[Root, Ledger]:
    ledger = Ledger()
    (root,) = find_roots(entries(members), ledger, named=by_call, label=label)
    return root, ledger


@pytest.mark.parametrize("make", [kape, velociraptor])
def test_the_registry_names_a_windows_host(make):
    root, ledger = named(make([registry("PC17")]), "Collection-WRONG-2023-04-03T10_20_00Z.zip")
    assert root.host == "PC17"
    assert not ledger.gaps


def test_the_hosts_own_file_goes_before_what_the_collector_wrote_down():
    root, _ = named(velociraptor([registry("PC18")], client=CLIENT))
    assert root.host == "PC18"
    assert "client_info.json says pc17.corp.example, its files say PC18" in root.note


def test_names_that_agree_need_no_word():
    root, _ = named(velociraptor([registry("PC17")], client=CLIENT))
    assert (root.host, root.note) == ("PC17", "")


def test_the_client_info_names_a_host_whose_files_do_not():
    root, ledger = named(velociraptor([OTHER], client=CLIENT))
    assert root.host == "pc17.corp.example"
    assert "client_info.json alone" in root.note and not ledger.gaps


def test_a_result_names_it_in_older_versions():
    more = [("results/Generic.Client.Info%2FBasicInformation.json", b'{"Hostname":"PC17","Fqdn":"PC17"}\n')]
    assert named(velociraptor([OTHER], more=more))[0].host == "PC17"


def test_kapes_own_machine_names_a_live_collection_only():
    assert named(kape([OTHER]))[0].host == "KAPE-BOX"
    mounted = [(name, body.replace(b"--tsource C:", b"--tsource G:"), time) for name, body, time in kape([OTHER])]
    root, ledger = named(mounted)
    assert root.host is None
    assert [gap.reason for gap in ledger.gaps] == [Reason.NOT_PROVIDED]


def test_uac_is_named_by_the_hosts_file_its_command_or_its_log():
    assert named(uac([("/etc/hostname", b"srv1\n", WHEN)], hostname="srv2"))[0].host == "srv1"
    more = [("live_response/network/hostname.txt", b"srv3\n")]
    assert named(uac([("/etc/passwd", b"", WHEN)], more=more))[0].host == "srv3"
    assert named(uac([("/etc/passwd", b"", WHEN)], hostname="srv2"))[0].host == "srv2"


def test_a_mac_is_named_by_its_preferences():
    names = {"System": {"System": {"ComputerName": "annas-mac", "HostName": "annas-mac"}}}
    place = "/Library/Preferences/SystemConfiguration/preferences.plist"
    files = [(place, plistlib.dumps(names), WHEN), ("/Applications/x", b"", WHEN)]
    assert named(uac(files, system="macos"))[0].host == "annas-mac"


@pytest.mark.parametrize(
    ("members", "label", "host"),
    [
        (uac([("/etc/passwd", b"", WHEN)]), "x/uac-srv-7-linux-20230404143000.tar.gz!uac-x.tar", "srv-7"),
        (velociraptor([OTHER]), "Collection-PC-17-2023-04-03T10_20_00Z.zip", "PC-17"),
        (kape([OTHER], below=""), "2023-04-03T102000_PC17.zip", "PC17"),
    ],
)
def test_the_archives_name_counts_only_where_nothing_else_is_there_and_that_is_said(members, label, host):
    members = [(n, b.replace(b"--tsource C:", b"--tsource G:"), t) for n, b, t in members]
    root, ledger = named(members, label)
    assert root.host == host
    assert [(gap.reason, host in gap.note, "name the asset" in gap.note) for gap in ledger.gaps] == [
        (Reason.NOT_PROVIDED, True, True)
    ]
    assert not named(members, label, by_call=True)[1].gaps


@pytest.mark.parametrize(
    ("host", "told"),
    [("pc17", ""), ("PC17.other.example", ""), (None, ""), ("pc18", "named pc18 by the call, but")],
)
def test_a_contradiction_to_the_call_is_told(host, told):
    root = Root(platform=Platform.WINDOWS, prefix="", host="PC17", collector="KAPE")
    assert contradiction(root, host).startswith(told) and bool(contradiction(root, host)) == bool(told)


def test_a_netbios_name_is_the_begin_of_a_long_one():
    root = Root(platform=Platform.WINDOWS, prefix="", host="WORKSTATION-ANN")
    assert not contradiction(root, "workstation-anna-17.corp.example")


def test_a_plain_folders_registry_names_it_as_well():
    members = [("Windows/System32/config/SYSTEM", system("PC17"), None), ("Users/x", b"", None)]
    assert named(members)[0].host == "PC17"


@pytest.mark.parametrize("cut", [0, 100, 4096, 4200])
def test_a_damaged_hive_names_nobody_and_raises_nothing(cut):
    body = system("PC17")[:cut] + bytes(3000)
    root, _ = named(kape([("C:\\Windows\\System32\\config\\SYSTEM", body, WHEN)]))
    assert root.host == "KAPE-BOX"


def test_a_hive_without_the_name_names_nobody():
    from tests.evidence_kit import opened

    assert hive_name(opened(hive({"Select": {"Current": number(1)}, "ControlSet001": {}}))) is None
    assert hive_name(opened(b"no hive")) is None
