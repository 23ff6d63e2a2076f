"""The course's own `nbgrader_config.py`: written once, read by every use of nbgrader, compared with today's.

A course keeps the file it was begun with, and whatever its trainers added; an update of the kit does not touch it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from xuefa.atomic_file import write_atomically
from xuefa.errors import BadInputError, Finding
from xuefa.exam.gradebook_file import require_gradebook

CONFIG_FILE = "nbgrader_config.py"
_WHAT_FOLLOWS = {
    "Autograde.autograde_preprocessors": "formgrader 页面上的自动评分按钮会运行学员交来的代码",
    "GenerateFeedback.exporter_class": "formgrader 页面上的反馈按钮会用英文页换掉写好的中文反馈",
    "ExportApp.plugin_class": "nbgrader export 导出的不是中文成绩表",
    "ClearSolutions.text_stub": "论述题的题框里显示英文",
}


def prepare_course(course_dir: Path, *, config_file: Path) -> None:
    """Make the course ready for nbgrader: its folder, its configuration and its gradebook; safe to run again."""
    course_dir.mkdir(parents=True, exist_ok=True)
    target = course_dir / CONFIG_FILE
    if not target.exists():
        write_atomically(target, config_file.read_bytes())
    require_gradebook(course_dir)


def read_course_config(course_dir: Path) -> Config:
    """The course's `nbgrader_config.py` as traitlets reads it, with this folder as root."""
    config = _read_config(course_dir / CONFIG_FILE) if (course_dir / CONFIG_FILE).is_file() else Config()
    config.CourseDirectory.root = str(course_dir.resolve())
    return config


def check_course_config(course_dir: Path, *, config_file: Path) -> tuple[Finding, ...]:
    """One finding if the course's configuration lacks or changes a setting of today's; what it adds is the trainers'.

    A course that has none yet gets today's, so there is nothing to find. Raises BadInputError if the file cannot be
    read.
    """
    target = course_dir / CONFIG_FILE
    if not target.is_file():
        return ()
    theirs = dict(_settings_of(_read_config(target)))
    other = [name for name, value in _settings_of(_read_config(config_file)) if theirs.get(name, _NONE) != value]
    if not other:
        return ()
    follows = "；".join(_WHAT_FOLLOWS[name] for name in other if name in _WHAT_FOLLOWS)
    fault = f"和这一版学法自带的不一样，不同的是 {'、'.join(other)}"
    return (
        Finding(
            f"课程设置 {CONFIG_FILE}",
            f"{fault}：{follows}" if follows else fault,
            "如果不是有意改的，请运行 xuefa exam config --renew 换成这一版的；原来的文件会留下",
        ),
    )


def renew_course_config(course_dir: Path, *, config_file: Path) -> Path | None:
    """Write today's configuration; give where the one before was kept (`nbgrader_config.old-1.py` and on), if any.

    Nothing is done, and None given, where the file is today's byte for byte.
    """
    target, today = course_dir / CONFIG_FILE, config_file.read_bytes()
    before = target.read_bytes() if target.is_file() else None
    if before == today:
        return None
    kept = None
    if before is not None:
        numbers = range(1, 10_000)
        names = (course_dir / f"{target.stem}.old-{number}.py" for number in numbers)
        kept = next(path for path in names if not path.exists())
        write_atomically(kept, before)
    write_atomically(target, today)
    return kept


_NONE = object()
_OF_THE_PLACE = {"CourseDirectory.root"}


def _settings_of(config: Config) -> Iterator[tuple[str, Any]]:
    """Every setting as "Class.name" with its value, but those that say where the course lies."""
    for section, values in config.items():
        for name, value in values.items():
            if f"{section}.{name}" not in _OF_THE_PLACE:
                yield f"{section}.{name}", value


def _read_config(path: Path) -> Config:
    try:
        return PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
    except Exception as error:  # the file is a program of the staff's: whatever it raises, they must hear which file
        raise BadInputError(
            Finding(
                f"课程设置 {path.name}",
                f"读不出来（{type(error).__name__}：{error}）",
                "请改正它，或者运行 xuefa exam config --renew 换成这一版的；原来的文件会留下",
            )
        ) from None
