#!/usr/bin/env python3
"""The one door to the project: sets up its environment, then runs the demo, lab, tests, checks or benchmarks.

Standard library only. Everything is installed into `.venv` from `requirements.lock`, by hash; a set-up that was
interrupted, or that no longer matches the lock, is made again on the next run.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
PROJECT = Path(__file__).resolve().parent
ENVIRONMENT = PROJECT / ".venv"
LOCK = PROJECT / "requirements.lock"
STAMP = ENVIRONMENT / "xuefa-ready"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")

COMMANDS = {
    "demo": "演示：一个乡一年的学法，从题库到报告",
    "lab": "打开 JupyterLab（加 --demo 用演示数据）",
    "test": "运行测试",
    "check": "检查代码、题库和模块",
    "bench": "运行 benchmarks/ 里的测速脚本",
}
XUEFA = ["-m", "xuefa"]
CHECKS = [
    ["-m", "ruff", "format", "--check", "."],
    ["-m", "ruff", "check", "."],
    ["-m", "mypy"],
    ["-c", "from importlinter.cli import lint_imports_command as check; check()"],
    [*XUEFA, "bank", "check"],
    [*XUEFA, "module", "check"],
]


def main(arguments: list[str]) -> int:
    """Run one command; the number it returns is the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if sys.version_info < OLDEST_PYTHON:
        print(
            "需要 Python 3.11 或更新的版本，现在是 {}.{}。请到 python.org 下载安装后再运行。".format(*sys.version_info)
        )
        return 2
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if command not in COMMANDS:
        print("用法：python3 run.py 命令\n\n命令：")
        for name, purpose in COMMANDS.items():
            print(f"  {name:<6} {purpose}")
        return 0 if command in {"-h", "--help"} else 2
    if not set_up():
        return 1
    programs = {
        "test": [["-m", "pytest", *rest]],
        "check": CHECKS,
        "bench": [[str(script)] for script in sorted((PROJECT / "benchmarks").glob("*.py"))],
    }
    return run_all(programs.get(command, [[*XUEFA, command, *rest]]))


def set_up() -> bool:
    """Make the environment unless it is complete and matches the lock; tell in Chinese what went wrong otherwise."""
    wanted = describe_environment()
    if PYTHON.is_file() and STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted:
        return True
    print("正在准备运行环境（只在第一次或更新后需要，要联网，约 1–3 分钟）……", flush=True)
    created = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], capture_output=True, text=True, check=False
    )
    if created.returncode != 0:
        print(created.stdout + created.stderr)
        print("建立环境失败。Debian、Ubuntu 请先运行 apt-get install python3-venv，然后重新运行本命令。")
        return False
    installed = install_lock() and install_project()
    if not installed:
        print("安装没有完成。请检查网络（可用 pip config set global.index-url 设置镜像），然后重新运行本命令。")
        return False
    STAMP.write_text(wanted, encoding="utf-8")
    print("环境已备好。", flush=True)
    return True


def describe_environment() -> str:
    """What the environment is made from: this Python and the digests of the lock and of the project file."""
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (LOCK, PROJECT / "pyproject.toml")]
    return "\n".join([sys.version, str(PROJECT), *digests])


def install_lock() -> bool:
    """Install every package of the lock by hash, showing how far it is; print pip's words if it fails."""
    total = sum(1 for line in LOCK.read_text(encoding="utf-8").splitlines() if line[:1].isalnum())
    command = pip("install", "--no-deps", "--require-hashes", "--progress-bar", "off", "-r", str(LOCK))
    done, said = 0, []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace"
    ) as process:
        for line in process.stdout or []:
            said.append(line)
            if line.startswith(("Collecting ", "Processing ")):  # from an index, from a folder
                done += 1
                print(f"\r  下载 {done}/{total}", end="", flush=True)
            elif line.startswith("Installing collected"):
                print("\r  下载完毕，正在安装……", flush=True)
    if process.returncode != 0:
        print("".join(["\n", *said[-20:]]))
    return process.returncode == 0


def install_project() -> bool:
    """Install the project itself, editable."""
    command = pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(PROJECT))
    return subprocess.run(command, check=False).returncode == 0


def pip(*arguments: str) -> list[str]:
    """The command line of the environment's pip."""
    return [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]


def run_all(commands: list[list[str]]) -> int:
    """Run each with the environment's Python, all of them even if one fails; the first failure is the exit status."""
    environ = {**os.environ, "PATH": str(BIN) + os.pathsep + os.environ.get("PATH", ""), "PYTHONUTF8": "1"}
    environ.pop("PYTHONHOME", None)
    statuses = []
    for command in commands:
        try:
            statuses.append(subprocess.run([str(PYTHON), *command], cwd=PROJECT, env=environ, check=False).returncode)
        except KeyboardInterrupt:
            return 130
    return next((status for status in statuses if status), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
