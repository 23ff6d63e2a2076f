"""回头看题单: what comes back this week as a Word file, questions first, keys and reasons on pages of their own."""

from __future__ import annotations

from datetime import datetime, timedelta

from xuefa.bank.item import KIND_NAMES, Question, questions_in
from xuefa.bank.reader import Bank
from xuefa.records.record import Learner
from xuefa.study.articles import render_date
from xuefa.study.review import ReviewCard, ReviewPlan, group_by_law
from xuefa.study.word_document import WordDocument

DAYS_OF_A_SHEET = 7


def make_review_sheet(plan: ReviewPlan, *, learner: Learner, bank: Bank, written_at: datetime) -> bytes:
    """A .docx of the cards that the plan has on its first seven days, by law; where there are none it says so."""
    last = plan.today + timedelta(days=DAYS_OF_A_SHEET - 1)
    order = {question.question_id: number for number, question in enumerate(questions_in(bank.items))}
    cards = sorted(
        (card for day, cards in plan.days.items() if day <= last for card in cards),
        key=lambda card: order[card.question.question_id],
    )
    document = WordDocument(
        title="回头看题单",
        subtitle=f"{learner.name}　{render_date(plan.today)}至{render_date(last)}，共 {len(cards)} 题",
        written_at=written_at,
    )
    if not cards:
        document.add_line("这七天没有要回头看的题。")
        return document.save()
    numbers = {card.question.question_id: number for number, card in enumerate(cards, start=1)}
    for slug, group in group_by_law(cards).items():
        document.add_heading(bank.catalogue[slug].name)
        story = ""
        for card in group:
            if card.question.story and card.question.story != story:
                document.add_line(f"案情：{card.question.story}", keep_with_next=True)
            story = card.question.story
            _add_question(document, card.question, numbers[card.question.question_id])
    document.add_page_break()
    document.add_heading("答案和讲解")
    for slug, group in group_by_law(cards).items():
        document.add_heading(bank.catalogue[slug].name, level=2)
        for card in group:
            _add_key(document, card, numbers[card.question.question_id], bank=bank)
    document.add_line("这张单子上做的题不记入记录。回到首页的“回头看”里再答一遍，才知道哪些已经记牢。")
    return document.save()


def render_key(question: Question, letters: str) -> str:
    """Letters as people say them: B, ABD, for 判断 正确 or 错误."""
    return question.options.get(letters, letters) if question.kind == "judge" else letters


def _add_question(document: WordDocument, question: Question, number: int) -> None:
    document.add_line(f"{number}．（　　　）〔{KIND_NAMES[question.kind]}〕{question.stem}", keep_with_next=True)
    options = [text if question.kind == "judge" else f"{letter}．{text}" for letter, text in question.options.items()]
    for place, text in enumerate(options, start=1):
        document.add_line(text, indent_mm=8, keep_with_next=place < len(options), is_close=place < len(options))


def _add_key(document: WordDocument, card: ReviewCard, number: int, *, bank: Bank) -> None:
    question = card.question
    law = bank.law_of(question.item)
    cited = []
    for citation in question.citations:
        other = bank.catalogue.find(citation.law) if citation.law else law
        cited.append(other.cite(citation.number) if other else f"《{citation.law}》{citation.number}")
    verdict = "答对了" if card.was_right else "答错了"
    last = f"上次（{render_date(card.answered_on)}）答 {render_key(question, card.response)}，{verdict}"
    document.add_line(f"{number}．{render_key(question, question.key)}　　{last}", keep_with_next=True)
    document.add_line(f"{question.explanation}（{'、'.join(cited)}）", indent_mm=8)
