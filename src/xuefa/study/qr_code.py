"""The QR code of an address: as an SVG picture for the wall, as blocks for a terminal."""

from __future__ import annotations

import io

import segno

_QUIET_MODULES = 4
"""The light border that scanners need (ISO/IEC 18004)."""


def render_qr_uri(address: str) -> str:
    """The code as a `data:` address of an SVG picture, for the `src` of an image of any size."""
    uri: str = _make(address).svg_data_uri(border=_QUIET_MODULES, omitsize=True, light="#fff")
    return uri


def render_qr_text(address: str) -> str:
    """Lines of half blocks, dark on light on a terminal that writes light on dark."""
    out = io.StringIO()
    _make(address).terminal(out=out, border=_QUIET_MODULES, compact=True)
    return out.getvalue().rstrip("\n")


def _make(address: str) -> segno.QRCode:
    return segno.make_qr(address, error="m")
