"""YAML read strictly: repeated keys, unknown keys and wrong values become findings with file and line."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from xuefa.errors import BadInputError, Finding

_Path = tuple[int | str, ...]
_M = TypeVar("_M", bound=BaseModel)
_T = TypeVar("_T")

Many = Annotated[tuple[_T, ...], Field(strict=False)]
"""A YAML list, kept as a tuple."""

_FIXES = {
    "missing": ("缺少“{key}”", "请补上这一项"),
    "extra_forbidden": ("不认识的项“{key}”", "{near}"),
    "string_type": ("“{key}”应当是文字", "请改成文字，必要时加英文引号"),
    "int_type": ("“{key}”应当是整数", "请改成整数"),
    "int_parsing": ("“{key}”应当是整数", "请改成整数"),
    "float_type": ("“{key}”应当是数", "请改成数字"),
    "bool_type": ("“{key}”应当是 true 或 false", "请改成 true（正确）或 false（错误）"),
    "list_type": ("“{key}”应当是列表", "请写成 [甲, 乙] 或者每行一个“- ”"),
    "tuple_type": ("“{key}”应当是列表", "请写成 [甲, 乙] 或者每行一个“- ”"),
    "dict_type": ("“{key}”应当是“键: 值”的形式", "请按“键: 值”书写"),
    "model_type": ("“{key}”应当是“键: 值”的形式", "请按“键: 值”书写"),
    "literal_error": ("“{key}”的值“{value}”不在允许的范围内", "可用的值：{expected}"),
    "enum": ("“{key}”的值“{value}”不在允许的范围内", "可用的值：{expected}"),
    "union_tag_invalid": ("“kind”的值“{value}”不在允许的范围内", "可用的值：{expected}"),
    "union_tag_not_found": ("缺少“kind”", "请写明种类"),
    "greater_than_equal": ("“{key}”的值“{value}”太小", "不能小于 {ge}"),
    "greater_than": ("“{key}”的值“{value}”太小", "应当大于 {gt}"),
    "less_than_equal": ("“{key}”的值“{value}”太大", "不能大于 {le}"),
    "string_pattern_mismatch": ("“{key}”的值“{value}”写法不对", "应当符合 {pattern}"),
    "string_too_short": ("“{key}”不能为空", "请补上内容"),
    "too_short": ("“{key}”至少要有 {min_length} 个", "请补足"),
    "too_long": ("“{key}”至多只能有 {max_length} 个", "请删去多余的"),
    "date_type": ("“{key}”应当是日期", "请写成 2022-03-01 的形式"),
    "date_from_datetime_parsing": ("“{key}”应当是日期", "请写成 2022-03-01 的形式"),
}


class StrictModel(BaseModel):
    """A frozen value that refuses unknown keys and does not bend types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Fault(ValueError):  # noqa: N818  it names what is wrong with a value; it is no error of the program
    """Raised inside a model's validator: a fault and its fix, in Chinese; the reader adds file and line."""

    def __init__(self, fault: str, fix: str) -> None:
        super().__init__(fault)
        self.fault = fault
        self.fix = fix


class YamlSource:
    """One YAML file: its plain values and, for each place in it, the line."""

    def __init__(self, path: Path) -> None:
        """Read and compose the file; raise BadInputError if it is no UTF-8, no YAML, or repeats a key."""
        self.path = path
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise BadInputError(Finding(str(path), "找不到这个文件", "请检查文件名和所在的文件夹")) from None
        except UnicodeDecodeError as error:
            raise BadInputError(
                Finding(f"{path} 第 {error.start} 字节", "不是 UTF-8 编码的文字", "请在编辑器里另存为 UTF-8 编码")
            ) from None
        loader = yaml.CSafeLoader(text)
        try:
            self._root = loader.get_single_node()
            if self._root is None:
                raise BadInputError(Finding(str(path), "文件是空的", "请补上内容"))
            self._refuse_repeated_keys(self._root)
            self.value: Any = loader.construct_document(self._root)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise BadInputError(
                Finding(
                    f"{path} 第 {line} 行",
                    f"不是合格的 YAML（{error.problem}）",
                    "请检查这一行和上一行的缩进、冒号后的空格和引号是否成对",
                )
            ) from None
        except yaml.YAMLError as error:
            raise BadInputError(Finding(str(path), f"不是合格的 YAML（{error}）", "请检查文件里的特殊字符")) from None
        finally:
            loader.dispose()

    def place(self, location: _Path = (), *, label: str = "") -> str:
        """The file and line of a place such as `("items", 3, "answer")`; `label` names what stands there."""
        return f"{self.path} 第 {self._find_node(location).start_mark.line + 1} 行" + (f"（{label}）" if label else "")

    def parse(self, model: type[_M], *, location: _Path = (), label: str = "") -> _M:
        """Validate the value at `location` as `model`; raise BadInputError with a finding for every fault."""
        try:
            return model.model_validate(self._value_at(location))
        except ValidationError as error:
            known = _keys_known_to(model)
            raise BadInputError(
                *(self._finding(details, location=location, label=label, known=known) for details in error.errors())
            ) from None

    def _finding(self, details: Any, *, location: _Path, label: str, known: list[str]) -> Finding:
        inner = details["loc"]
        place = self.place(location + inner, label=label)
        context = details.get("ctx", {})
        if isinstance(cause := context.get("error"), Fault):
            return Finding(place, cause.fault, cause.fix)
        key = str(inner[-1]) if inner else "内容"
        near = difflib.get_close_matches(key, known, n=1)
        wording = _FIXES.get(details["type"])
        if wording is None:
            return Finding(place, f"“{key}”不合要求（{details['msg']}）", "请对照 CONTRIBUTING.md 里的例子改正")
        values = {
            **context,
            "key": key,
            "value": _shorten(details["input"]) if not isinstance(details["input"], dict) else context.get("tag", ""),
            "expected": _list_in_chinese(context.get("expected", context.get("expected_tags", ""))),
            "near": f"是不是想写“{near[0]}”？否则请删去" if near else "请删去，或者检查拼写",
        }
        fault, fix = (part.format_map(values) for part in wording)
        return Finding(place, fault, fix)

    def _value_at(self, location: _Path) -> Any:
        value = self.value
        for step in location:
            value = value[step]
        return value

    def _find_node(self, location: _Path) -> Any:
        """The deepest node on the way to `location`; steps that stand for no node (a union's tag) are passed over."""
        node = self._root
        for step in location:
            if isinstance(node, yaml.MappingNode):
                node = next((value for key, value in node.value if key.value == str(step)), node)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
        return node

    def _refuse_repeated_keys(self, node: Any) -> None:
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    raise BadInputError(
                        Finding(
                            f"{self.path} 第 {key.start_mark.line + 1} 行",
                            f"“{key.value}”写了两次",
                            "请删去其中一个，或者把两者合并",
                        )
                    )
                seen.add(key.value)
                self._refuse_repeated_keys(value)
        elif isinstance(node, yaml.SequenceNode):
            for child in node.value:
                self._refuse_repeated_keys(child)


def _keys_known_to(model: type[BaseModel]) -> list[str]:
    """Every key that the model or a model inside it knows."""
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return sorted({key for part in parts for key in part.get("properties", {})})


def _list_in_chinese(quoted: str) -> str:
    """“'a', 'b' or 'c'”, as pydantic lists what is allowed, → “a、b、c”."""
    return "、".join(re.findall(r"'([^']*)'", quoted)) or quoted


def _shorten(value: object) -> str:
    text = str(value)
    return text if len(text) <= 30 else text[:29] + "…"
