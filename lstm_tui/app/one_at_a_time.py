"""Keys that come in one packet act as if they had been typed one after another.

Over a slow line a few keys arrive together. Textual hands each to the widget that has the focus, and the next at once,
while the first still waits in that widget's queue: what is typed right after the Enter that opens a field, after `/`,
or after the digit of another screen would go where the focus was, and there `x` deletes and `q` quits. So a key waits
here until what the one before it set off has been handled. A paste keeps its place among the keys; mouse and sizes do
not wait.

How that is seen: a callback goes the way that the key goes, from the widget up to the App, through the same queues and
right behind it. When it comes to the App, the key has been handled, its action too. It goes round once more, from
where the focus is by then, as long as messages wait anywhere on the screen, and after the first picture of a screen
that was not there before. Threads are not waited for, nor timers.

Other ways: to await the widget in `App.on_event` would wait for ever, as the App's own queue runs the key's action. To
ask every widget whether it is done, as the tests do, takes longer than many a key. A message that bubbles, in place of
the callback, is lost where the key closes a dialog. Of Textual's private names this needs none.

It knows neither screens nor what a key does.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen

# A key is followed for so many rounds: messages that never end, as of a text that is written, do not hold the next.
_ROUNDS = 10
# Nor does a handler that waits for something else, such as an answer, for longer than so many ticks. No span of time:
# while a module is imported the loop stands still, and a key must not come too early for that.
_TICKS = 8
_TICK_SECONDS = 0.02

Typed = events.Key | events.Paste


class OneAtATimeApp(App[None]):
    """See the module.

    Attributes:
        held: the keys whose turn has not come.
    """

    def __init__(self, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.held: deque[Typed] = deque()
        self._handled: Typed | None = None  # the one that is followed
        self._rounds = self._ticks = 0

    def on_mount(self) -> None:
        self._ticker = self.set_interval(_TICK_SECONDS, self._tick, pause=True)

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, Typed) or event.is_forwarded:
            await super().on_event(event)
            return
        self.held.append(event)
        if self._handled is None:
            await self._next()
        else:
            self._ticker.resume()

    async def _next(self) -> None:
        """Let those whose turn it is go, up to the first that must be followed."""
        self._handled = None
        while self.held and self._handled is None:
            await self._dispatch(self.held.popleft())
        if not self.held:
            self._ticker.pause()

    async def _dispatch(self, event: Typed) -> None:
        """Let Textual hand it to the widget that has the focus, and follow it; but what a field takes as text sets
        nothing off that the next could miss."""
        screen, field = self.screen, self.focused
        text = isinstance(event, events.Key) and field and field.check_consume_key(event.key, event.character)
        await super().on_event(event)
        if not text:
            self._handled, self._rounds, self._ticks = event, 0, 0
            self._follow(event, screen, (self.focused or screen).ancestors_with_self)

    def _follow(self, event: Typed, screen: Screen[Any], way: Sequence[MessagePump]) -> None:
        """Go on to the next on the way, the App at last; what has closed since takes no callback and is passed over."""
        for place, pump in enumerate(way, 1):
            then = self._follow if place < len(way) else self._come
            if pump.call_later(then, event, screen, way[place:]):
                break

    async def _come(self, event: Typed, screen: Screen[Any], _: object) -> None:
        """At the App: go round once more, or let the next have its turn."""
        if event is not self._handled:  # it took too long
            return
        self._rounds += 1
        now = self.screen
        way = (self.focused or now).ancestors_with_self
        if now is not screen:
            now.call_after_refresh(self._follow, event, now, way)
        elif self._rounds < _ROUNDS and any(it.message_queue_size for it in (self, now, *now.walk_children())):
            self._follow(event, now, way)
        else:
            await self._next()

    async def _tick(self) -> None:
        self._ticks += 1
        if self._ticks == _TICKS:
            await self._next()
