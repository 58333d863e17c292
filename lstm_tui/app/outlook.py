"""What would be trained, in a few lines: size, speed, memory, text. Pure: figures in, sentences out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lstm_tui.app.widgets.glyphs import glyphs

if TYPE_CHECKING:
    from lstm_tui.config import RunConfig
    from lstm_tui.jobs.preparing import Preview


@dataclass(frozen=True)
class Weighed:
    """What a run would take of a device.

    Attributes:
        needed: bytes, about.
        free: bytes that the device has now; None where it does not say.
        fits: what would fit instead, in words; empty where nothing would, or nothing need be smaller.
    """

    device: str
    needed: float
    free: float | None = None
    fits: str = ""

    @property
    def too_large(self) -> bool:
        return self.free is not None and self.needed > self.free

    @property
    def warning(self) -> str:
        """A sentence where it cannot fit; else empty."""
        if self.free is None or not self.too_large:
            return ""
        fits = f"{self.fits} would fit" if self.fits else "not even the smallest would fit"
        return f"needs about {amount(self.needed)}, {self.device} has {amount(self.free)} free: {fits}"


def amount(size: float) -> str:
    """`105 MB`, `1.2 GB`, `96 GB`."""
    if size < 999.5e6:
        return f"{size / 1e6:.0f} MB"
    return f"{size / 1e9:.1f} GB" if size < 9.95e9 else f"{size / 1e9:,.0f} GB"


def span(seconds: float) -> str:
    """A time that is not exact: `0.4 s`, `32 s`, `12 min`, `3.1 h`, `5 days`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s" if seconds >= 0.05 else "under 0.1 s"
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    if seconds < 119.5 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86_400:,.0f} days"


def size(preview: "Preview", weighed: Weighed | None) -> str:
    """`592,000 parameters · 105 MB · 57 steps an epoch`"""
    steps = f"{preview.steps_per_epoch:,.{0 if preview.steps_per_epoch >= 10 else 1}f}"
    memory = [] if weighed is None else [amount(weighed.needed)]
    return _line(f"{preview.parameters:,} parameters", *memory, f"{steps} steps an epoch")


def text(preview: "Preview") -> str:
    """`50,000 characters, 5,000 held out · 60 kinds`"""
    held_out = f"{preview.validation_tokens:,}" if preview.validation_tokens else "none"
    tokens = preview.config.text.tokens
    return _line(f"{preview.train_tokens:,} {tokens}, {held_out} held out", f"{preview.vocabulary:,} kinds")


def pace(preview: "Preview", step_seconds: float) -> str:
    """`an epoch takes about 3.2 s, the budget about 28 epochs`, and how long where its end is not a time's."""
    epoch = step_seconds * preview.steps_per_epoch
    epochs, by_time = _reached(preview.config, preview.steps_per_epoch, epoch)
    words = f"{epochs:,.{0 if epochs >= 10 else 1}f} epochs" if by_time else span(epoch * epochs)
    return f"an epoch takes about {span(epoch)}, the budget {words}"


def _reached(config: "RunConfig", steps_per_epoch: float, epoch: float) -> tuple[float, bool]:
    """How many epochs a budget lasts, and whether it is its time that ends it."""
    budget = config.budget
    limits = [] if budget.epochs is None else [budget.epochs]
    limits += [] if budget.steps is None else [budget.steps / steps_per_epoch]
    by_time = float("inf") if budget.minutes is None else budget.minutes * 60 / max(epoch, 1e-9)
    return min([*limits, by_time]), by_time < min(limits, default=float("inf"))


def _line(*parts: str) -> str:
    return f" {glyphs().separator} ".join(parts)
