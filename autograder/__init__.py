"""What an instructor runs: builds the course, grades a class."""

#: What students get of ``course``: these modules and folders. All else is the reference.
STUDENT_MODULES = ("__init__", "circuit_drawing", "cli", "datasets", "gradcheck")
STUDENT_FOLDERS = ("classroom", "data")
