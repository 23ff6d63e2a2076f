"""How long the figures of a year take from a SQLite store of 10,000 to 10,000,000 records, and how much memory.

Each year is made up inside SQLite, with the schema, indexes and triggers of a real store, and read in a process of its
own, timed after its imports: store → columns → frames → figures. DuckDB does the same aggregations twice: from a file
of its own with the same rows, and on the very frames. The growth exponent is the slope of log(processor seconds) over
log(records), which other programs disturb less than the clock; 1 is linear. Up to a million records the section is
built and verified too, each in a process of its own, and told on a line of its own. The last line is JSON:
{"seconds_1e6", "seconds_1e7", "ratio_to_duckdb", "peak_gb", "growth_exponent"}; the ratio is that of the whole way,
both from their own files, at the largest size. Arguments, if any, are the sizes to take instead, such as 10000 1000000.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time

import duckdb

from xuefa.demo import fill_in_report_settings
from xuefa.laws.catalogue import read_catalogue
from xuefa.records.record import Learner, Session, SessionKind
from xuefa.records.store import open_store
from xuefa.report.calendar import Calendar
from xuefa.report.figures import build_figures
from xuefa.report.frames import Frames, build_frames
from xuefa.report.options import ReportOptions
from xuefa.settings import TIME_ZONE, Settings, read_settings
from xuefa.workflows.report import build_report, verify_report

YEAR = 2022
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
MOST_OF_A_SECTION = 1_000_000
UNITS = 40
ANSWERS = """
INSERT INTO records (record_id, verb, occurred_at, source, learner_id, module, item_id, item_version, points,
                     max_points, response, seconds)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT :count)
SELECT printf('%012x7%03x%016x', at / 1000, i & 4095, 0x8000000000000000 | i), 'answered', at, 'notebook',
       printf('L%05d', abs(random()) % :people), 1 + i % 12, printf('%s-%04d', law, abs(random()) % 60),
       'a1b2c3d4e5f6', CASE WHEN i % 50 = 0 THEN NULL ELSE abs(random()) % 4 > 0 END, 1, 'B', 12.5
FROM (SELECT i, 1640966400000000 + i * 31535000000000 / :count + abs(random()) % 900000000 AS at,
             json_extract(:laws, '$[' || (abs(random()) % 14) || ']') AS law FROM n)
"""
SIGN_INS = """
INSERT INTO records (record_id, verb, occurred_at, source, learner_id, session_id)
SELECT printf('%012x7%03xa%015x', at / 1000, abs(random()) % 4096, abs(random()) >> 4),
       CASE WHEN abs(random()) % 20 = 0 THEN 'excused' ELSE 'signed_in' END, at, 'ledger', learner_id, session_id
FROM (SELECT e.learner_id, s.session_id, unixepoch(s.held_on) * 1000000 + 39600000000 + abs(random()) % 900000000 AS at
      FROM expected e JOIN sessions s USING (session_id) WHERE abs(random()) % 10 < 9 LIMIT :count)
