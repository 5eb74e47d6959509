"""Settings of all tests: a busy machine makes no property false."""

from hypothesis import settings

settings.register_profile("course", deadline=None)
settings.load_profile("course")
