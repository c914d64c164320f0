"""How a planner's reasoning is drawn: whatever a model said, the page stays a page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from reprohrl.flight.log import FlightHeader, FlightLog
from reprohrl.planners.trace import TRACE_EVENT, Step, Trace
from reprohrl.reporting.reasoning import MOST_SHOWN, graph, reasoning

STEPS = (
    Step("open", "Which goals?", (), "cube 1.2 m", 0.1, 20),
    Step("rules", "What rules?", ("open",), "cube: only after torus", 0.2, 30, 0.001),
    Step("act", "Which action?", ("open", "rules"), "go to the torus", 0.3, 40, 0.002),
)


def log(*traces: Trace) -> FlightLog:
    found = FlightLog(FlightHeader(("cube",)))
    for trace in traces:
        found.note(trace.stamp, TRACE_EVENT, trace.sentence(), trace.to_dict())
    return found


def decision(stamp: float = 1.0, steps: tuple[Step, ...] = STEPS, fallback: str = "") -> Trace:
    return Trace("spring", stamp, stamp, 0.6, "" if fallback else "go to the torus", "why", steps, fallback)


def test_a_flight_without_such_a_planner_has_no_section() -> None:
    assert reasoning(log()) == ""


def test_a_decision_shows_its_questions_answers_and_totals() -> None:
    page = reasoning(log(decision(), decision(2.0, (), "no decision within 2 s")))
    assert "1 decisions · 1 left to the fallback · 3 questions · 90 tokens · 0.0030 USD" in page
    assert "the fallback flies: no decision within 2 s" in page
    assert page.count('class="edge"') == 3 and page.count('class="step"') == 3
    assert page.count("<details") == 2 and page.count(" open>") == 1


def test_parents_stand_above_their_children() -> None:
    svg = graph(STEPS)
    tops = [float(y) for y in re.findall(r'<rect x="[\d.]+" y="([\d.]+)"', svg)]
    heights = [float(h) for h in re.findall(r'<rect [^>]*height="([\d.]+)"', svg)]
    assert tops[0] + heights[0] < tops[1] and tops[1] + heights[1] < tops[2]


def test_only_so_many_decisions_are_drawn() -> None:
    page = reasoning(log(*(decision(float(k)) for k in range(MOST_SHOWN + 7))))
    assert page.count("<details") == MOST_SHOWN and "7 later decisions are in flight.mcap" in page


def test_markup_in_an_answer_is_shown_and_not_obeyed() -> None:
    evil = '</text></svg><script>alert("x")</script>'
    steps = (Step(evil, evil, (), evil),)
    page = reasoning(log(Trace(evil, 0.0, 0.0, 0.0, evil, evil, steps, ""), decision(1.0, steps, evil)))
    assert "<script" not in page and page.count("</svg>") == 2


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_graph_is_drawn_within_its_picture(data: st.DataObject) -> None:
    words = st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=300)
    steps: list[Step] = []
    for k in range(data.draw(st.integers(1, 9))):
        parents = data.draw(st.lists(st.sampled_from([s.name for s in steps]), unique=True)) if steps else []
        steps.append(Step(f"q{k}", data.draw(words), tuple(parents), data.draw(words)))
    root = ET.fromstring(graph(steps))
    width, height = (float(v) for v in root.attrib["viewBox"].split()[2:])
    boxes = [g.find("rect") for g in root.iter("g")]
    assert len(boxes) == len(steps)
    for box in boxes:
        assert box is not None
        x, y, w, h = (float(box.attrib[n]) for n in ("x", "y", "width", "height"))
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height


def test_a_trace_survives_the_recording() -> None:
    trace = decision()
    assert Trace.from_dict(trace.to_dict()) == trace
