"""Canonical JSON (RFC 8785): the same value is the same bytes."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from nachsorge.errors import UsageError


def canonical(value: Any) -> bytes:
    """Encode plain values; UsageError where the library is not installed."""
    try:
        rfc8785 = import_module("rfc8785")
    except ImportError as error:
        raise UsageError('canonical JSON needs an extra: pip install "nachsorge[crypto]"') from error
    encoded: bytes = rfc8785.dumps(value)
    return encoded
