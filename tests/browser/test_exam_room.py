"""The exam page in real Voilà: sign in, choose, sit, hand in; and nothing on the line or the disk tells a key."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import WebSocket, expect

from tests.browser.visit import Visit, kill_kernel
from tests.exam_secrets import Secrets, secrets_of
from xuefa.doors import Door
from xuefa.exam.kept_items import read_kept_items
from xuefa.exam.paper import Paper, read_papers
from xuefa.exam.release import release_paper
from xuefa.exam.sitting import make_sitting
from xuefa.records.record import Learner
from xuefa.records.store import Store
from xuefa.settings import TIME_ZONE, Settings
from xuefa.workflows.exam_setting import set_paper

pytestmark = pytest.mark.browser
PAGE = "exam.ipynb"
SOON = datetime(2099, 11, 24, 19, 0, tzinfo=TIME_ZONE)
LONG_AGO = datetime(2020, 11, 24, 19, 0, tzinfo=TIME_ZONE)


@pytest.fixture(scope="module")
def secrets(site: Settings, released_paper: Paper) -> Secrets:
    return secrets_of(released_paper, read_kept_items(released_paper.paper_id, course_dir=site.course_dir))


@pytest.fixture(scope="module")
def other_papers(site: Settings, released_paper: Paper) -> None:
    """One more paper that opens in 2099 and one that closed in 2020, for the same five."""
    learners = [
        Learner(
            learner_id=f"L{number:02d}", name=f"学员{number:02d}", unit="党政办公室", post="干部", since=LONG_AGO.date()
        )
        for number in range(1, 6)
    ]
    for paper_id, opens_at, closes_at in (
        ("later", SOON, SOON + timedelta(hours=1)),
        ("over", LONG_AGO, LONG_AGO + timedelta(hours=1)),
    ):
        paper = set_paper(
            settings=site, blueprint="practice", paper_id=paper_id, held_on=released_paper.held_on, seed=2
        )
        sitting = make_sitting(paper_id, learners=learners, opens_at=opens_at, closes_at=closes_at)
        release_paper(sitting, course_dir=site.course_dir)
        assert paper in read_papers(site.course_dir)


def enter(visit: Visit, voila: Door, name: str) -> None:
    visit.open_voila(voila, PAGE)
    card = visit.card("考试")
    card.get_by_label("输入姓名查找").fill(name)
    card.get_by_role("button", name=name).click()
    visit.give_pin(card)
    visit.expect_sound_layout()
    visit.take_picture("room-pin")
    card.get_by_role("button", name="进入").click()
    expect(visit.page.get_by_role("heading", name=f"{name}的考试")).to_be_visible()


@pytest.mark.usefixtures("other_papers")
@pytest.mark.parametrize(("width", "name"), [(1280, "学员01"), (390, "学员02")])
def test_a_learner_sits_an_exam_and_no_frame_on_the_line_tells_a_key(
    voila: Door,
    open_visit: Callable[..., Visit],
    site: Settings,
    released_paper: Paper,
    secrets: Secrets,
    width: int,
    name: str,
) -> None:
    kept = read_kept_items(released_paper.paper_id, course_dir=site.course_dir)
    key_of_the_first = kept.question(released_paper.questions[0].question_id).key
    visit = open_visit(width=width)
    frames: list[str] = []

    def note(frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode("utf-8", errors="replace")
        frames.append(json.dumps(json.loads(text), ensure_ascii=False))

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", note)

    visit.page.on("websocket", listen)
    visit.open_voila(voila)
    visit.page.get_by_role("link", name="进入考试").click()
    expect(visit.card("考试")).to_be_visible()
    visit.expect_sound_layout()
    visit.take_picture(f"room-{width}-names")
    enter(visit, voila, name)
    card = visit.card("考试")
    expect(card.get_by_text("2099-11-24 19:00 开考（北京时间），还没有到时间。")).to_be_visible()
    expect(card.get_by_text("已于 2020-11-24 20:00 截止（北京时间），没有作答。")).to_be_visible()
    expect(card.get_by_role("button", name="开始作答")).to_have_count(1)
    expect(card.get_by_role("listitem").first).to_contain_text("现在可以作答")
    visit.expect_sound_layout()
    visit.take_picture(f"room-{width}-exams")

    card.get_by_role("button", name="开始作答").click()
    sheet = visit.page.locator(".xuefa-sheet")
    wrong = sheet.locator(f"input:visible:not([value='{key_of_the_first}'])").first  # one's own answer tells no key
    wrong.check()
    expect(sheet.get_by_text("已保存").first).to_be_visible()
    expect(sheet.get_by_role("button", name="第 1 题，已答")).to_be_visible(visible=width > 600)
    visit.expect_sound_layout()
    visit.take_picture(f"room-{width}-sheet")

    visit.page.reload()
    expect(visit.page.get_by_role("heading", name=f"{name}的考试")).to_be_visible()
    card.get_by_role("button", name="继续作答").click()
    expect(wrong).to_be_checked()
    sheet.get_by_role("button", name="交卷", exact=True).last.click()
    sheet.get_by_role("button", name="确认交卷").click()
    expect(sheet.get_by_role("heading", name="已交卷")).to_be_visible()
    expect(sheet.get_by_text("交卷文件")).to_have_count(0)
    visit.take_picture(f"room-{width}-handed-in")
    visit.card("考试").get_by_role("button", name="回到考试列表").click()
    expect(card.get_by_text("回执码")).to_be_visible()
    expect(sheet).to_have_count(0)
    visit.take_picture(f"room-{width}-list")

    folder = site.course_dir / "submitted" / name.replace("学员", "L") / released_paper.paper_id
    assert json.loads((folder / "answers.json").read_bytes())["handed_in_at"]
    assert (folder / "timestamp.txt").is_file()
    assert any(released_paper.questions[0].stem in frame for frame in frames)
    told = [secrets.find(frame) for frame in (*frames, visit.page.content())]
    assert [one for one in told if one] == []


def test_a_killed_kernel_loses_no_answer_not_even_one_it_never_took(
    voila: Door, open_visit: Callable[..., Visit], site: Settings, released_paper: Paper
) -> None:
    visit = open_visit(width=390)
    enter(visit, voila, "学员05")
    visit.card("考试").get_by_role("button", name="开始作答").click()
    sheet = visit.page.locator(".xuefa-sheet")
    sheet.get_by_role("radio").nth(1).check()
    expect(sheet.get_by_role("status")).to_contain_text("已保存")
    kill_kernel(visit.voila_kernel_id)
    sheet.get_by_role("button", name="下一题").click()
    sheet.locator("fieldset:visible").get_by_role("radio").nth(2).check()
    expect(sheet.get_by_role("status")).to_contain_text(re.compile("正在保存|还没有保存"))
    visit.open_voila(voila, PAGE)  # the tab's ticket signs them in
    visit.card("考试").get_by_role("button", name="继续作答").click()
    expect(sheet.locator("legend:visible")).to_contain_text("2．")
    expect(sheet.locator("fieldset:visible").get_by_role("radio").nth(2)).to_be_checked()
    expect(sheet.get_by_role("status")).to_contain_text("已保存")
    path = site.course_dir / "submitted" / "L05" / released_paper.paper_id / "answers.json"
    answers = json.loads(path.read_bytes())["answers"]
    assert [answer["response"] for answer in answers.values()] == ["B", "C"]


def test_someone_not_expected_finds_no_name(voila: Door, open_visit: Callable[..., Visit], store: Store) -> None:
    assert any(learner.name == "学员09" for learner in store.read_learners())
    visit = open_visit(width=390)
    visit.open_voila(voila, PAGE)
    visit.card("考试").get_by_label("输入姓名查找").fill("学员09")
    expect(visit.card("考试").get_by_text("名单里没有这个名字")).to_be_visible()


def test_nobody_opens_the_answer_sheet_of_another_without_their_pin(
    voila: Door, open_visit: Callable[..., Visit], site: Settings, released_paper: Paper
) -> None:
    owner = open_visit(width=390)
    enter(owner, voila, "学员03")
    stranger = open_visit(width=390)
    stranger.open_voila(voila, PAGE)
    card = stranger.card("考试")
    card.get_by_role("button", name="学员03").click()
    card.get_by_label("密码").fill("1357")
    card.get_by_role("button", name="进入").click()
    expect(card.get_by_role("alert")).to_contain_text("密码不对")
    stranger.take_picture("room-wrong-pin")
    expect(card.get_by_text("的考试")).to_have_count(0)
    assert not (site.course_dir / "submitted" / "L03" / released_paper.paper_id).exists()


@pytest.mark.usefixtures("released_paper")
def test_who_leaves_the_exam_page_leaves_it_in_every_tab_and_finds_the_way_home(
    voila: Door, open_visit: Callable[..., Visit]
) -> None:
    visit = open_visit(width=390)
    enter(visit, voila, "学员04")
    with visit.page.expect_popup() as opened:
        visit.page.evaluate("() => { window.open(location.href); }")
    second = opened.value
    expect(second.get_by_role("heading", name="学员04的考试")).to_be_visible()
    visit.page.bring_to_front()
    visit.card("考试").get_by_role("button", name="不是我，换人").click()
    for page in (visit.page, second):
        expect(page.get_by_label("输入姓名查找")).to_be_visible()
    visit.page.get_by_role("link", name="返回首页").click()
    expect(visit.card("签到")).to_be_visible()


def test_no_file_of_the_course_is_served_under_any_address(
    voila: Door, site: Settings, released_paper: Paper, secrets: Secrets
) -> None:
    paper_id = released_paper.paper_id
    files = [
        "grading/gradebook.db",
        "grading/nbgrader_config.py",
        f"grading/kept/{paper_id}.json",
        f"grading/source/{paper_id}/{paper_id}.ipynb",
        f"grading/source/{paper_id}/paper.json",
        "question_bank/xzss.yaml",
        "data/xuefa.db",
    ]
    assert [one for one in files if not (site.site_dir / one).exists() and one != "data/xuefa.db"] == []
    prefixes = ["", "../", "..%2f", "voila/files/", "voila/files/../", "voila/files/..%2f", "voila/render/../"]
    prefixes += ["voila/render/..%2f", "static/../", "static/..%2f", "voila/static/..%2f..%2f", "files/", "files/..%2f"]
    prefixes += ["voila/tree/", "api/contents/", "nbextensions/..%2f", "voila/templates/xuefa/static/..%2f..%2f"]
    answers = {prefix + file: _fetch(f"{voila.url}{prefix}{quote(file)}") for prefix in prefixes for file in files}
    assert {where: status for where, (status, _) in answers.items() if status < 400} == {}
    assert [secrets.find(body) for _, body in answers.values() if secrets.find(body)] == []
    assert _fetch(voila.url)[0] == 200


def _fetch(url: str) -> tuple[int, str]:
    """Status and body of one of Voilà's answers."""
    try:
        with urllib.request.urlopen(url, timeout=20) as response:  # noqa: S310  our own address
            return int(response.status), response.read().decode("utf-8", errors="replace")
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode("utf-8", errors="replace")
