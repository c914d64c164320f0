"""The page in a real headless browser: typed, clicked and looked at as by a person."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the extra talk is not installed")

from reprohrl.cli.stage import spec_of
from reprohrl.cli.talk_pilots import SimulationPilot
from reprohrl.language.models.settings import LanguageSettings
from reprohrl.talk.flight import LANDED
from reprohrl.talk.serving import serving
from reprohrl.talk.session import Session
from tests.talk.browser import Page, browser, find_browser

pytestmark = [
    pytest.mark.skipif(not find_browser(), reason="no Chromium here: apt install chromium"),
    pytest.mark.timeout(300),
]
PICTURE = "REPROHRL_TALK_PICTURE"
"""Where to write the picture of the page in flight that the documentation shows."""


@pytest.fixture
def page(tmp_path: Path) -> Iterator[tuple[Page, Session]]:
    """The page over a simulation at wall speed, with a planner that reads."""
    spec = spec_of(
        task="MS-2", rung="R2", seed=3, planner="spring", navigator="learned", world="fast",
        colour=True, language=LanguageSettings(lm="rules"),
    )  # fmt: skip
    session = Session(SimulationPilot(spec, realtime=True))
    with serving(session) as address, browser(tmp_path / "profile") as tab:
        tab.open(address)
        yield tab, session


def test_a_person_types_answers_flies_watches_and_stops(page: tuple[Page, Session]) -> None:
    tab, session = page
    tab.until("!document.querySelector('#offline') || document.querySelector('#offline').hidden", "the line")
    assert tab.value("document.querySelector('#stop').disabled")
    tab.click("#words")
    tab.type("visit the cobe, then the cone")
    tab.click("#read")
    tab.until("document.querySelectorAll('.choice').length", "the question")
    assert tab.value("document.querySelector('#echo mark').textContent") == "cobe"
    assert tab.value("document.querySelector('#fly').disabled")
    tab.value("[...document.querySelectorAll('.choice')].find(b => b.textContent === 'cube').id = 'mine'")
    tab.click("#mine")
    tab.until("!document.querySelector('#fly').disabled", "a mission that can be flown")
    assert "visit the cube" in tab.value("document.querySelector('#understood').textContent")

    tab.value("document.querySelector('#words').value = document.querySelector('#echo').textContent")
    tab.click("#fly")
    tab.until("Number(document.querySelector('#camera').dataset.seconds) > 1", "the camera")
    tab.until("document.querySelectorAll('#traces details').length", "the planner's reasons")
    tab.until("Number(document.querySelector('#camera').dataset.boxes) > 0", "a box in the picture")
    option = tab.value("document.querySelector('#option').textContent")
    assert option in ("go to the cube", "search for the cube", "go to the cone", "search for the cone")
    colours = tab.value(
        "(() => { const c = document.querySelector('#camera');"
        "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        "return new Set(Array.from({length: 500}, (_, k) => d[4 * 631 * k])).size; })()"
    )
    assert colours > 20, "the camera's picture is not drawn"
    tab.value("scrollTo(0, 0)")
    picture = tab.picture()
    if os.environ.get(PICTURE):
        Path(os.environ[PICTURE]).write_bytes(picture)
    drawn = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert drawn.shape[1] > 800 and len(np.unique(drawn.reshape(-1, 3), axis=0)) > 200

    tab.click("#stop")
    tab.until("!document.querySelector('#ended').hidden", "the landing")
    assert LANDED in tab.value("document.querySelector('#ended').textContent")
    assert session.snapshot()["ended"]["reason"] == LANDED
    assert not tab.complaints, tab.complaints


def test_words_of_a_mission_never_become_markup(page: tuple[Page, Session]) -> None:
    tab, _ = page
    tab.click("#words")
    tab.type("visit <img src=x onerror=document.title='broken'> the cube")
    tab.click("#read")
    tab.until("!document.querySelector('#reading').hidden", "the reading")
    assert tab.value("document.querySelectorAll('main img').length") == 0
    assert tab.value("document.title") == "Talk to the drone"
    assert not tab.complaints, tab.complaints
