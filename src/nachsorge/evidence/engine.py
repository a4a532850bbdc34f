"""Hyperscan where there is a wheel for this platform, else None; the two places that use it have a pure path."""

from __future__ import annotations

from typing import Any

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this platform (design, section 7)
    hyperscan = None

__all__ = ["hyperscan"]
