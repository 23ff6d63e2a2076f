from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from xuefa.bank.reader import read_bank
from xuefa.demo import make_year
from xuefa.errors import BadInputError
from xuefa.records.record import SessionKind, Verb
from xuefa.records.store import open_store
from xuefa.settings import Settings, site_settings
from xuefa.workflows.demonstration import demo_settings, run_demo
from xuefa.workflows.report import StudySection, verify_report


@pytest.fixture(scope="module")
def project_copy(project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The project's content in a folder of its own, so that the demo's site is made there."""
    copy = tmp_path_factory.mktemp("project")
    for name in ("notebooks", "question_bank", "reports"):
        shutil.copytree(project_dir / name, copy / name, ignore=shutil.ignore_patterns("output"))
    (copy / "grading").mkdir()
    shutil.copytree(project_dir / "grading" / "blueprints", copy / "grading" / "blueprints")
    shutil.copy(project_dir / "grading" / "nbgrader_config.py", copy / "grading")
    (copy / "data").mkdir()
    (copy / "data" / "xuefa.db").write_bytes(b"what the user keeps")
    return site_settings(project_dir=copy, site_dir=copy)


@pytest.fixture(scope="module")
def built(project_copy: Settings) -> StudySection:
    return run_demo(settings=project_copy, say=lambda _: None)


def test_the_made_up_year_holds_what_the_townships_report_tells_of(project_dir: Path) -> None:
    year = make_year(read_bank(project_dir / "question_bank"), seed=2022)
    kinds = Counter(session.kind for session in year.sessions)
    verbs = Counter(record.verb for record in year.records)
    assert len(year.learners) == 30
    assert kinds[SessionKind.SEMINAR] == 2
    assert sum(kinds.values()) - kinds[SessionKind.SEMINAR] == 10
    assert {slug for session in year.sessions for slug in session.laws} == {"zdjc", "xzss", "fzzf", "fyzz", "xczx"}
    assert verbs[Verb.REFLECTED] + verbs[Verb.PRESENTED] > 20
    assert verbs[Verb.PUBLISHED] > 10
    assert verbs[Verb.CERTIFIED] == 8
    assert all(learner.name == learner.learner_id for learner in year.learners)


def test_nobody_is_taught_a_law_before_it_is_in_force(project_dir: Path) -> None:
    bank = read_bank(project_dir / "question_bank")
    for session in make_year(bank, seed=2022).sessions:
        for slug in session.laws:
            assert bank.catalogue[slug].in_force_from <= session.held_on


def test_another_seed_makes_another_year_of_the_same_shape(project_dir: Path) -> None:
    bank = read_bank(project_dir / "question_bank")
    one, other = make_year(bank, seed=1), make_year(bank, seed=2)
    assert one.records != other.records
    assert one.sessions == other.sessions


def test_the_section_states_the_reports_figures_as_the_records_hold_them(
    built: StudySection, project_copy: Settings
) -> None:
    with open_store(demo_settings(project_copy).database_url) as store:
        verbs = Counter(record.verb for record in store.read_records())
    text = built.markdown.read_text(encoding="utf-8")
    for stated in (
        "法律法规文件10次",
        f"撰写心得体会、研讨材料{verbs[Verb.REFLECTED] + verbs[Verb.PRESENTED]}篇",
        "学习研讨活动2次",
        f"学习内容{verbs[Verb.PUBLISHED]}次",
        "8名干部通过执法考试",
        "应考14人，实考12人，缺考2人",
    ):
        assert stated in text
    assert "学员" not in text.replace("全体学员", "")


def test_the_demo_run_again_gives_the_same_section(built: StudySection, project_copy: Settings) -> None:
    first = built.markdown.read_text(encoding="utf-8")
    again = run_demo(settings=project_copy, say=lambda _: None)
    assert again.markdown.read_text(encoding="utf-8") == first


def test_the_demo_leaves_the_users_own_data_alone(built: StudySection, project_copy: Settings) -> None:
    assert built.document.is_relative_to(project_copy.project_dir / "demo")
    assert (project_copy.data_dir / "xuefa.db").read_bytes() == b"what the user keeps"
    made = {path.name for path in project_copy.project_dir.iterdir()}
    assert made == {"data", "demo", "grading", "notebooks", "question_bank", "reports"}
    assert {path.name for path in (project_copy.project_dir / "grading").iterdir()} == {
        "blueprints",
        "nbgrader_config.py",
    }


def test_the_demos_section_verifies_against_its_records(built: StudySection, project_copy: Settings) -> None:
    verification = verify_report(settings=demo_settings(project_copy), file=built.document)
    assert verification.findings == ()
    assert verification.ok


def test_a_bank_with_a_fault_stops_the_demo_before_anything_is_made(project_copy: Settings, tmp_path: Path) -> None:
    for name in ("notebooks", "question_bank", "reports"):
        shutil.copytree(project_copy.project_dir / name, tmp_path / name)
    bad = tmp_path / "question_bank" / "xzss.yaml"
    bad.write_text(bad.read_text(encoding="utf-8").replace("六个月", "九个月"), encoding="utf-8")
    with pytest.raises(BadInputError):
        run_demo(settings=site_settings(project_dir=tmp_path, site_dir=tmp_path), say=lambda _: None)
    assert not (tmp_path / "demo").exists()
