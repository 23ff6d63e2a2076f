"""One module as its notebook meets it: header, articles, picture, sign-in, quiz, reflection."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from xuefa.bank.reader import Bank
from xuefa.errors import BadInputError, Finding
from xuefa.laws.citation import parse_citation
from xuefa.laws.statutes import Statutes
from xuefa.study.articles import ArticleShelf
from xuefa.study.html import Html, render_articles, render_header, render_picture
from xuefa.study.manifest import Module, laws_of
from xuefa.study.outline import read_outline
from xuefa.study.record_writer import RecordWriter
from xuefa.study.rounds import ModuleRounds
from xuefa.study.widgets.quiz import QuizWidget
from xuefa.study.widgets.reflection import ReflectionWidget
from xuefa.study.widgets.sign_in import SignInWidget


class Lesson:
    """A module opened in a kernel; `writer` knows who is signed in and writes their records."""

    def __init__(
        self, *, module: Module, notebooks_dir: Path, bank: Bank, statutes: Statutes, writer: RecordWriter
    ) -> None:
        self._module = module
        self._notebooks_dir = notebooks_dir
        self._bank = bank
        self._statutes = statutes
        self._writer = writer

    def __repr__(self) -> str:
        return f"第 {self._module.number:02d} 课 {self._module.title}"

    def header(self) -> Html:
        """The card at the head of the page; it brings the page's styles."""
        return render_header(
            self._module,
            laws=laws_of(self._module, self._bank.catalogue),
            outline=read_outline(self._notebooks_dir / self._module.notebook),
            now=self._writer.clock(),
            warning=self._writer.check_clock(),
        )

    def articles(self, *citations: int | str) -> Html:
        """The official text of the articles, each to be opened in place.

        `citations` are article numbers of the module's (first) law, others like "行政复议法 20". Raises BadInputError
        for one that cannot be read.
        """
        chief = laws_of(self._module, self._bank.catalogue)[0]
        opened = []
        for value in citations:
            try:
                opened.append(self._shelf.open(parse_citation(value), law_at_hand=chief))
            except ValueError:
                raise BadInputError(
                    Finding(f"法条“{value}”", "写法不对", "请写条号，如 46；别的法律写成“行政复议法 20”")
                ) from None
        return render_articles(opened)

    def picture(self, name: str) -> Html:
        """A picture of `notebooks/pictures`, inline; raise BadInputError if it is not there or cannot be shown."""
        return render_picture(self._notebooks_dir / "pictures" / name)

    def sign_in(self) -> SignInWidget:
        """The 签到 card."""
        return SignInWidget(writer=self._writer)

    def quiz(self, count: int = 10) -> QuizWidget:
        """A quiz of `count` questions on the module's laws, 练习 or 自测; each round draws anew."""
        return QuizWidget(
            writer=self._writer,
            bank=self._bank,
            shelf=self._shelf,
            source=ModuleRounds(items=self._bank.select(laws=self._module.laws), count=count, writer=self._writer),
            objectives={objective.id: objective.text for objective in self._module.objectives},
        )

    def reflection(self) -> ReflectionWidget:
        """The box for a 心得体会."""
        return ReflectionWidget(writer=self._writer)

    @cached_property
    def _shelf(self) -> ArticleShelf:
        return ArticleShelf(catalogue=self._bank.catalogue, statutes=self._statutes, today=self._writer.today())
