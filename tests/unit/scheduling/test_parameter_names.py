import pytest

from src.core.errors import Misconfigured
from src.domain.entry import Entry
from src.scheduling.catalog import CATALOG
from src.scheduling.parameter_names import check_names, names_of


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.name)
def test_every_entry_of_the_catalog_has_known_names_and_takes_its_parameters(entry: Entry) -> None:
    assert names_of(entry.runner, entry.target) is not None
    check_names(entry.runner, entry.target, entry.parameters)


def test_a_wrong_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        Misconfigured, match=r"parameters: quality.check takes no 'day_back'; did you mean days_"
    ):
        check_names("celery", "quality.check", {"day_back": 1})


def test_an_unknown_target_is_left_alone() -> None:
    check_names("celery", "no.such.task", {"anything": 1})
    check_names("prefect", "no-such-deployment", {"anything": 1})
