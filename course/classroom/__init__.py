"""What a student sees: exercises, their marking, reports, pictures."""
