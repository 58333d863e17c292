"""Waiting for an app in a test: until it has done what follows from a key, and no longer.

Textual's own way is to watch the process's clock until next to nothing is computed. That takes at least 40 ms for a
key, and up to two seconds beside a thread that works, which it does not wait for anyway.
"""

import asyncio
import contextlib
import time

from textual._context import NoActiveAppError, active_app
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen


async def quiet(_min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Let the app run until no message waits, none is being handled, and nothing is left to be drawn."""
    try:
        app: App[object] = active_app.get()
    except (LookupError, NoActiveAppError):
        await asyncio.sleep(0)
        return
    end, calm = time.monotonic() + max_sleep, 0
    while calm < 2 and app.is_running and not app._exit and time.monotonic() < end:
        nodes = _nodes(app)
        await _handled(nodes, end - time.monotonic())
        _draw(app)
        await asyncio.sleep(0)
        calm = calm + 1 if all(node._message_queue.empty() for node in nodes) and not _waiting(app) else 0


def _nodes(app: App[object]) -> list[MessagePump]:
    with contextlib.suppress(Exception):  # it is closing, and has no screen any more
        return [app, *app.screen_stack, *app.screen.walk_children()]
    return [app]


async def _handled(nodes: list[MessagePump], seconds: float) -> None:
    """Every one of them has come to an end with what it is doing now."""
    event, left = asyncio.Event(), 0

    def one() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            event.set()

    left = sum(node.call_later(one) for node in nodes)
    if left:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), max(0.01, min(seconds, 0.5)))


def _draw(app: App[object]) -> None:
    """What a screen does sixty times a second: draw, and then call what waits for that."""
    with contextlib.suppress(Exception):
        app.screen._on_timer_update()


def _waiting(app: App[object]) -> bool:
    screen: Screen[object] = app.screen
    return bool(screen._callbacks or screen._dirty_widgets)
