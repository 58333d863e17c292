"""How busy the device and the processor are. Every figure may be absent on its own: n/a."""

from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical

from lstm_tui.app.snapshot import Snapshot
from lstm_tui.app.widgets.glyphs import bar
from lstm_tui.app.widgets.panel import Figures, Panel, Row

if TYPE_CHECKING:
    from lstm_tui.devices import CpuFigures, Device, GpuFigures

    Measured = tuple[GpuFigures | None, CpuFigures]


class Meters(Vertical):
    """Two boxes: the device's, where it is a GPU, and under it the processor's."""

    DEFAULT_CSS = """
    Meters Panel { height: auto; }
    Meters #cpu-box { height: 1fr; }
    Meters .absent { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._measured = "", ""

    def compose(self) -> ComposeResult:
        with Panel(id="gpu-box", classes="-open -joined absent"):
            yield Figures(id="gpu")
        with Panel(title="processor", id="cpu-box", classes="-joined"):
            yield Figures(id="cpu")

    def look(self, seen: Snapshot, chosen: "Device | None") -> None:
        """Measure while a run is busy; once of one that is not, for nothing is written while nothing happens."""
        device = seen.device or (chosen.name if chosen else "")
        if seen.run and device and (seen.busy or self._measured != (seen.run, seen.state)):
            self._measure(device, (seen.run, seen.state))

    @work(thread=True, group="meters", exclusive=True, exit_on_error=False)
    def _measure(self, device: str, of: tuple[str, str]) -> None:
        self.app.call_from_thread(self._show, device, *measure(device))
        self._measured = of

    def _show(self, device: str, gpu: "GpuFigures | None", cpu: "CpuFigures") -> None:
        live = self.app.theme_variables["accent"]
        room = Room(self.screen.has_class("-wide"), self.screen.has_class("-tall"))
        box = self.query_one("#gpu-box", Panel)
        box.set_class(gpu is None, "absent")
        if gpu is not None:
            box.entitle(f"{device} {gpu.name or ''}".strip())
            self.query_one("#gpu", Figures).show(gpu_rows(gpu, live, room))
        self.query_one("#cpu", Figures).show(cpu_rows(cpu, live, room))


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
