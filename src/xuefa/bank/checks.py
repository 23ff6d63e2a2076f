"""Checks the bank against the official texts: articles exist, evidence words stand in them, nothing is copied."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from xuefa.bank.item import AnyItem, CaseItem, EssayItem, Question, questions_of
from xuefa.bank.reader import Bank
from xuefa.errors import Finding
from xuefa.laws.catalogue import Law
from xuefa.laws.citation import Citation
from xuefa.laws.statutes import Edition, Statutes

COPY_LIMIT = 40
"""Longest run of characters that our own words may share with an official text."""

_NOISE = re.compile(r"[\s“”\"‘’']")


@dataclass(frozen=True)
class BankCheck:
    """What the check found; `proved` and `unproved` count questions by law slug.

    A question is proved if the text of every law it cites is at hand in the catalogue's edition, every cited article
    stands in it and holds the evidence words between them; unproved if a text is not at hand.
    """

    findings: tuple[Finding, ...]
    proved: Mapping[str, int]
    unproved: Mapping[str, int]


def check_bank(bank: Bank, statutes: Statutes, *, as_of: date) -> BankCheck:
    """Check every item that is not retired; texts newer than the catalogue's that are in force on `as_of` are named."""
    findings: list[Finding] = []
    proved: Counter[str] = Counter()
    unproved: Counter[str] = Counter()
    for item in bank.items:
        if item.status == "retired":
            continue
        for question in questions_of(item):
            faults = list(_check_question(bank, statutes, item, question, as_of=as_of))
            findings.extend(faults)
            if not faults:
                has_texts = all(_edition(statutes, law) for law in _laws_cited(bank, item, question))
                (proved if has_texts else unproved)[item.law_slug] += 1
        findings.extend(_check_own_words(bank, statutes, item))
    return BankCheck(findings=tuple(findings), proved=proved, unproved=unproved)


def find_copied_run(text: str, edition: Edition) -> str | None:
    """The first run of more than COPY_LIMIT characters that `text` shares with the edition, or None."""
    plain = normalise(text)
    if len(plain) <= COPY_LIMIT:
        return None
    runs = _runs(edition.text)
    return next(
        (run for start in range(len(plain) - COPY_LIMIT) if (run := plain[start : start + COPY_LIMIT + 1]) in runs),
        None,
    )


def normalise(text: str) -> str:
    """The text without spaces and quotation marks, in which public copies of one law differ."""
    return _NOISE.sub("", text)


def _check_question(
    bank: Bank, statutes: Statutes, item: AnyItem, question: Question, *, as_of: date
) -> Iterator[Finding]:
    place = _place(bank, item, question)
    cited_text = ""
    complete = True
    for citation in question.citations:
        law = _law_cited(bank, item, citation)
        if law is None:
            yield Finding(place, f"目录里没有《{citation.law}》", "请改用 laws.yaml 里的名称，或者先登记这部法律")
            return
        newer = _newer_edition(statutes, law, as_of=as_of)
        if newer:
            yield Finding(
                place,
                f"{law.name}已有 {newer.adopted_on} 的新文本，题目依据的是 {law.edition} 的文本",
                f"请对照新文本复核{citation.number}，复核后更新 laws.yaml 里的 edition",
            )
        edition = _edition(statutes, law)
        if edition is None:
            complete = False
            continue
        article = edition.articles.get(citation.number)
        if article is None:
            last = max(edition.articles)
            yield Finding(place, f"{law.name}没有{citation.number}", f"这部法律到{last}为止，请改正条号")
            return
        cited_text += normalise(article.text)
    if complete:
        for words in question.evidence:
            if normalise(words) not in cited_text:
                yield Finding(
                    place,
                    f"依据“{words}”不在{'、'.join(map(str, question.citations))}里",
                    "请改成条文里原有的字词，或者改正条号",
                )


def _check_own_words(bank: Bank, statutes: Statutes, item: AnyItem) -> Iterator[Finding]:
    edition = _edition(statutes, bank.law_of(item))
    if edition is None:
        return
    for text in _own_words(item):
        if run := find_copied_run(text, edition):
            yield Finding(bank.places[item.id], f"照抄了法条原文“{run[:20]}……”", "请用自己的话重写，只留必要的术语")


def _own_words(item: AnyItem) -> Iterator[str]:
    if isinstance(item, CaseItem):
        yield item.stem
    if isinstance(item, EssayItem):
        yield from (element.element for element in item.guide)
    for question in questions_of(item):
        yield question.stem
        yield question.explanation
        yield from question.options.values()


def _laws_cited(bank: Bank, item: AnyItem, question: Question) -> Iterator[Law]:
    yield from filter(None, (_law_cited(bank, item, citation) for citation in question.citations))


def _law_cited(bank: Bank, item: AnyItem, citation: Citation) -> Law | None:
    return bank.catalogue.find(citation.law) if citation.law else bank.law_of(item)


def _edition(statutes: Statutes, law: Law) -> Edition | None:
    return next((edition for edition in statutes.editions(law.title) if edition.adopted_on == law.edition), None)


def _newer_edition(statutes: Statutes, law: Law, *, as_of: date) -> Edition | None:
    newest = statutes.edition_as_of(law.title, as_of)
    return newest if newest and newest.adopted_on > law.edition else None


def _place(bank: Bank, item: AnyItem, question: Question) -> str:
    part = question.question_id.removeprefix(item.id).removeprefix(".")
    return bank.places[item.id] + (f"第 {part} 小题" if part else "")


@cache
def _runs(text: str) -> frozenset[str]:
    plain = normalise(text)
    return frozenset(plain[start : start + COPY_LIMIT + 1] for start in range(len(plain) - COPY_LIMIT))
