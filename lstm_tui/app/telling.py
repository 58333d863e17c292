"""What the Generate screen and its list of texts say in words: titles, figures, how a text was written. Pure."""

import time
from collections.abc import Mapping
from typing import Any

from lstm_tui.app.dials import Dials
from lstm_tui.app.widgets.glyphs import glyphs
from lstm_tui.app.writing import Writing
from lstm_tui.errors import no_control_characters
from lstm_tui.runs.generations import Output
from lstm_tui.sections import SamplingConfig

NO_RUNS = "There is no model yet. Choose a text (1) and train it (t): it can write as soon as it has saved."
ADVICE = (
    "Type the beginning of a text below; Enter lets the model go on.\n\n"
    "Esc leaves the prompt: then o chooses another run, c its best or last weights, and b reads what it wrote before."
)
IN_PROMPT = "Letters are text in the prompt. Enter writes; Esc leaves it, and then every setting has the key before it."
KEYS = (
    "n  another, new seed\n"
    "a  again, same seed\n"
    "*  keep    b  all texts\n"
    "y  copy    Y  as a command\n"
    "w  save    r  random slice\n"
    "p  prompt  o  another run\n"
    "up scrolls, End follows"
)


def note(dials: Dials, here: str, writing: Writing | None) -> tuple[str, bool]:
    """What stands beside a text, and whether it is pressing: what is wrong, what of the dials waits for the next text,
    what the model does not know of the prompt; else what is `here`, or what of the text is copied, and the keys.
    """
    way = dials.way
    waits = writing.way.needs_another_text(way) if way and writing and writing.busy else ""
    unknown = writing.source.unknown_note if writing and writing.source else ""
    waiting = f"{waits[:1].upper()}{waits[1:]} will count for the next text: a begins it." if waits else ""
    pressing = dials.problem or waiting or unknown
    copy = copied(writing) if writing else ""
    return pressing or here or (f"{copy}\n\n{KEYS}" if copy else KEYS), bool(pressing)


def title(name: str, rest: str, room: int) -> str:
    """`name · rest` in so many columns: where there is no room the name is shortened, in its middle."""
    rest = f" {glyphs().separator} {rest}" if rest else ""
    name, left = no_control_characters(name, keep=""), room - len(rest)
    if len(name) > left:
        kept = max(left - 1, 2)
        name = name[: kept // 2] + glyphs().ellipsis + name[len(name) - (kept - kept // 2) :]
    return name + rest


def figures(writing: Writing, tokens: str) -> list[tuple[str, str]]:
    """How far a text is, how fast, and how likely the model itself found it; `tokens`: what they are called."""
    source = writing.source
    if source is None:
        return []
    speed, longest = source.tokens_per_second, writing.longest
    rows = [
        (tokens, f"{source.tokens:,}"),
        ("chars/s" if tokens == "characters" else "tokens/s", f"{speed:,.0f}" if speed else ""),
        ("nats/char", _nats(source.nats_per_character)),
        ("longest copy", f"{longest[1].length:,}" if longest else ""),
        ("seed used", str(source.seed)),
    ]
    if tokens != "characters":
        rows.insert(2, ("nats/token", _nats(source.nats_per_token)))
    return rows


def _nats(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def copied(writing: Writing) -> str:
    """The longest stretch of what was written that stands in what was learnt; or ""."""
    if writing.longest is None:
        return ""
    number, copy = writing.longest
    which = f" (in {number + 1})" if writing.way.streams > 1 else ""
    return f"Longest copy{which}:\n{copy.text}"


def told(output: Output) -> str:
    """How a text was written, in a few words."""
    step = "" if output.step is None else f" of step {output.step:,}"
    parts = [_settings(output.sampling)]
    parts += [f"from token {at:,} on {_changed(changed)}" for at, changed in output.changes]
    parts += [f"seed {output.seed}", f"{output.checkpoint}{step}"]
    if output.nats is not None:
        parts.append(f"{output.nats:.3f} nats/token")
    if output.copy is not None:
        parts.append(f"longest copy {output.copy:,}")
    if not output.whole:
        parts.append("stopped")
    return no_control_characters("; ".join(part for part in parts if part), keep="")


def _settings(sampling: Mapping[str, Any]) -> str:
    """The temperature, and what else was chosen."""
    plain = SamplingConfig().model_dump()
    chosen = {name: value for name, value in sampling.items() if name in plain and value != plain[name]}
    chosen.pop("length", None)
    return _changed({"temperature": sampling.get("temperature"), **chosen})


def _changed(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_shown(value)}" for name, value in settings.items())


def _shown(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:g}"
    return repr(value) if isinstance(value, str) else str(value)


def when(seconds: float) -> str:
    """`14:02` today, else `Nov 20`."""
    then = time.localtime(seconds)
    today = then[:3] == time.localtime()[:3]
    return time.strftime("%H:%M" if today else "%b %d", then)
