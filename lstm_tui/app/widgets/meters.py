"""How busy the device and the processor are. Every figure may be absent on its own: n/a."""

from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from lstm_tui.app.widgets.glyphs import bar
from lstm_tui.app.widgets.panel import Row

if TYPE_CHECKING:
    from lstm_tui.devices import CpuFigures, GpuFigures

    Measured = tuple[GpuFigures | None, CpuFigures]


class Room(NamedTuple):
    """How much there is: wide enough for longer bars, tall enough for more of them."""

    wide: bool = False
    tall: bool = False

    @property
    def bar(self) -> int:
        return 16 if self.wide else 7


def measure(device: str) -> "Measured":
    """The figures now; for a thread, since the first call loads NVIDIA's library."""
    from lstm_tui import devices

    return devices.gpu_figures(device), devices.cpu_figures()


def gpu_rows(figures: "GpuFigures", live: str, room: Room = Room()) -> list[Row]:  # noqa: B008 (it is frozen)
    total, mine, others = figures.memory_total, figures.memory_mine, figures.memory_others
    heat = "n/a" if figures.temperature is None else f"{figures.temperature:.0f} C"
    power = "n/a" if figures.power is None else f"{figures.power:.0f} W"
    rows: list[Row] = [("use", percent(figures.use, live, room.bar))]
    if room.tall:
        known = None if None in (mine, total) else ((mine or 0.0) + (others or 0.0)) / (total or 1.0) * 100
        rows.append(("memory", percent(known, live, room.bar)))
    return [
        *rows,
        ("mine", memory(mine)),
        ("others", f"{memory(others, unit=False)}/{memory(total)}"),
        (heat, power),
    ]


def cpu_rows(figures: "CpuFigures", live: str, room: Room = Room()) -> list[Row]:  # noqa: B008
    rows: list[Row] = [("use", percent(figures.use, live, room.bar))]
    if room.tall and figures.memory_used is not None and figures.memory_total:
        rows.append(("memory", percent(figures.memory_used / figures.memory_total * 100, live, room.bar)))
    return [
        *rows,
        ("mine", f"{_number(figures.use_mine)} %  {memory(figures.memory_mine)}"),
        ("memory", f"{memory(figures.memory_used, unit=False)}/{memory(figures.memory_total)}"),
    ]


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0f}"


def percent(value: float | None, live: str, width: int) -> Text:
    """A bar and its number."""
    if value is None:
        return Text("n/a")
    full, empty = bar(value / 100, width)
    return Text.assemble((full, live), (empty, "dim"), f" {value:3.0f} %")


def memory(count: float | None, unit: bool = True) -> str:
    """Bytes in G with one digit."""
    return "n/a" if count is None else f"{count / 2**30:.1f}{' G' if unit else ''}"
