"""Holds the manifest, the module notebooks and the bank together: every fault in Chinese with place and fix."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from xuefa.bank.checks import find_copied_run
from xuefa.bank.reader import Bank
from xuefa.errors import BadInputError, Finding
from xuefa.laws.citation import parse_citation
from xuefa.laws.statutes import Statutes
from xuefa.study.manifest import Manifest, Module, laws_of
from xuefa.study.outline import TWENTY_MINUTES_MARK, Outline, read_outline

MINUTES_OF_A_MODULE = range(45, 61)
MINUTES_OF_THE_SHORT_PATH = range(15, 21)
PICTURES_OF_A_MODULE = 2
OBJECTIVES_OF_A_MODULE = range(3, 6)
SECTIONS_OF_A_MODULE = {"以案释法": 2, "易错点": 1, "研讨题": 1}
"""Words that stand in section headings, and in how many sections at least."""
OTHER_NOTEBOOKS = frozenset({"index.ipynb", "exam.ipynb", "trainer.ipynb", "reporting.ipynb"})
"""Notebooks of the kit that are no modules."""

_CALLS = frozenset(
    {
        "xuefa.lesson",
        "lesson.header",
        "lesson.sign_in",
        "lesson.articles",
        "lesson.picture",
        "lesson.quiz",
        "lesson.reflection",
    }
)
_HOME = "index.ipynb"
_HOME_CALLS = ("xuefa.home", "home.month", "home.sign_in", "home.overview", "home.review", "home.my_year", "home.year")
"""What the home page calls, each once, in this order: nothing of one's own shows before the sign-in."""
_REQUIRED_CELLS = (
    ("start", "xuefa.lesson"),
    ("sign-in", "lesson.sign_in"),
    ("quiz", "lesson.quiz"),
    ("reflection", "lesson.reflection"),
)
_HTML = re.compile(r"</?[A-Za-z][^>\n]*>|<!--")
_SVG = "{http://www.w3.org/2000/svg}"
_SHAPES = ("rect", "circle", "ellipse", "line", "polyline", "polygon", "path", "text", "tspan")
_ALLOWED_IN_PICTURES = frozenset(("svg", "title", "desc", "g", "defs", "marker", *_SHAPES))


def check_modules(
    *, manifest: Manifest, notebooks_dir: Path, bank: Bank, statutes: Statutes, today: date
) -> list[Finding]:
    """Every fault between `modules.yaml`, the notebooks in `notebooks_dir` and the bank's items.

    Article texts are looked up as of `today`; articles of a law with no text at hand are not held against the notebook.
    """
    findings = list(_check_files(manifest, notebooks_dir))
    findings += _check_objectives(manifest, bank)
    for name in sorted(OTHER_NOTEBOOKS):
        path = notebooks_dir / name
        if path.is_file():
            outline, faults = _read(path)
            findings += faults if outline is None else _check_outputs(outline, path)
            if outline is not None and name == _HOME:
                findings += _check_home(outline, path)
    for module in manifest.ready:
        path = notebooks_dir / module.notebook
        if not path.is_file():
            continue
        outline, faults = _read(path)
        if outline is None:
            findings += faults
            continue
        findings += _check_outputs(outline, path)
        findings += _check_cells(outline, path)
        findings += _check_structure(outline, module, path)
        findings += _check_minutes(outline, path)
        findings += _check_parts(outline, path)
        findings += _check_pictures(outline, path)
        findings += _check_articles(outline, module, path, bank=bank, statutes=statutes, today=today)
    return findings


def _check_home(outline: Outline, path: Path) -> Iterator[Finding]:
    if tuple(call.name for call in outline.calls) != _HOME_CALLS:
        yield Finding(
            str(path), "首页的代码格不对", f"请依次写 {'、'.join(f'{name}()' for name in _HOME_CALLS)}，不写别的"
        )
    yield from _check_cells(outline, path)


def _check_files(manifest: Manifest, notebooks_dir: Path) -> Iterator[Finding]:
    named = {module.notebook: module for module in manifest}
    for module in manifest:
        exists = (notebooks_dir / module.notebook).is_file()
        if module.status == "ready" and not exists:
            yield Finding(
                manifest.places[module.number],
                f"找不到笔记本 {module.notebook}",
                "请放好文件，或者把 status 改成 planned",
            )
        if module.status == "planned" and exists:
            yield Finding(
                manifest.places[module.number],
                f"笔记本 {module.notebook} 已经写好，status 却是 planned",
                "请把 status 改成 ready",
            )
    for path in sorted(notebooks_dir.glob("*.ipynb")):
        if path.name not in named and path.name not in OTHER_NOTEBOOKS:
            yield Finding(str(path), "modules.yaml 里没有登记这个笔记本", "请登记，或者把文件移走")


