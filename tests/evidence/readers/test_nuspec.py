"""What an update package states of itself."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.nuspec import Nuspec
from nachsorge.model.evidence import Software, Value
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

SPEC = (
    b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\r\n'
    b'<package xmlns="http://schemas.microsoft.com/packaging/2010/07/nuspec.xsd">\r\n  <metadata>\r\n'
    b"    <id>3CXDesktopApp</id><version>18.12.416</version><title>3CX Desktop App</title>"
    b"<authors>3CX Ltd</authors>\r\n"
    b"    <projectUrl>https://pbx.example/electron</projectUrl><description>a &amp; b</description>\r\n"
    b'  <dependencies><dependency id="odd.example" version="1"/></dependencies></metadata>\r\n</package>\r\n'
)
CLIENT = "C/Users/x/AppData/Local/Programs/3CXDesktopApp/packages/update.nupkg!3CXDesktopApp.nuspec"
SERVER = "var/lib/3cxpbx/Instance1/Data/Http/electron/windows/a.nupkg!3CXDesktopApp.nuspec"


def test_a_package_states_its_product_whatever_its_file_is_called():
    (record,), reading = read_member(Nuspec(), SPEC, CLIENT)
    assert record.software == Software(
        name="3CXDesktopApp",
        version="18.12.416",
        platform=Platform.WINDOWS,
        publisher="3CX Ltd",
        aliases=("3CX Desktop App",),
    )
    assert {Value(Kind.URL, "projectUrl", "https://pbx.example/electron"), Value(Kind.TEXT, "description", "a & b")} < {
        *record.values
    }
    assert (Kind.TEXT, "odd.example") in {(value.kind, value.text) for value in record.values}
    assert (reading.status, reading.records, reading.seen[0].spans) == (Status.READ, 1, ())


@pytest.mark.parametrize(
    ("path", "telemetry"),
    [
        (CLIENT, Telemetry.INSTALLED_SOFTWARE),
        (SERVER, Telemetry.FILESYSTEM),
        ("home/x/.nuget/packages/a/1.0/a.1.0.nupkg!a.nuspec", Telemetry.FILESYSTEM),
    ],
)
def test_only_what_an_updater_fetched_counts_as_installed(path, telemetry):
    (record,), _ = read_member(Nuspec(), SPEC, path)
    assert record.telemetry is telemetry


@pytest.mark.parametrize("body", [SPEC[:200], b"", b"<package><other/></package>"])
def test_what_describes_no_package_is_a_gap(body):
    _, reading = read_member(Nuspec(), body)
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)


def test_entities_are_not_expanded():
    body = b'<!DOCTYPE x [<!ENTITY e "f">]><package><metadata><id>&e;</id></metadata></package>'
    _, reading = read_member(Nuspec(), body)
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)


def test_who_accepts():
    assert reader_for(SPEC, "3CXDesktopApp.nuspec").name == reader_for(SPEC, "x").name == "nuspec"
    assert Nuspec().accepts(b"<packages><metadata/></packages>", "a.nuspec") == 0
    assert Nuspec().accepts(b'<?xml version="1.0"?><package name="other"/>', "a.nuspec") == 0


def test_damage_and_plant():
    bears_damage(Nuspec(), SPEC)
    shows_plant(Nuspec(), SPEC)
