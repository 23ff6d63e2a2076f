"""What a bank cannot give a blueprint, said as findings: the requirement, by how much it is short, what to do."""

from __future__ import annotations

from xuefa.bank.item import KIND_NAMES, Kind
from xuefa.bank.reader import Bank
from xuefa.errors import Finding
from xuefa.exam.blueprint import Blueprint


def render_item_shortage(
    blueprint: Blueprint, *, bank: Bank, kind: Kind, law: str, needed: int, short: int, avoided: int
) -> Finding:
    """“单选题、行政诉讼法：需要 40 道，可用 31 道，少 9 道”; `avoided` items were left out as used lately."""
    fix = "请减少题数或卷数，增加法律，或者先补充题库"
    if avoided:
        fix = f"另有 {avoided} 道近期用过、没有计入，可以放宽 avoid_last_papers；也可以减少题数或卷数，或者先补充题库"
    return Finding(
        f"组卷方案“{blueprint.title}”的{KIND_NAMES[kind]}题、{bank.catalogue[law].short_title}",
        f"需要 {needed} 道，可用 {needed - short} 道，少 {short} 道",
        fix,
    )


def render_mix_shortage(blueprint: Blueprint, fault: str, *, short: float, unit: str) -> Finding:
    """A mean difficulty or share of a skill that cannot be met, and by how much it is missed."""
    return Finding(
        f"组卷方案“{blueprint.title}”",
        f"{fault}，还差 {render_mean(short, unit)}",
        "请放宽 tolerance，改动 difficulty 或 skills，或者先补充题库",
    )


def render_mean(value: float, unit: str) -> str:
    """A mean as it stands (2.9), or with unit % a share in hundredths (30%)."""
    return f"{value * 100:.1f}".removesuffix(".0") + "%" if unit == "%" else f"{value:.2f}"