def _check_objectives(manifest: Manifest, bank: Bank) -> Iterator[Finding]:
    tested = Counter(item.objective for item in bank.select())
    known = {objective.id for module in manifest for objective in module.objectives}
    for module in manifest.ready:
        if len(module.objectives) not in OBJECTIVES_OF_A_MODULE:
            yield Finding(
                manifest.places[module.number],
                f"学习目标有 {len(module.objectives)} 个",
                f"应当有 {OBJECTIVES_OF_A_MODULE.start} 至 {OBJECTIVES_OF_A_MODULE.stop - 1} 个",
            )
        for objective in module.objectives:
            if not tested[objective.id]:
                yield Finding(
                    manifest.places[module.number],
                    f"目标 {objective.id} 没有一道在用的题来考",
                    "请给它出题，或者删去这个目标",
                )
    laws_ready = {slug for module in manifest.ready for slug in module.laws}
    for item in bank.select():
        if item.law_slug in laws_ready and item.objective not in known:
            yield Finding(
                bank.places[item.id],
                f"modules.yaml 里没有目标 {item.objective}",
                "请改成已有目标的编号，或者先登记这个目标",
            )


def _check_structure(outline: Outline, module: Module, path: Path) -> Iterator[Finding]:
    if outline.metadata.get("xuefa") != {"module": module.number, "run_on_open": True}:
        yield Finding(
            str(path),
            "笔记本的 metadata 里 xuefa 一项不对",
            f'请写成 {{"module": {module.number}, "run_on_open": true}}',
        )
    if len(outline.titles) != 1:
        yield Finding(str(path), f"有 {len(outline.titles)} 个一级标题（# ）", "一课只要一个一级标题")
    for call in outline.calls:
        if call.name not in _CALLS:
            yield Finding(_at(path, call.cell_id), f"不认识的调用 {call.name}", "请改用 lesson 提供的方法")
        if call.name == "xuefa.lesson" and call.arguments != (module.number,):
            yield Finding(_at(path, call.cell_id), "打开的不是本课", f"请写成 xuefa.lesson({module.number})")
    where = {call.name: call.cell_id for call in outline.calls}
    order = [cell.cell_id for cell in outline.cells]
    positions = []
    for cell_id, name in _REQUIRED_CELLS:
        if where.get(name) != cell_id or order.count(cell_id) != 1:
            yield Finding(_at(path, cell_id), f"这一格里没有 {name}(…)", f"请在编号为 {cell_id} 的代码格里写上它")
        else:
            positions.append(order.index(cell_id))
    if positions != sorted(positions):
        yield Finding(str(path), "开头、签到、测验、心得体会的次序不对", "请按这个次序排好")


def _check_minutes(outline: Outline, path: Path) -> Iterator[Finding]:
    for section in outline.sections:
        if section.minutes is None:
            yield Finding(_at(path, section.heading), "标题没有写明分钟数", "请在标题末尾写上（约6分钟）这样的字样")
    if outline.minutes not in MINUTES_OF_A_MODULE:
        yield Finding(str(path), f"各节合计 {outline.minutes} 分钟", "请调整到 45 至 60 分钟")
    if outline.twenty_minutes not in MINUTES_OF_THE_SHORT_PATH:
        yield Finding(
            str(path),
            f"标有{TWENTY_MINUTES_MARK}的各节合计 {outline.twenty_minutes} 分钟",
            "请调整到 15 至 20 分钟",
        )


def _check_outputs(outline: Outline, path: Path) -> Iterator[Finding]:
    for cell in outline.cells:
        if cell.has_output:
            yield Finding(_at(path, cell.cell_id), "存有运行结果", "请在 JupyterLab 里清除全部输出后再保存")


def _check_parts(outline: Outline, path: Path) -> Iterator[Finding]:
    headings = [section.heading for section in outline.sections]
    if headings and "乡镇" not in headings[0]:
        yield Finding(_at(path, headings[0]), "第一节没有讲乡镇为什么会碰到这部法", "请在第一节的标题里写明“乡镇”")
    for word, least in SECTIONS_OF_A_MODULE.items():
        count = sum(word in heading for heading in headings)
        if count < least:
            yield Finding(str(path), f"标题里有“{word}”的只有 {count} 节", f"至少要有 {least} 节，请补上")


