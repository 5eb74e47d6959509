"""What an instructor runs: builds the course, grades a class."""
