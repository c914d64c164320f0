"""`reprohrl talk` over real HTTP and WebSocket, with real flights of the simulation behind it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra talk is not installed")

from websockets.exceptions import InvalidStatus

from reprohrl.cli.stage import spec_of
from reprohrl.cli.talk_pilots import SimulationPilot
from reprohrl.contracts.mission import Mission
from reprohrl.flight.result import Tick
from reprohrl.language.models.settings import LanguageSettings
from reprohrl.talk.flight import CUT, LANDED, Ended, Reins
from reprohrl.talk.serving import serving
from reprohrl.talk.session import Session
from tests.talk.client import Client


def pilot(*, realtime: bool = False, planner: str = "learned", rung: str = "R1") -> SimulationPilot:
    reading = LanguageSettings(lm="rules") if planner == "spring" else None
    spec = spec_of(
        task="MS-2", rung=rung, seed=3, planner=planner, navigator="learned", world="fast", language=reading
    )
    return SimulationPilot(spec, realtime=realtime)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A server whose flights pass as fast as they are computed."""
    with serving(Session(pilot(planner="spring"))) as address:
        yield Client(address)


@pytest.fixture
def slow() -> Iterator[Client]:
    """A server whose flights take their time, to be stopped in the middle."""
    with serving(Session(pilot(realtime=True))) as address:
        yield Client(address)


def test_the_page_is_one_file_that_loads_nothing_from_elsewhere(client: Client) -> None:
    status, page = client.ask("/")
    assert status == 200 and "Talk to the drone" in page
    assert "__NONCE__" not in page and "http://" not in page and "https://" not in page
    assert page.count("<script") == page.count("<style") == 1 and "innerHTML" not in page
    assert client.ask("/")[1] != page, "the nonce has to be new each time"
    assert client.ask("/docs")[0] == client.ask("/openapi.json")[0] == 404


def test_a_mission_is_shown_back_before_anything_flies(client: Client) -> None:
    found = client.read("visit the cube, then the cone")
    assert found["ok"] and found["understood"] == ["1. visit the cube", "2. visit the cone"]
    assert client.state()["phase"] == "idle"


def test_a_question_is_asked_with_its_choices_and_answered(client: Client) -> None:
    found = client.read("visit the cobe, then the torus")
    question = found["questions"][0]
    assert not found["ok"] and "cube" in question["choices"]
    assert found["text"][question["start"] : question["end"]] == "cobe"
    assert client.ask("/api/fly", {"id": found["id"]})[0] == 409
    status, again = client.ask("/api/answer", {"id": found["id"], "answer": "cube"})
    assert status == 200 and again["ok"] and again["understood"][0] == "1. visit the cube"


def test_a_refusal_names_its_words(client: Client) -> None:
    found = client.read("visit the cube and stay away from the cube")
    assert not found["ok"] and found["refusals"]
    status, said = client.ask("/api/fly", {"id": found["id"]})
    assert status == 409 and said["error"]


def test_an_old_reading_cannot_be_flown_any_more(client: Client) -> None:
    old = client.read("visit the cube")
    client.read("visit the cone")
    status, said = client.ask("/api/fly", {"id": old["id"]})
    assert status == 409 and "replaced by a newer one" in said["error"]


def test_a_mission_is_flown_and_seen_live_with_the_planners_reasons(client: Client) -> None:
    with client.live() as socket:
        client.fly("visit the cube, then the cone")
        seen: list[dict[str, Any]] = []
        while not seen or seen[-1]["phase"] != "ended":
            seen.append(json.loads(socket.recv(timeout=60.0)))
    ended = seen[-1]
    assert ended["ended"]["success"], ended["ended"]
    ticks = [s["tick"] for s in seen if s["tick"]]
    assert len(ticks) > 5 and any(t["boxes"] for t in ticks)
    assert base64.b64decode(ticks[-1]["jpeg"]).startswith(b"\xff\xd8")
    assert {t["option"] for t in ticks} & {"go to the cube", "search for the cube"}
    assert ticks[-1]["progress"]["reached"] == ["cube", "cone"]
    trace = ended["traces"][0]
    assert trace["option"] and trace["steps"] and trace["steps"][0]["question"]
    assert ended["ended"]["report"].endswith("report.html")


