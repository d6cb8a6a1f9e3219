"""The drawing of the live screen: picture and meters, the checklist beside them, what to do below."""

import textwrap
from dataclasses import dataclass

from preflight import canvas
from preflight.live_state import LiveState
from preflight.model import Check, Demand, Fact, Operator, Verdict, is_number
from preflight.policy import Policy
from preflight.texts import GUIDE, SYMBOLS, Words

MINIMUM_SIZE = (72, 24)
"""Columns and rows that the whole screen needs."""
TITLE_COLUMNS = 28
"""Columns of a check's name in the checklist."""
LABEL_COLUMNS = 17
FOOTER_ROWS = 6
ADVICE_ROWS = 3
"""Rows of what to do, the keys included, and how many of them tell what is wrong."""
LIST_COLUMNS = TITLE_COLUMNS + 2
_BOUND_POSITION = 1 / 3
"""Where on a meter the bound is."""
_LEVEL_METER_DB = 60.0
"""A meter's length where the bound is a level below full scale."""
_PENDING = "·"
_STYLES = {
    Verdict.PASS: "32",
    Verdict.WARN: "33",
    Verdict.FAIL: "1;31",
    Verdict.ERROR: "35",
    Verdict.SKIP: "2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """What stands below: what is wrong now, what to do, and which keys do something."""

    verdict: Verdict
    finding: str
    instruction: str
    keys: list[str]


class LiveDrawing:
    """Draws what a live run knows."""

    def __init__(
        self,
        words: Words,
        demanded: Policy,
        state: LiveState,
        title: str,
        *,
        truecolour: bool,
        coloured: bool,
    ) -> None:
        self._words = words
        self._demanded = demanded
        self._state = state
        self.title = title
        self._coloured = coloured
        self.picture = canvas.HalfBlockPicture(truecolour=truecolour)

    def lines(self, columns: int, rows: int, footer: Footer) -> list[str]:
        """Return the whole screen: a title, picture and meters beside the checklist, what to do."""
        head = canvas.add_style(
            canvas.fit_to_width(f" preflight  {self._words.say(self.title)}", columns), "7"
        )
        high = max(0, rows - 1 - FOOTER_ROWS)
        if columns < MINIMUM_SIZE[0] or rows < MINIMUM_SIZE[1]:
            body = self._checklist(columns, high)
        else:
            wide = columns - LIST_COLUMNS - 2
            meters = self._meters(wide)
            left = [*self.picture.lines(wide, high - len(meters)), *meters]
            body = [
                f"{one}  {other}"
                for one, other in zip(left, self._checklist(LIST_COLUMNS, high), strict=True)
            ]
        return [head, *body, *self._footer(columns, footer)]

    def _checklist(self, columns: int, rows: int) -> list[str]:
        """Return the checklist; where it is too long, what passed goes first."""
        shown = list(self._state.checks.items())
        while len(shown) > rows:
            passed = next((each for each in shown if each[1] and each[1].verdict is Verdict.PASS), shown[-1])
            shown.remove(passed)
        lines = []
        for check, judged in shown:
            symbol = SYMBOLS[judged.verdict] if judged else _PENDING
            style = _STYLES[judged.verdict] if judged else "2"
            lines.append(
                self._add_style(canvas.fit_to_width(f"{symbol} {self._words.title(check)}", columns), style)
            )
        return lines + [" " * columns] * (rows - len(lines))

    def _meters(self, columns: int) -> list[str]:
        """Return the name of the devices and the meters that there is something for."""
        sources = {source.job.source for source in self._state.sources.values()}
        lines = []
        if "camera" in sources:
            device = next(
                (each.device for each in self._state.sources.values() if each.job.source == "camera"), ""
            )
            lines.append(self._add_style(canvas.fit_to_width(device, columns), "2"))
            lines.append(self._check_meter("light", self._state.now.get("camera.lighting"), columns))
            lines.append(self._check_meter("focus", self._state.now.get("camera.focus"), columns))
        if "microphone" in sources:
            lines.append(self._sound_meter(columns))
        if "network" in sources:
            lines.append(self._line_meter(columns))
        if sources == {"speaker"}:
            devices = [each.device for each in self._state.sources.values()]
            lines += [self._add_style(canvas.fit_to_width(device, columns), "2") for device in devices]
        return lines

    def _check_meter(self, name: str, check: Check | None, columns: int) -> str:
        """Return a meter of the weakest number of a check."""
        results = check.results if check else ()
        facts = check.facts if check else {}
        shares = [meter_position(facts[each.fact], each.demand) for each in results if each.fact in facts]
        known = [each for each in shares if each is not None]
        return self._meter_line(name, min(known, default=None), check, columns)

    def _sound_meter(self, columns: int) -> str:
        level = self._state.meters.levels.get("sound")
        check = self._state.now.get("microphone.noise") or self._state.checks.get("microphone.noise")
        if level is None:
            return self._meter_line("sound", None, check, columns)
        ratio = next(
            (each.bound for each in self._demanded.demands_on("microphone.noise") if each.fact == "ratio"), 0
        )
        floor = self._state.meters.background_dbfs
        mark = canvas.meter_share(floor + ratio) if is_number(ratio) else None
        return self._meter_line(
            "sound", canvas.meter_share(level), check, columns, mark=mark, floor=canvas.meter_share(floor)
        )

    def _line_meter(self, columns: int) -> str:
        for name in ("upload", "download"):
            check = self._state.checks.get(f"network.{name}")
            rate = self._state.meters.levels.get(name)
            if rate is not None:
                demands = self._demanded.demands_on(f"network.{name}")
                demand = next((each for each in demands if each.fact == "rate"), None)
                fact = Fact(value=rate)
                return self._meter_line(
                    name, meter_position(fact, demand) if demand else None, check, columns
                )
        return self._meter_line("download", None, None, columns)

    def _meter_line(
        self,
        name: str,
        value: float | None,
        check: Check | None,
        columns: int,
        *,
        mark: float | None = _BOUND_POSITION,
        floor: float = 0.0,
    ) -> str:
        label = canvas.fit_to_width(self._words.say(GUIDE["meter." + name]), LABEL_COLUMNS)
        symbol = SYMBOLS[check.verdict] if check else " "
        style = _STYLES[check.verdict] if check and value is not None else "2"
        shown = canvas.bar(columns - LABEL_COLUMNS - 3, value or 0.0, mark=mark, floor=floor)
        return f"{label}{self._add_style(f'{shown} {symbol} ', style)}"

    def _footer(self, columns: int, footer: Footer) -> list[str]:
        """Return what is wrong now, what to do, and the keys that do something."""
        verdict, said = footer.verdict, footer.finding
        hint = wrap(f"{SYMBOLS[verdict]} {said}" if said else "", columns)[:ADVICE_ROWS]
        todo = wrap(footer.instruction, columns)[: FOOTER_ROWS - 1 - len(hint)]
        lines = [self._add_style(canvas.fit_to_width(f" {line}", columns), _STYLES[verdict]) for line in hint]
        lines += [canvas.add_style(canvas.fit_to_width(f" {line}", columns), "1") for line in todo]
        lines = [""] * (FOOTER_ROWS - 1 - len(lines)) + lines
        pressed = "   ".join(self._words.say(GUIDE["key." + key]) for key in footer.keys)
        return [*lines, canvas.add_style(canvas.fit_to_width(f" {pressed}", columns), "2")]

    def _add_style(self, text: str, style: str) -> str:
        plain = style in ("", "1", "2", "7")
        return canvas.add_style(text, style if plain or self._coloured else "")


def wrap(text: str, columns: int) -> list[str]:
    """Return a text in lines that leave a column free on each side."""
    return [line for part in text.splitlines() for line in textwrap.wrap(part.strip(), max(1, columns - 2))]


def meter_position(fact: Fact, demand: Demand) -> float | None:
    """Return where on a meter a fact is, its bound at a third; None where it is not a number with a bound."""
    value, bound = fact.value, demand.bound
    if not is_number(value) or not is_number(bound):
        return None
    more = demand.operator is not Operator.AT_MOST
    if bound <= 0:
        return _BOUND_POSITION + (value - bound) / _LEVEL_METER_DB * (1 if more else -1)
    if more:
        return _BOUND_POSITION * value / bound
    return _BOUND_POSITION * bound / value if value > 0 else 1.0
