"""The trainer's 夜学 tab without a browser: its forms filled in, its buttons pressed, its wall kept up to date."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.integration.test_session_evening import UNITS, make_person, sign_in
from tests.integration.test_workbench import Trainer
from xuefa.records.evening import Pin
from xuefa.records.store import Store, open_store
from xuefa.settings import Settings
from xuefa.study.qr_code import render_qr_uri
from xuefa.workbench import wall as wall_module
from xuefa.workbench.wall import Wall
from xuefa.workflows.site import today

TAB = 8


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings.database_url) as store:
        store.write_learners(make_person(number) for number in (1, 2, 3))
        yield store


@pytest.fixture
def trainer(settings: Settings, store: Store) -> Trainer:
    assert store.read_learners()
    return Trainer(settings)


def find_wall(trainer: Trainer) -> Wall:
    return next(one for one in trainer.parts(TAB) if isinstance(one, Wall))


def open_evening(trainer: Trainer) -> str:
    trainer.field("学习的法律", tab=TAB).value = ("行政诉讼法",)
    trainer.field("主持人", tab=TAB).value = "学员01"
    return trainer.press("开场", tab=TAB)


def wait_for(wall: Wall, **expected: object) -> None:
    give_up_at = time.monotonic() + 20
    while any(wall.view.get(name) != value for name, value in expected.items()) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    assert {name: wall.view.get(name) for name in expected} == expected


def test_a_trainer_opens_follows_and_closes_an_evening_with_buttons_alone(
    trainer: Trainer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall_module, "SECONDS_BETWEEN_LOOKS", 0.1)
    wall = find_wall(trainer)
    assert wall.view == {}
    shown = open_evening(trainer)
    assert "已开场：学习《行政诉讼法》，应到 3 人" in shown
    (opening,) = store.read_openings()
    address = wall.view["address"]
    assert (wall.view["code"], wall.view["qr"]) == (opening.code, render_qr_uri(address))
    wait_for(wall, expected=3, signed_in=0, missing=3, is_open=True)

    sign_in(store, opening.session_id, "L01")
    wait_for(wall, signed_in=1, missing=2, newest=["学员01"])
    trainer.field("请假的人", tab=TAB).value = "L02"
    trainer.field("原因", tab=TAB).value = "下村值班"
    assert "请假 1 人" in trainer.press("登记请假", tab=TAB)
    wait_for(wall, excused=1, missing=1)
    assert "下村值班" in trainer.press("看名单", tab=TAB)
    assert [value for _, value in trainer.field("请假的人", tab=TAB).options] == ["L03"]

    assert "已收场" in trainer.press("收场", tab=TAB)
    wait_for(wall, is_open=False)
    assert "下载 签到表_" in trainer.press("写出签到表", tab=TAB)
    assert "请按“更正登记错的一场”" in trainer.press("删去这一场", tab=TAB)
    assert "已开场" in trainer.press("接着开这一场，显示大屏", tab=TAB)
    assert store.read_openings()[0].code == opening.code


def test_a_session_opened_by_mistake_is_removed_and_its_form_can_be_used_again(trainer: Trainer, store: Store) -> None:
    open_evening(trainer)
    assert f"已删去 {today()}-1" in trainer.press("删去这一场", tab=TAB)
    assert store.read_sessions() == ()
    assert "还没有登记过学习活动" in trainer.press("看名单", tab=TAB)
    assert "已开场" in open_evening(trainer)


def test_a_session_that_people_signed_in_to_is_put_right_in_the_form(trainer: Trainer, store: Store) -> None:
    open_evening(trainer)
    (session,) = store.read_sessions()
    sign_in(store, session.session_id, "L01")
    assert trainer.field("正确的主题", tab=TAB).value == "学习《行政诉讼法》"
    assert trainer.field("正确的法律", tab=TAB).value == ("行政诉讼法",)
    assert "和现在的一样，没有要改的" in trainer.press("更正", tab=TAB)

    trainer.field("正确的主题", tab=TAB).value = "学习《行政处罚法》"
    trainer.field("正确的法律", tab=TAB).value = ("行政处罚法",)
    trainer.field("不该应到的人", tab=TAB).value = "学员03、L02"
    planned = trainer.press("看会改什么", tab=TAB)
    assert "主题由“学习《行政诉讼法》”改为“学习《行政处罚法》”" in planned
    assert "去掉学员02、学员03，由 3 人改为 1 人" in planned
    assert "没有写原因" in trainer.press("更正", tab=TAB)
    assert store.read_sessions() == (session,)

    trainer.field("更正的原因", tab=TAB).value = "开场时选错了法律"
    trainer.field("更正人", tab=TAB).value = "学员01"
    assert "已更正：主题由" in trainer.press("更正", tab=TAB)
    right = replace(session, title="学习《行政处罚法》", laws=("xzcf",), expected=frozenset({"L01"}))
    assert store.read_sessions() == (right,)
    assert "应到 1 人，签到 1 人" in trainer.press("看名单", tab=TAB)
    assert trainer.field("更正的原因", tab=TAB).value == ""


def test_only_the_chosen_units_and_people_are_expected(trainer: Trainer, store: Store) -> None:
    trainer.field("应到的单位", tab=TAB).value = (UNITS[0],)
    trainer.field("另外应到的人", tab=TAB).value = "学员01、L02"
    open_evening(trainer)
    assert store.read_sessions()[0].expected == {"L01", "L02"}


def test_a_forgotten_pin_is_reset(trainer: Trainer, store: Store) -> None:
    assert "这一步没有做成" in trainer.press("重设密码", tab=TAB)
    store.write_pin(Pin(learner_id="L02", hash="scrypt$2$1$1$00$00", set_at=datetime.now(UTC)))
    trainer.press("看名单", tab=TAB)  # any work reads the lists anew
    trainer.field("忘了密码的人", tab=TAB).value = "L02"
    assert "学员02的密码已删去" in trainer.press("重设密码", tab=TAB)
    assert store.read_pin_holders() == {}


def test_a_form_without_host_or_subject_opens_nothing(trainer: Trainer, store: Store) -> None:
    assert "没有选法律，也没有写主题" in trainer.press("开场", tab=TAB)
    trainer.field("主题", tab=TAB).value = "讲座"
    assert "没有写主持人" in trainer.press("开场", tab=TAB)
    assert store.read_sessions() == ()


def test_the_wall_takes_no_state_from_a_page(trainer: Trainer) -> None:
    wall = find_wall(trainer)
    open_evening(trainer)
    before = dict(wall.view)
    wall._handle_msg({"content": {"data": {"method": "update", "state": {"view": {"code": "000000"}}}}, "buffers": []})
    assert wall.view["code"] == before["code"]