def test_stop_lands_the_drone(slow: Client) -> None:
    slow.fly("visit the cube, then the cone")
    slow.until(lambda s: s["tick"].get("seconds", 0.0) > 0.5, "the flight")
    assert slow.ask("/api/fly", {"id": 1})[0] == 409, "one flight at a time"
    assert slow.ask("/api/stop", {})[1] == {"stopped": True}
    ended = slow.until(lambda s: s["phase"] == "ended", "the landing")
    assert not ended["ended"]["success"] and ended["ended"]["reason"] == LANDED
    assert any(line["text"].endswith(LANDED) for line in ended["lines"]) or ended["ended"]["report"]
    assert slow.ask("/api/stop", {})[1] == {"stopped": False}


def test_an_emergency_cuts_the_motors_of_a_drone_in_the_air() -> None:
    heights: list[float] = []

    class Watched(SimulationPilot):
        def fly(self, mission: Mission, watch: Any, reins: Reins, say: Any) -> Ended:
            drones: list[Any] = []
            take = reins.take
            reins.take = lambda drone: (drones.append(drone), take(drone))[1]  # type: ignore[method-assign]
            ended = SimulationPilot.fly(self, mission, watch, reins, say)
            heights.append(float(drones[0].world.motors_off))
            return ended

    one = pilot(realtime=True)
    with serving(Session(Watched(one.spec, True))) as address:
        client = Client(address)
        client.fly("visit the cube, then the cone")
        client.until(lambda s: s["tick"].get("seconds", 0.0) > 0.5, "the flight")
        assert client.ask("/api/stop", {"emergency": True})[1] == {"stopped": True}
        ended = client.until(lambda s: s["phase"] == "ended", "the end")
    assert ended["ended"]["reason"] == CUT and heights == [1.0]


def test_a_stop_before_the_take_off_keeps_the_drone_down(slow: Client) -> None:
    slow.fly("visit the cube")
    assert slow.ask("/api/stop", {})[1] == {"stopped": True}
    ended = slow.until(lambda s: s["phase"] == "ended", "the end")
    assert ended["ended"]["reason"] == LANDED


def test_leaving_the_server_lands_the_drone_first() -> None:
    with serving(session := Session(pilot(realtime=True))) as address:
        client = Client(address)
        client.fly("visit the cube, then the cone")
        client.until(lambda s: s["phase"] == "flying", "the flight")
    assert not session.busy and session.snapshot()["ended"]["reason"] == LANDED


def test_a_pilot_that_breaks_is_told_and_the_next_mission_may_fly() -> None:
    class Broken:
        about = "a pilot that breaks"
        flights = 0

        def fly(
            self,
            mission: Mission,
            watch: Callable[[Tick], str | None],
            reins: Reins,
            say: Callable[[str], None],
        ) -> Ended:
            self.flights += 1
            raise RuntimeError("the propeller fell off")

    broken = Broken()
    with serving(Session(broken)) as address:
        client = Client(address)
        for k in (1, 2):
            client.fly("visit the cube")
            ended = client.until(lambda s: s["phase"] == "ended", "the end")
            assert ended["ended"]["reason"] == "RuntimeError: the propeller fell off"
            assert broken.flights == k


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}]
)
def test_foreign_pages_are_refused_by_every_route(client: Client, headers: dict[str, str]) -> None:
    found = client.read("visit the cube")
    for path, body in (
        ("/", None),
        ("/api/state", None),
        ("/api/fly", {"id": found["id"]}),
        ("/api/stop", {}),
    ):
        status, why = client.ask(path, body, **headers)
        assert status == 403 and ("not served here" in why or "may not talk" in why)
    sent = {k.lower(): v for k, v in headers.items()}
    with pytest.raises(InvalidStatus) as refused, client.live(**sent):
        pass
    assert refused.value.response.status_code == 403
    assert client.state()["phase"] != "preparing"


def test_what_is_no_json_is_refused(client: Client) -> None:
    """A form of a foreign page can send text, but no JSON."""
    status, _ = client.ask("/api/stop", {"emergency": True}, Content_Type="text/plain")
    assert status == 422
    assert client.ask("/api/read", {"text": "x" * 5000})[0] == 422
    assert client.ask("/api/read", {"text": "x" * 3000})[1]["refusals"]
