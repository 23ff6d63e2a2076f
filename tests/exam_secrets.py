"""What no learner may be told before an exam is over: the search that tests of the exam hold against every surface."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from xuefa.bank.item import EssayItem
from xuefa.bank.reader import Bank
from xuefa.exam.paper import Paper, public_paper

_RUN = 16
"""A text counts as told when this many of its characters stand in a row."""
_KEY = re.compile(r"""\bkey\\?["']?\s*[:=]\s*\\?["'][A-HTF]+\\?["']""")


@dataclass(frozen=True)
class Secrets:
    """The keys of a paper by question, and every text of explanation, evidence and marking guide."""

    keys: dict[str, str]
    texts: tuple[str, ...]

    def find(self, surface: str) -> list[str]:
        """The secrets that a text tells; JSON's escaped form counts too. Empty if it tells none."""
        plain = _unescape(surface)
        told = [match.group() for match in _KEY.finditer(plain)]
        told += [text for text in self.texts if any(run in plain for run in _runs(text))]
        for question_id, key in self.keys.items():
            cell = question_id.replace(".", "[._]")
            if match := re.search(rf"""{cell}\\?["']?\s*[:,=]\s*\[?\\?["']{key}\\?["']""", plain):
                told.append(match.group())
        return told

    def wrong(self, question_id: str) -> str:
        """A response to an objective question that is not its key."""
        key = self.keys[question_id]
        if key in ("T", "F"):
            return "F" if key == "T" else "T"
        return "B" if key == "A" else "A"


def secrets_of(paper: Paper, bank: Bank) -> Secrets:
    """The secrets of a paper; texts that stand in the paper itself are none."""
    public = json.dumps(public_paper(paper), ensure_ascii=False)
    keys, texts = {}, set[str]()
    for question in paper.questions:
        item = bank[question.item_id]
        if isinstance(item, EssayItem):
            texts |= {item.explanation, *item.evidence, *(part.element for part in item.guide)}
        else:
            asked = bank.question(question.question_id)
            keys[question.question_id] = asked.key
            texts |= {asked.explanation, *asked.evidence}
    hidden = tuple(
        sorted(text for text in texts if len(text) >= _RUN and not any(run in public for run in _runs(text)))
    )
    return Secrets({question_id: key for question_id, key in keys.items() if key}, hidden)


def _runs(text: str) -> list[str]:
    return [text[start : start + _RUN] for start in range(0, len(text) - _RUN + 1, _RUN)]


def _unescape(surface: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match.group(1), 16)), surface)
