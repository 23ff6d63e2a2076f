"""The sheets of a ledger: their columns, what each says to the clerk, and the words that a cell may choose from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from xuefa.records.record import SESSION_KIND_NAMES, SessionKind, Verb

_QUOTES = re.compile(r"[“”‘’\"'\s]")

RowKind = Literal["session", "attendance", "fact"]

EVERYONE = frozenset({"全体", "全员", "全体人员", "全体干部", "全体干部职工", "全体职工", "全体乡干部", "全体机关干部"})
"""Words in a list of people that stand for all who are on the roster that day."""
SIGNED_IN_WORDS = frozenset({"签到", "已签到", "实到", "到会", "到", "出席", "参加", "√", "✓"})
EXCUSED_WORDS = frozenset({"请假", "事假", "病假", "公假"})
ABSENT_WORDS = frozenset({"缺席", "缺勤", "未到", "×"})
TOTAL_WORDS = frozenset({"合计", "总计", "共计", "小计"})
"""What the first cell of a row says that sums up the others."""
SESSION_KIND_WORDS: dict[str, SessionKind] = {
    **{name: kind for kind, name in SESSION_KIND_NAMES.items()},
    "夜学": SessionKind.EVENING,
    "学法二十分": SessionKind.TWENTY_MINUTES,
    "理论学习中心组学习": SessionKind.STUDY_GROUP,
    "研讨": SessionKind.SEMINAR,
    "讲座": SessionKind.LECTURE,
    "培训": SessionKind.LECTURE,
}
"""What a clerk writes for the kind of a session; Chinese and straight quotes count as one."""


@dataclass(frozen=True, kw_only=True)
class LedgerKind:
    """One sheet: a row of it is a session, the attendance of one, or a single fact (a record with `verb`).

    A file must have `columns` in its header and may have `optional` ones; the cells of `needed` must be filled.
    `title_column` holds what the session or the record is called.
    """

    name: str
    row_kind: RowKind
    purpose: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    needed: tuple[str, ...]
    title_column: str = "主题"
    host_column: str = "主持人"
    session_kind: SessionKind | None = None
    verb: Verb | None = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def all_columns(self) -> tuple[str, ...]:
        return (*self.columns, *self.optional)


LEDGER_KINDS: tuple[LedgerKind, ...] = (
    LedgerKind(
        name="集中学习",
        row_kind="session",
        purpose="一场学习填一行；应到人员不填就是当天在册的全体，几个人用顿号隔开。",
        columns=("日期", "形式", "主题", "时长"),
        optional=("主持人", "学习的法律", "应到人员"),
        needed=("日期", "形式", "主题", "时长"),
        choices={"形式": ("干部夜学", "学法二十分", "中心组学习")},
    ),
    LedgerKind(
        name="学习研讨",
        row_kind="session",
        purpose="一场研讨填一行；提交了发言材料的人另填在“提交材料人员”一栏。",
        columns=("日期", "主题", "时长", "参加人员", "提交材料人员"),
        optional=("主持人", "学习的法律"),
        needed=("日期", "主题", "时长"),
        session_kind=SessionKind.SEMINAR,
    ),
    LedgerKind(
        name="旁听庭审",
        row_kind="session",
        purpose="一次旁听填一行；案件只写案由，不写当事人姓名。",
        columns=("日期", "案件", "时长", "带队人", "参加人员"),
        optional=("学习的法律",),
        needed=("日期", "案件", "时长"),
        title_column="案件",
        host_column="带队人",
        session_kind=SessionKind.COURT_VISIT,
    ),
    LedgerKind(
        name="讲座培训",
        row_kind="session",
        purpose="一次讲座或者培训填一行。",
        columns=("日期", "主题", "时长", "主讲人", "参加人员"),
        optional=("学习的法律",),
        needed=("日期", "主题", "时长"),
        host_column="主讲人",
        session_kind=SessionKind.LECTURE,
    ),
    LedgerKind(
        name="签到请假",
        row_kind="attendance",
        purpose="照纸质签到表填；同一场的人可以写在一格里用顿号隔开，当天只有一场时主题可以不填。",
        columns=("日期", "主题", "姓名", "情况"),
        optional=("单位",),
        needed=("日期", "姓名", "情况"),
        choices={"情况": ("签到", "请假")},
    ),
    LedgerKind(
        name="心得体会",
        row_kind="fact",
        purpose="一篇填一行；这里只记篇数，正文留在原处。",
        columns=("日期", "姓名", "题目"),
        optional=("单位",),
        needed=("日期", "姓名", "题目"),
        title_column="题目",
        verb=Verb.REFLECTED,
    ),
    LedgerKind(
        name="推送",
        row_kind="fact",
        purpose="利用微信群、公众号推送一次填一行。",
        columns=("日期", "内容"),
        needed=("日期", "内容"),
        title_column="内容",
        verb=Verb.PUBLISHED,
    ),
    LedgerKind(
        name="执法考试通过",
        row_kind="fact",
        purpose="只填正式执法资格考试的通过情况，一人一行；模拟考试不填在这里。",
        columns=("日期", "姓名", "考试"),
        optional=("单位",),
        needed=("日期", "姓名"),
        title_column="考试",
        verb=Verb.CERTIFIED,
    ),
)
"""In the order of the template, which is also that of reading: sessions come before their attendance."""

NOTES: tuple[tuple[str, str], ...] = (
    ("日期", "如 2026-03-10；也认得 2026/3/10、2026年3月10日，只写 3月10日 的按导入时的年度算"),
    ("时长", "以分钟计，如 90；也认得“1.5小时”"),
    ("姓名、人员", "照名册写；同名的人改写编号，或者在“单位”一栏写明单位；当天在册的全体可以写“全体”"),
    ("学习的法律", "写全称或者简称，几部用顿号隔开；要在本工具的法律目录里"),
    ("没有的内容", "没有的工作表空着就可以；表头不要改，各列的先后可以换，别的列会略过"),
    ("导入", "运行 xuefa ledger import 文件名 先看会登记什么，确认后加 --write；也可以在统计人员工作台里导入"),
)
"""What stands on the sheet 填写说明: the column, and how to fill it in."""


def parse_session_kind(text: str) -> SessionKind | None:
    """The kind of session that the words name, or None."""
    words = {_QUOTES.sub("", name): kind for name, kind in SESSION_KIND_WORDS.items()}
    return words.get(_QUOTES.sub("", text))
