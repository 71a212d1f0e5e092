"""docs/settings.md is the truth: it names every variable and its default."""

from pathlib import Path

from src.core.settings import Settings

PAGE = Path(__file__).resolve().parents[3] / "docs" / "settings.md"


def rows() -> dict[str, str]:
    cells = [line.split("|") for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    return {row[1].strip(" `"): row[2].strip(" `") for row in cells}


def test_the_page_names_every_variable_and_no_other() -> None:
    assert set(rows()) == {field.alias for field in Settings.model_fields.values()}


def test_the_page_tells_the_defaults() -> None:
    told = rows()
    for field in Settings.model_fields.values():
        if isinstance(field.default, int | float):
            assert float(told[field.alias or ""]) == field.default
