"""`xuefa law`, `bank`, `module`: the content."""

from __future__ import annotations

from typing import Annotated

import typer

from xuefa.cli.app import InputFile, add_group, command, current_settings, require_none

law = add_group("law", "法律文本：导入官方文本")
bank = add_group("bank", "题库：核对、统计")
module = add_group("module", "模块：核对全年的课")


@command(law, "add")
def law_add(file: InputFile) -> None:
    """导入从国家法律法规数据库下载的文本（.docx、.txt、.md）。"""
    from xuefa.workflows.content import add_law

    edition = add_law(settings=current_settings(), file=file)
    print(
        f"已导入《{edition.title}》：{edition.adopted_on} 的文本，{edition.in_force_from} 起施行，"
        f"共 {len(edition.articles)} 条。"
    )


@command(bank, "check")
def bank_check() -> None:
    """逐题对照法条原文核对题库，并看题量、题型和答案是否均衡、有没有重复。"""
    from xuefa.workflows.content import check_balance, check_bank

    check = check_bank(settings=current_settings())
    print(f"题库：有据 {sum(check.proved.values())} 小题，无文本可核 {sum(check.unproved.values())} 小题。")
    require_none([*check.findings, *check_balance(settings=current_settings())])


@command(bank, "stats")
def bank_stats(
    with_results: Annotated[
        bool, typer.Option("--with-results", help="再列出历次阅过的试卷里各法律、各题型的得分率和需要留意的题。")
    ] = False,
) -> None:
    """按法律、题型、难度和能力统计在用的题。"""
    from xuefa.bank.item import KIND_NAMES, SKILL_NAMES
    from xuefa.workflows.content import summarise_bank

    head = ["题数", *KIND_NAMES.values(), *(f"难度{level}" for level in range(1, 6)), *SKILL_NAMES.values()]
    rows = [
        (
            summary.law.short_title if summary.law else "合计",
            [
                summary.items,
                *(summary.by_kind[kind] for kind in KIND_NAMES),
                *(summary.by_difficulty[level] for level in range(1, 6)),
                *(summary.by_skill[skill] for skill in SKILL_NAMES),
            ],
        )
        for summary in summarise_bank(settings=current_settings())
    ]
    width = max(len(name) for name, _ in rows)
    print("　" * width + "".join(f"{title:>{8 - _wide(title)}}" for title in head))
    for name, counts in rows:
        print(name + "　" * (width - len(name)) + "".join(f"{count:>8}" for count in counts))
    if with_results:
        _print_results()


@command(module, "check")
def module_check() -> None:
    """核对模块清单、笔记本和题库是否一致。"""
    from xuefa.workflows.content import check_modules

    findings = check_modules(settings=current_settings())
    print(f"模块：发现 {len(findings)} 处问题。" if findings else "模块：清单、笔记本和题库一致。")
    require_none(findings)


def _print_results() -> None:
    from xuefa.bank.item import KIND_NAMES
    from xuefa.workflows.content import summarise_bank_results

    results = summarise_bank_results(settings=current_settings())
    if not results.paper_ids:
        print("\n还没有阅过的试卷，没有成绩可以统计。")
        return
    print(f"\n成绩（试卷 {'、'.join(results.paper_ids)}；案例的小题按各自的题型算，缺考的人不算）：")
    for one in results.pooled:
        rate = "没有作答" if one.rate is None else f"平均得分率 {one.rate:.1%}"
        print(f"  {one.law} {KIND_NAMES[one.kind]}：{one.questions} 题，{one.answers} 人次，{rate}")
    print(f"\n需要留意的题（{len(results.to_watch)} 处，题库没有改动）：")
    for paper_id, watch in results.to_watch:
        print(f"  {watch.question_id}（{paper_id} 第 {watch.number} 题）：{watch.words}")


def _wide(text: str) -> int:
    """How many columns a terminal gives the text beyond one a character."""
    return sum(ord(char) > 0x2E80 for char in text)