"""
COUNTS = {
    "answers": "count(*), sum(is_marked::INT), sum(is_correct::INT)",
    "attendance": "count(*), sum(signed_in::INT), sum(excused::INT), sum(absent::INT)",
}
AGGREGATIONS = (
    ("answers", "count(DISTINCT learner_id), {counts}", ""),
    ("answers", "law, {counts}", "GROUP BY law"),
    ("answers", "unit, {counts}", "GROUP BY unit"),
    ("answers", "month, {counts}", "GROUP BY month"),
    ("attendance", "count(DISTINCT learner_id), count(*)", "WHERE is_study AND signed_in"),
    ("attendance", "unit, {counts}", "WHERE is_study AND expected GROUP BY unit"),
    ("attendance", "month, {counts}", "WHERE is_study AND expected GROUP BY month"),
    ("attendance", "learner_id, sum(minutes)", "WHERE is_study AND signed_in GROUP BY learner_id"),
)
LAWS = ("zdjc", "fzzf", "xzss", "fyzz", "xczx", "mfd", "xf", "xzcf", "xzqz", "xzxk", "xzfy", "gjpc", "gwy", "jcf")
DROPPED = """
SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'records' AND type IN ('index', 'trigger') AND sql <> ''
"""


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]), Path(sys.argv[3]))))
        return
    if sys.argv[1:2] == ["--duckdb"]:
        print(json.dumps(measure_duckdb(Path(sys.argv[2]))))
        return
    if sys.argv[1:2] == ["--section"]:
        print(json.dumps(measure_section(Path(sys.argv[2]), sys.argv[3])))
        return
    runs = {}
    for size in [int(text) for text in sys.argv[1:]] or SIZES:
        with tempfile.TemporaryDirectory() as folder:
            store, duck = Path(folder) / "xuefa.db", Path(folder) / "year.duckdb"
            made_in = make_store(store, size)
            ours = run_apart("--measure", store, duck)
            runs[size] = {**ours, **run_apart("--duckdb", duck)}
            section = (
                [(step, run_apart("--section", store, step)) for step in ("build", "verify")]
                if size <= MOST_OF_A_SECTION
                else []
            )
        run = runs[size]
        print(
            f"{size:>10,} 条（造数据 {made_in:.0f} 秒）：{run['seconds']:.2f} 秒 = 读 {run['read']:.2f} + "
            f"成表 {run['frames']:.2f} + 指标 {run['figures']:.2f}（处理器 {run['processor']:.2f} 秒），"
            f"内存最多 {run['peak_gb']:.2f} GB；"
            f"DuckDB 从自己的文件 {run['duckdb_file']:.3f} 秒，用同样的表 {run['duckdb_frames']:.3f} 秒",
            flush=True,
        )
        for step, took in section:
            print(
                f"{'':>10} xuefa report {step}：{took['seconds']:.1f} 秒（处理器 {took['processor']:.1f} 秒），"
                f"内存最多 {took['peak_gb']:.2f} GB",
                flush=True,
            )
    last = runs[max(runs)]
    print(f"指标一步是 DuckDB 用同样的表的 {last['figures'] / last['duckdb_frames']:.1f} 倍")
    print(
        json.dumps(
            {
                "seconds_1e6": seconds_of(runs, 1_000_000),
                "seconds_1e7": seconds_of(runs, 10_000_000),
                "ratio_to_duckdb": round(last["seconds"] / last["duckdb_file"], 1),
                "peak_gb": round(last["peak_gb"], 2),
                "growth_exponent": round(slope(runs), 2) if len(runs) > 1 else None,
            }
        )
    )


def make_store(path: Path, size: int) -> float:
    """A store of `size` records: 96 of 100 answers, the rest sign-ins and excuses; the seconds it took."""
    started = perf_counter()
    people = min(max(size // 500, 20), 5000)
    sign_ins = size // 25
    with open_store(f"sqlite:///{path}") as store:
        store.write_learners(
            Learner(
                learner_id=f"L{n:05d}",
                name=f"学员{n}",
                unit=f"单位{n % UNITS:02d}",
                post="干部",
                since=date(2020, 1, 1),
            )
            for n in range(people)
        )
        everyone = frozenset(f"L{n:05d}" for n in range(people))
        kinds = (SessionKind.EVENING, SessionKind.TWENTY_MINUTES, SessionKind.STUDY_GROUP)
        store.write_sessions(
            Session(
                session_id=f"S{n:03d}",
                held_on=date(YEAR, 1, 1) + timedelta(days=4 * n % 365),
                kind=kinds[n % 3],
                title=f"第{n}次学习",
                minutes=60,
                host="主持人甲",
                laws=("xzss", "mfd"),
                expected=everyone,
            )
            for n in range(-(-sign_ins // (people * 8 // 10)))
        )
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    dropped = connection.execute(DROPPED).fetchall()  # to put millions of rows in one by one would take an hour
    for kind, name, _ in dropped:
        connection.execute(f"DROP {kind} {name}")
    connection.execute("BEGIN")
    counted = connection.execute(SIGN_INS, {"count": sign_ins}).rowcount
    connection.execute(ANSWERS, {"count": size - counted, "people": people, "laws": json.dumps(LAWS)})
    connection.execute("COMMIT")
    for _, _, sql in dropped:
        connection.execute(sql)
    connection.close()
    return perf_counter() - started


def measure(path: Path, duck: Path) -> dict[str, float]:
    """Seconds of each step from the store to the figures, and the memory they took; leaves the rows for DuckDB."""

    catalogue = read_catalogue(read_settings(os.environ).question_bank_dir / "laws.yaml")
    calendar = Calendar(YEAR, TIME_ZONE)
    idle, started = process_time(), perf_counter()
    with open_store(f"sqlite:///{path}") as store:
        columns = store.read_columns(since=calendar.begins_at, until=calendar.ends_at)
        learners, sessions = store.read_learners(), store.read_sessions()
    read = perf_counter()
    frames = build_frames(
        records=columns,
        learners=learners,
        sessions=sessions,
        exam_results=(),
        catalogue=catalogue,
        year=YEAR,
        time_zone=TIME_ZONE,
    )
    del columns
    framed = perf_counter()
    figures = build_figures(frames, ReportOptions(unit="某县", year=YEAR))
    counted = perf_counter()
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    told = ", ".join(figures[name].text for name in ("answers", "accuracy", "attendance_rate", "hours_per_head"))
    print(told, file=sys.stderr)
    return {
        "seconds": counted - started,
        "processor": process_time() - idle,
        "read": read - started,
        "frames": framed - read,
        "figures": counted - framed,
        "peak_gb": peak_gb,
        "duckdb_frames": write_for_duckdb(frames, duck),
    }


def measure_section(store: Path, step: str) -> dict[str, float]:
    """Seconds and memory of `xuefa report build`, or of `verify` after it, on the site whose records are `store`."""
    project = read_settings(os.environ).project_dir
    settings = Settings(project, store.parent, f"sqlite:///{store}")
    settings.report_toml.parent.mkdir(exist_ok=True)
    text = (project / "reports" / "report.toml").read_text(encoding="utf-8")
    settings.report_toml.write_text(fill_in_report_settings(text), encoding="utf-8")
    idle, started = process_time(), perf_counter()
    if step == "build":
        build_report(settings=settings, year=YEAR)
    else:
        document = min(settings.report_output_dir.glob("*.docx"), key=lambda path: len(path.name))
        if not verify_report(settings=settings, file=document).ok:
            raise SystemExit("刚写出的报告核对不符")
    return {
        "seconds": perf_counter() - started,
        "processor": process_time() - idle,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
    }


def write_for_duckdb(frames: Frames, path: Path) -> float:
    """Keep answers and attendance in a DuckDB file; the seconds that its aggregations on the frames take."""
    answers = frames.answers[["month", "learner_id", "unit", "law", "is_marked", "is_correct"]]
    attendance = frames.attendance.drop(columns=["row_id", "name", "title"])
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET threads = 2")
        connection.register("answer_frame", answers)
        connection.register("attendance_frame", attendance)
        seconds = run_aggregations(connection, {"answers": "answer_frame", "attendance": "attendance_frame"})

        connection.execute("CREATE TABLE answers AS SELECT * FROM answer_frame")
        connection.execute("CREATE TABLE attendance AS SELECT * FROM attendance_frame")
    return seconds


def measure_duckdb(path: Path) -> dict[str, float]:
    """Seconds from opening DuckDB's own file to the last aggregation."""
    started = perf_counter()
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("SET threads = 2")
        run_aggregations(connection, {"answers": "answers", "attendance": "attendance"})

    return {"duckdb_file": perf_counter() - started}


def run_aggregations(connection: duckdb.DuckDBPyConnection, tables: dict[str, str]) -> float:
    started = perf_counter()
    for table, columns, rest in AGGREGATIONS:
        counted = columns.format(counts=COUNTS[table])
        query = f"SELECT {counted} FROM {tables[table]} {rest}"  # noqa: S608  every part stands above
        connection.execute(query).fetchall()
    return perf_counter() - started


def run_apart(*arguments: object) -> dict[str, float]:
    run = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True
    )
    result: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return result


def seconds_of(runs: dict[int, dict[str, float]], size: int) -> float | None:
    return round(runs[size]["seconds"], 2) if size in runs else None


def slope(runs: dict[int, dict[str, float]]) -> float:
    """The least-squares slope of log(processor seconds) over log(records)."""
    points = [(math.log(size), math.log(run["processor"])) for size, run in runs.items()]
    x_mean, y_mean = (sum(values) / len(points) for values in zip(*points, strict=True))
    covariance = sum((x - x_mean) * (y - y_mean) for x, y in points)
    exponent: float = covariance / sum((x - x_mean) ** 2 for x, _ in points)
    return exponent


if __name__ == "__main__":
    main()
