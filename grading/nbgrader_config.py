"""The nbgrader course of xuefa: its root is the folder this file lies in, wherever that is."""

from pathlib import Path

c = get_config()  # noqa: F821  nbgrader puts this name here when it reads the file

c.CourseDirectory.root = str(Path(__file__).parent)
c.CourseDirectory.course_id = "xuefa"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".*.tmp"]

# What stands in an essay's cell until it is answered.
c.ClearSolutions.text_stub = "（在答题卡里作答）"

# `nbgrader autograde` and formgrader's button mark as `xuefa exam mark` does: the first one stands where nbgrader has
# Execute, and runs nothing that a learner sent; the others are nbgrader's own, in their order.
c.Autograde.autograde_preprocessors = [
    "xuefa.exam.preprocessor.FillMarkedCells",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# `nbgrader generate_feedback` and formgrader's button write the page that `xuefa exam feedback --without-keys` writes;
# a trainer who wants keys in it adds: c.FeedbackExporter.keys = "shown"
c.GenerateFeedback.exporter_class = "xuefa.exam.feedback.exporter.FeedbackExporter"

# `nbgrader export` writes a Chinese CSV that Excel reads, with 缺考 where nobody came.
c.ExportApp.plugin_class = "xuefa.exam.export.ScoresCsvPlugin"

c.NbGraderAPI.timezone = "Asia/Shanghai"
c.NbGraderAPI.timestamp_format = "%Y-%m-%d %H:%M"