def _check_cells(outline: Outline, path: Path) -> Iterator[Finding]:
    for cell_id in outline.strange_cells:
        yield Finding(
            _at(path, cell_id), "代码格里有 lesson 调用以外的内容", "请只写一次 lesson.…(…) 调用，首页写 home.…()"
        )
    for cell in outline.cells:
        place = _at(path, cell.cell_id)
        if not cell.cell_id:
            yield Finding(str(path), "有一格没有编号（id）", "请给每一格写上好认的 id")
        if cell.kind == "markdown" and (match := _HTML.search(cell.source)):
            yield Finding(place, f"正文里有 HTML 标记 {match.group()}", "请改用 Markdown 书写")
        if cell.kind == "code" and not cell.metadata.get("jupyter", {}).get("source_hidden"):
            yield Finding(place, "代码格没有设为隐藏", '请在格的 metadata 里写上 "jupyter": {"source_hidden": true}')


def _check_pictures(outline: Outline, path: Path) -> Iterator[Finding]:
    names = [call.arguments[0] for call in outline.calls if call.name == "lesson.picture" and call.arguments]
    if len(names) < PICTURES_OF_A_MODULE:
        yield Finding(
            str(path),
            f"插图只有 {len(names)} 张",
            f'至少要有 {PICTURES_OF_A_MODULE} 张，请画好放进 pictures 文件夹，用 lesson.picture("…") 插入',
        )
    for name in names:
        picture = path.parent / "pictures" / str(name)
        try:
            root = ET.fromstring(picture.read_text(encoding="utf-8"))  # noqa: S314  a file of the project itself
        except FileNotFoundError:
            yield Finding(str(picture), "找不到这张图", "请检查文件名")
            continue
        except (ET.ParseError, UnicodeDecodeError):
            yield Finding(str(picture), "不是合格的 SVG", "请用浏览器打开检查，改正后再保存")
            continue
        if any(not (root.findtext(f"{_SVG}{part}") or "").strip() for part in ("title", "desc")):
            yield Finding(str(picture), "没有 title 或 desc", "请补上，看不见图的人靠它们了解内容")
        strangers = {str(node.tag).removeprefix(_SVG) for node in root.iter()} - _ALLOWED_IN_PICTURES
        if strangers:
            yield Finding(str(picture), f"图里有不该有的元素：{'、'.join(sorted(strangers))}", "请只用图形和文字元素")


def _check_articles(
    outline: Outline, module: Module, path: Path, *, bank: Bank, statutes: Statutes, today: date
) -> Iterator[Finding]:
    chief = laws_of(module, bank.catalogue)[0]
    for section in outline.sections:
        place = _at(path, section.heading)
        opened = set()
        for value in (value for call in section.calls if call.name == "lesson.articles" for value in call.arguments):
            try:
                citation = parse_citation(value)
            except ValueError:
                yield Finding(place, f"法条“{value}”写法不对", "请写条号，如 46；别的法律写成“行政复议法 20”")
                continue
            law = bank.catalogue.find(citation.law) if citation.law else chief
            if law is None:
                yield Finding(place, f"目录里没有《{citation.law}》", "请改用 laws.yaml 里的名称，或者先登记这部法律")
                continue
            opened.add((law.slug, citation.number))
            edition = statutes.edition_as_of(law.title, today)
            if edition and citation.number not in edition.articles:
                yield Finding(place, f"{law.name}没有{citation.number}", "请核对条号")
        for citation in section.mentions:
            law = bank.catalogue.find(citation.law) if citation.law else chief
            if law and (law.slug, citation.number) not in opened:
                yield Finding(
                    place,
                    f"正文提到{law.name}{citation.number}，本节没有打开它的原文",
                    "请把它加进本节的 lesson.articles(…)",
                )
        for law in laws_of(module, bank.catalogue):
            edition = statutes.edition_as_of(law.title, today)
            if edition and (run := find_copied_run(section.prose, edition)):
                yield Finding(place, f"照抄了{law.name}原文“{run}”", "请改用自己的话，原文由 lesson.articles(…) 打开")


def _read(path: Path) -> tuple[Outline | None, tuple[Finding, ...]]:
    try:
        return read_outline(path), ()
    except BadInputError as error:
        return None, error.findings


def _at(path: Path, where: str) -> str:
    return f"{path}（{where}）"
