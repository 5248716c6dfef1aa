"""The version and the address of the project, each in one place; pyproject.toml reads the version from here."""

__version__ = "0.1.0"
PROJECT_URL = "https://github.com/org/hub-action"
