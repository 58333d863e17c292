"""How a value stands in a table."""

import pytest

from lstm_tui.tables import cell


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *((0.1906, "0.191"), (1.589, "1.589"), (3.0, "3.000"), (0.0, "0.000"), (-0.152, "-0.152")),
        *((0.00025, "0.00025"), (42.63, "42.63"), (1234.5, "1,234"), (123595, "123,595"), (None, "")),
    ],
)
def test_losses_have_three_decimals(value: object, shown: str) -> None:
    assert cell(value) == shown
