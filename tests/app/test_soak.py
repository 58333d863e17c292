"""A short soak of each screen; the long one is `python -m tests.benchmarks.soak`."""

from pathlib import Path

import pytest

from tests.app.soak import MODES, harmless, soak

KEYS, SEED = 50, 1


@pytest.mark.parametrize("screen", MODES)
async def test_whatever_is_pressed(home: Path, screen: str) -> None:
    with harmless(home):
        found = await soak(screen, KEYS, SEED, MODES.index(screen) % 2 == 0, home)
    assert not found.wrong, str(found)
