"""The learners' door: standalone Voilà that serves the index, the exam page and the ready modules, and nothing else."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from jupyter_server.services.kernels.handlers import KernelHandler
from tornado.web import HTTPError, RedirectHandler
from traitlets.config import Config
from voila.app import Voila
from voila.handler import BaseVoilaHandler
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from xuefa.doors.forked_kernel import PROVISIONER, Nursery, use_nursery
from xuefa.doors.page_exporter import use_page_exporter
from xuefa.laws.catalogue import read_catalogue
from xuefa.page_parts import PARTS_DIR
from xuefa.settings import Settings, read_settings
from xuefa.study.manifest import read_manifest

IDLE_SECONDS = 30 * 60
"""A kernel whose page is gone (a phone asleep, a Wi-Fi lost) is ended after this long without work."""

_INDEX = "index.ipynb"
_EXAM = "exam.ipynb"
_WIDGETS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]
_KEPT = (KernelHandler, VoilaKernelWebsocketHandler, VoilaShutdownKernelHandler)
"""What a page asks for after it was loaded: whether its kernel lives, the line to it, its end. A page is one file."""


class PageHandler(TornadoVoilaHandler):  # type: ignore[misc]  # voila publishes no types
    """Renders a notebook, if it is one of the pages."""

    def initialize(self, *, pages: frozenset[str], **kwargs: Any) -> None:
        super().initialize(**kwargs)
        self._pages = pages

    async def get(self, path: str | None = None) -> None:
        if path not in self._pages:
            raise HTTPError(404)
        # Reading the token sets its cookie, which the page needs to end its kernel when it is left.
        _ = self.xsrf_token
        await super().get(path)


class MissingPageHandler(BaseVoilaHandler):  # type: ignore[misc]  # voila publishes no types
    """Says in Chinese that there is no such page."""

    async def prepare(self) -> None:
        await super().prepare()
        raise HTTPError(404)


class LearnersVoila(Voila):  # type: ignore[misc]  # voila publishes no types
    """Voilà with only the handlers that a page needs; `pages` are the notebooks it may show."""

    def __init__(self, *, pages: frozenset[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._pages = pages

    def setup_template_dirs(self) -> None:
        """Voilà's own, and where the palette lies that every page shares."""
        super().setup_template_dirs()
        self.template_paths.append(str(PARTS_DIR))

    def init_handlers(self) -> list[tuple[Any, ...]]:
        """The pages by name, and of Voilà's own handlers only what they need: no file is served."""
        kept = [handler for handler in super().init_handlers() if handler[1] in _KEPT]
        options = {"voila_configuration": self.voila_configuration}
        page_options = {
            **options,
            "template_paths": self.template_paths,
            "config": self.config,
            "pages": self._pages,
        }
        return [
            (r"/", RedirectHandler, {"url": f"/voila/render/{_INDEX}", "permanent": False}),
            (r"/voila/render/(.*)", PageHandler, page_options),
            *kept,
            (r"/.*", MissingPageHandler, options),
        ]


def voila_config(*, settings: Settings, ip: str, port: int) -> Config:
    """The configuration of the learners' door; no file of the user's adds to it."""
    return Config(
        {
            "LearnersVoila": {
                "ip": ip,
                "port": port,
                "port_retries": 0,
                "open_browser": False,
                "root_dir": str(settings.notebooks_dir),
                "config_file_paths": [],
                "log_level": "WARN",
            },
            "VoilaConfiguration": {
                "template": "xuefa",
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "show_tracebacks": False,
                "extension_allowlist": _WIDGETS,
                "extension_denylist": [],
                "file_allowlist": [],
            },
            "MappingKernelManager": {
                "cull_idle_timeout": IDLE_SECONDS,
                "cull_interval": 60,
                "cull_connected": False,
            },
        }
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until stopped; the environment says which site (`read_settings`)."""
    parser = argparse.ArgumentParser(prog="python -m xuefa.doors.learners")
    parser.add_argument("--ip", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--warm", required=True, help="what loads all that a page needs, as module:function")
    options = parser.parse_args(argv)
    settings = read_settings(os.environ)
    manifest = read_manifest(
        settings.notebooks_dir / "modules.yaml", catalogue=read_catalogue(settings.question_bank_dir / "laws.yaml")
    )
    pages = frozenset({_INDEX, _EXAM, *(module.notebook for module in manifest.ready)})
    config = voila_config(settings=settings, ip=options.ip, port=options.port)
    use_page_exporter()
    nursery = Nursery(warm=options.warm)
    if sys.platform == "linux":  # elsewhere a copy of a running process is not to be trusted, or cannot be made
        nursery.start()
        use_nursery(nursery)
        config.KernelProvisionerFactory.default_provisioner_name = PROVISIONER
    try:
        door = LearnersVoila(config=config, pages=pages)
        door.initialize([])
        door.start()
    finally:
        nursery.close()


if __name__ == "__main__":
    main()
