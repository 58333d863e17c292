"""Python's search for garbage, kept short. Nothing else switches it.

It stops every thread, and once PyTorch is there a search of all 450,000 objects takes 60 to 370 ms: keys would wait for
it. What libraries make when they are imported stays until the end anyway, and is not worth a look.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def opening() -> None:
    """Look for none until `opened`: what is made for the first picture stays, and would be looked through each time."""
    gc.disable()


def opened() -> None:
    """The first picture stands."""
    gc.enable()


@contextmanager
def importing() -> Iterator[None]:
    """Look for none meanwhile (PyTorch is imported in three quarters of the time so), and at what is there by then
    not any more. Only the first time: later, what is there may be a model, and shall go."""
    if gc.get_freeze_count():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
