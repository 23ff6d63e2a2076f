"""Paths and the database URL of one township, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from xuefa.errors import Finding, MissingPartError

TIME_ZONE = ZoneInfo("Asia/Shanghai")
"""Where every township is: days, months and years are counted in it."""


@dataclass(frozen=True)
class Settings:
    """Where the kit finds its content and keeps what its users make.

    `project_dir` holds the content that comes with the kit (`notebooks/`, `question_bank/`, `grading/blueprints/`,
    `reports/`).
    `site_dir` holds what one township makes (`data/`, the nbgrader course, `reports/output/`); it is the project itself
    unless told otherwise. The demo has a site of its own.
    """

    project_dir: Path
    site_dir: Path
    database_url: str

    @property
    def question_bank_dir(self) -> Path:
        return self.project_dir / "question_bank"

    @property
    def notebooks_dir(self) -> Path:
        return self.project_dir / "notebooks"

    @property
    def blueprints_dir(self) -> Path:
        return self.project_dir / "grading" / "blueprints"

    @property
    def course_config(self) -> Path:
        """The nbgrader configuration that comes with the kit; a course takes a copy of it when it is begun."""
        return self.project_dir / "grading" / "nbgrader_config.py"

    @property
    def report_recipe(self) -> Path:
        return self.project_dir / "reports" / "study_section.py"

    @property
    def report_toml(self) -> Path:
        return self.site_dir / "reports" / "report.toml"

    @property
    def report_output_dir(self) -> Path:
        return self.site_dir / "reports" / "output"

    @property
    def report_basis_dir(self) -> Path:
        """What the numbers of each written section rested on, kept beside the records."""
        return self.data_dir / "report_basis"

    @property
    def course_dir(self) -> Path:
        """Root of the nbgrader course: source/, release/, submitted/, autograded/, feedback/, gradebook.db."""
        return self.site_dir / "grading"

    @property
    def data_dir(self) -> Path:
        return self.site_dir / "data"

    @property
    def statutes_dir(self) -> Path:
        """Statute texts that the user imported with `xuefa law add`."""
        return self.data_dir / "statutes"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables.

    XUEFA_PROJECT (default: the checkout this package lies in), XUEFA_SITE (default: the project),
    XUEFA_DATABASE_URL (default: SQLite in the site's `data/`).

    Raises MissingPartError if the project folder holds no question bank.
    """
    project_dir = Path(environ.get("XUEFA_PROJECT") or Path(__file__).parents[2]).resolve()
    if not (project_dir / "question_bank" / "laws.yaml").is_file():
        raise MissingPartError(
            Finding(
                place=str(project_dir),
                fault="这里不是学法项目的文件夹，找不到 question_bank/laws.yaml",
                fix="请在项目文件夹里运行，或者用环境变量 XUEFA_PROJECT 指明项目文件夹",
            )
        )
    return site_settings(
        project_dir=project_dir,
        site_dir=Path(environ.get("XUEFA_SITE") or project_dir).resolve(),
        database_url=environ.get("XUEFA_DATABASE_URL"),
    )


def site_settings(*, project_dir: Path, site_dir: Path, database_url: str | None = None) -> Settings:
    """The settings of a site at `site_dir`; without a URL its records are SQLite at `data/xuefa.db`."""
    return Settings(
        project_dir=project_dir,
        site_dir=site_dir,
        database_url=database_url or f"sqlite:///{(site_dir / 'data' / 'xuefa.db').as_posix()}",
    )
