"""nbgrader's settings for this course: where things are, and our plug-ins."""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "backpropagation"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
