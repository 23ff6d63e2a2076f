"""`xuefa demo`, `lab`, `serve`: the demo and the two doors."""

from __future__ import annotations

from typing import Annotated

import typer

from xuefa.cli.app import app, command, current_settings, current_site, print_files


@command(app, "demo")
def demo() -> None:
    """演示：一个乡一年的学法，从题库到报告。"""
    from xuefa.workflows.demonstration import run_demo

    section = run_demo(settings=current_settings(), say=lambda line: print(line, flush=True))
    print("\n" + "\n\n".join(section.paragraphs[:3]) + "\n")
    print_files(*section.files)
    print("接下来：python3 run.py lab --demo，在浏览器里打开这一年的数据；python3 run.py lab，用自己的数据。")


@command(app, "lab")
def lab(
    demo: Annotated[bool, typer.Option("--demo", help="用演示数据。")] = False,
    port: Annotated[int, typer.Option("--port", metavar="端口", help="端口。")] = 8888,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="不自动打开浏览器。")] = False,
) -> int:
    """打开 JupyterLab：培训人员和统计人员用，只在本机。"""
    from xuefa.workflows.opening import open_lab

    return open_lab(settings=current_site(demo=demo), port=_require_port(port), open_browser=not no_browser)


@command(app, "serve")
def serve(
    demo: Annotated[bool, typer.Option("--demo", help="用演示数据。")] = False,
    ip: Annotated[str, typer.Option("--ip", metavar="地址", help="监听的地址；学习室里用 0.0.0.0。")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="端口", help="端口。")] = 8866,
) -> int:
    """用 Voilà 开放学习页面：学员用手机或电脑访问。"""
    from xuefa.workflows.opening import serve as run_server

    return run_server(
        settings=current_site(demo=demo), ip=ip, port=_require_port(port), say=lambda line: print(line, flush=True)
    )


def _require_port(port: int) -> int:
    if not 1 <= port <= 65535:
        raise typer.BadParameter("端口应当在 1 到 65535 之间")
    return port
