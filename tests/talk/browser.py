"""A real headless browser, driven over its own debugging protocol: it clicks, types and takes pictures."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome-headless-shell")
START_S = 60.0
FLAGS = (
    "--headless=new", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-dev-shm-usage",
    "--disable-background-networking", "--hide-scrollbars", "--remote-debugging-port=0",
    "--window-size=1180,980",
)  # fmt: skip


def find_browser() -> str:
    """Return the path of a Chromium, "" where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


class Page:
    """One tab. Every wait has a deadline."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._count = 0
        self.complaints: list[str] = []  # of the browser: errors of scripts, refused loads

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        end = time.monotonic() + 60.0
        while True:
            heard = json.loads(self._socket.recv(timeout=max(0.1, end - time.monotonic())))
            if heard.get("id") == self._count:
                assert "error" not in heard, heard
                return dict(heard["result"])
            if heard.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.complaints.append(json.dumps(heard["params"]))

    def open(self, address: str) -> None:
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")
        self.send("Page.navigate", url=address)
        self.until("document.readyState === 'complete'", "the page")

    def value(self, expression: str) -> Any:
        found = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def until(self, expression: str, what: str, deadline_s: float = 90.0) -> Any:
        end = time.monotonic() + deadline_s
        while not (found := self.value(expression)):
            assert time.monotonic() < end, f"waited {deadline_s:g} s for {what}"
            time.sleep(0.05)
        return found

    def click(self, selector: str) -> None:
        """Press the mouse in the middle of an element, where a person would."""
        place = json.loads(
            self.value(
                f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
                "e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
                "return JSON.stringify([r.x + r.width / 2, r.y + r.height / 2]); })()"
            )
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send(
                "Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1
            )

    def type(self, text: str) -> None:
        self.send("Input.insertText", text=text)

    def picture(self) -> bytes:
        """Return what is in the window, as PNG."""
        return base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """Start a browser with a profile below `folder`, and end it."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []  # it refuses to start for root otherwise
    words = [find_browser(), *FLAGS, *root, f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with connect(_tab(folder, process), max_size=2**26, open_timeout=START_S) as socket:
            yield Page(socket)
    finally:
        process.terminate()
        try:
            process.wait(15.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(15.0)


def _tab(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """Return the address of the first tab's debugging socket."""
    end = time.monotonic() + START_S
    told = folder / "DevToolsActivePort"
    while True:
        assert process.poll() is None and time.monotonic() < end, "the browser did not start"
        if told.exists() and (lines := told.read_text().split()):
            with urllib.request.urlopen(f"http://127.0.0.1:{lines[0]}/json/list", timeout=20.0) as answer:
                tabs = [t for t in json.loads(answer.read()) if t["type"] == "page"]
            if tabs:
                return str(tabs[0]["webSocketDebuggerUrl"])
        time.sleep(0.05)
