"""The rule that each question of the bank hangs on, by name and article."""

from __future__ import annotations

from collections.abc import Mapping

from xuefa.bank.item import questions_of
from xuefa.bank.reader import Bank


def name_rules(bank: Bank) -> Mapping[str, str]:
    """Question id → the first article it cites: 《行政诉讼法》第四十六条."""
    rules = {}
    for item in bank.items:
        law = bank.catalogue[item.id.partition("-")[0]]
        for question in questions_of(item):
            citation = question.citations[0]
            cited = law if citation.law is None else bank.catalogue.find(citation.law)
            rules[question.question_id] = cited.cite(citation.number) if cited else str(citation)
    return rules
