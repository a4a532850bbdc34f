"""Certificates by serial number or fingerprint, however its pairs are written, and by subject."""

from __future__ import annotations

import pytest
from tests.matching.kit import found


@pytest.mark.parametrize(
    ("indicator", "field", "text", "expected"),
    [
        ("0A:1B:2C:3D:4E", "certificate", "0a1b2c3d4e", True),
        ("0A1B2C3D4E", "certificate", "A:1B:2C:3D:4E", True),
        ("0A1B2C3D4E", "certificate", "0A-1B-2C-3D-4E", True),
        ("0A1B2C3D4E", "certificate", "00 0a 1b 2c 3d 4e", True),
        ("a1b2c3d4e", "certificate", "0x0A1B2C3D4E", True),
        ("0A1B2C3D4E", "text", "serial=0a:1b:2c:3d:4e", True),
        ("0A:1B:2C:3D:4E", "text", "serial 0A1B2C3D4E", True),
        ("0A1B2C3D4E", "certificate", "0A1B2C3D4E5F", False),
        ("0A1B2C3D4E", "text", "0A1B2C3D4E5F", False),
        ("0A1B2C3D4E", "certificate", "0A1B 2C3D4E", False),
        ("CN=Evil Corp,O=x", "certificate", "cn=evil corp, O=X", True),
        ("CN=Evil Corp", "certificate", "CN=Evil Corporation", False),
        ("CN=Evil Corp", "text", "signed by CN=Evil Corp, C=KR", True),
        ("Evil Corp Co.,LTD", "certificate", "EVIL CORP CO.,LTD", True),
        ("0a" * 20, "hash", "0A" * 20, True),
        ("0a" * 20, "hash", "0B" * 20, False),
    ],
)
def test_certificates(indicator, field, text, expected):
    assert found("certificate", indicator, field, text) is expected
