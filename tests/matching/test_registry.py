"""Registry keys in every spelling of their hives, with all that lies in them."""

from __future__ import annotations

import pytest
from tests.matching.kit import found

RUN = r"HKLM\Software\Vendor\Run"
SERVICE = r"HKLM\SYSTEM\CurrentControlSet\Services\evilsvc"
USER = r"HKCU\Software\Vendor"
CLASS = r"HKCU\Software\Classes\CLSID\evil"
SID = r"S-1-5-21-1-2-3-1001"


@pytest.mark.parametrize(
    ("indicator", "field", "text"),
    [
        (RUN, "registry", RUN.lower()),
        (RUN, "registry", r"HKEY_LOCAL_MACHINE\SOFTWARE\Vendor\Run\value"),
        (RUN, "registry", r"\REGISTRY\MACHINE\Software\Vendor\Run"),
        (RUN, "registry", r"Computer\HKEY_LOCAL_MACHINE\Software\Vendor\Run"),
        (RUN, "registry", "HKLM:/Software/Vendor/Run/"),
        (r"HKEY_LOCAL_MACHINE\Software\Vendor\Run" + "\\", "registry", RUN),
        (RUN, "text", r"reg add HKLM\Software\Vendor\Run /v x"),
        (RUN, "text", r"reg add hkey_local_machine\Software\Vendor\Run\sub"),
        (RUN, "text", r"HKLM:\\Software\\Vendor\\Run"),
        (RUN, "text", r"\REGISTRY\MACHINE\Software\Vendor\Run"),
        (SERVICE, "registry", r"HKLM\System\ControlSet001\Services\evilsvc\ImagePath"),
        (SERVICE, "text", r"x HKLM\System\ControlSet002\Services\evilsvc y"),
        (USER, "registry", rf"HKU\{SID}\Software\Vendor\x"),
        (USER, "registry", rf"\REGISTRY\USER\{SID}\Software\Vendor"),
        (USER, "text", rf"HKEY_USERS\{SID}\Software\Vendor"),
        (USER, "text", r"Set-ItemProperty HKCU:\Software\Vendor"),
        (CLASS, "registry", rf"HKU\{SID}_Classes\CLSID\evil"),
        (rf"HKU\{SID}\Software\Vendor", "registry", rf"HKEY_USERS\{SID}\Software\Vendor"),
    ],
)
def test_a_key_is_found(indicator, field, text):
    assert found("registry", indicator, field, text)


@pytest.mark.parametrize(
    ("indicator", "field", "text"),
    [
        (RUN, "registry", r"HKLM\Software\Vendor\RunOnce"),
        (RUN, "registry", r"HKLM\Software\Vendor"),
        (RUN, "registry", r"HKCU\Software\Vendor\Run"),
        (RUN, "text", r"HKLM\Software\Vendor\RunOnce"),
        (RUN, "text", r"HKCU\Software\Vendor\Run"),
        (RUN, "text", r"xHKLM\Software\Vendor\Run"),
        (USER, "registry", r"HKU\.DEFAULT\Software\Vendor"),
        (rf"HKU\{SID}\Software\Vendor", "registry", r"HKU\S-1-5-21-9\Software\Vendor"),
        (SERVICE, "registry", r"HKLM\System\Other\Services\evilsvc"),
    ],
)
def test_another_key_is_not_it(indicator, field, text):
    assert not found("registry", indicator, field, text)
