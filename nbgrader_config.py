"""nbgrader's settings for this course: where things are, and our plug-ins."""

import os
import sysconfig
from pathlib import Path

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "backpropagation"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"

# Where nbgrader hands out and collects. A folder of this course alone, until there is one that
# students can reach: docs/grading.md says how it is set up.
c.Exchange.root = str(Path(__file__).resolve().parent / "exchange")

# Nothing that a student puts into the exchange is followed, or keeps others from being collected.
c.ExchangeFactory.collect = "autograder.exchange.Collect"

# For a new gradebook nbgrader starts the program `alembic`, which stands beside it.
os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])

# nbgrader's own list, with NamedStubs for ClearSolutions, and a SaveCells that names no kernel.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "autograder.preprocessors.NamedStubs",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "autograder.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Every submission gets a score, in whatever state it is handed in.
c.Autograde.exporter_class = "autograder.preprocessors.SubmissionExporter"
# Repair rebuilds the notebook from the gradebook's cells: nbgrader's OverwriteCells and
# CheckCellMetadata would find nothing to do, and cost more than all else together.
c.Autograde.sanitize_preprocessors = ["autograder.preprocessors.Repair"]
c.Autograde.autograde_preprocessors = [
    "autograder.preprocessors.Run",
    "nbgrader.preprocessors.IgnorePattern",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.preprocessors.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]
c.Run.cell_seconds = 20
c.Run.call_seconds = 5  # for one call of a function of the student

# In the formgrader and in feedback, nothing that a student wrote can run or load anything.
c.HTMLExporter.preprocessors = ["autograder.pages.Plain"]
c.HTMLExporter.filters = {"markdown2html": "autograder.pages.markdown_to_html"}

# The student's page says if it was late.
c.GenerateFeedback.preprocessors = [
    "autograder.preprocessors.ShowGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

# grades.csv with a column that says why.
c.ExportApp.plugin_class = "autograder.reports.GradesWithReasons"
