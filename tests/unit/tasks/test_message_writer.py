from typing import Any

from celery.utils.saferepr import saferepr
from hypothesis import given
from hypothesis import strategies as st

from src.tasks.message_writer import describe

words = st.text(alphabet="ab-9'\"\\é %", max_size=70) | st.text(alphabet="ab-9", max_size=70)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(words, values, max_size=12), st.integers(20, 1024), st.integers(1, 4))
def test_arguments_are_described_as_celery_describes_them(
    parameters: dict[str, Any], maxlen: int, maxlevels: int
) -> None:
    assert describe(parameters, maxlen, maxlevels) == saferepr(parameters, maxlen=maxlen, maxlevels=maxlevels)
