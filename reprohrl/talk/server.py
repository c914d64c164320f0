"""The page's server: a few requests that change something, and one WebSocket that shows what happens."""

from __future__ import annotations

import asyncio
import secrets
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.websockets import WebSocketDisconnect

from reprohrl.contracts.errors import UserError
from reprohrl.talk.guard import Guard, GuardedApp
from reprohrl.talk.session import Session

SHOW_EVERY_S = 0.06
"""Between two looks at the flight: it has ten ticks a second."""

NONCE = "__NONCE__"


class Said(BaseModel):
    text: str = Field(max_length=4000)


class Answer(BaseModel):
    id: int
    answer: str = Field(min_length=1, max_length=1000)


class Start(BaseModel):
    id: int


class Stop(BaseModel):
    emergency: bool = False


def page(nonce: str) -> str:
    """Return the page; only its own script and style, marked with `nonce`, may run."""
    return (files("reprohrl.talk") / "page.html").read_text(encoding="utf-8").replace(NONCE, nonce)


def policy(nonce: str) -> str:
    """Return the content security policy: nothing from elsewhere, nothing inline but what we wrote."""
    own = f"'nonce-{nonce}'"
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def make_app(session: Session, guard: Guard) -> GuardedApp:
    """Return the application. The routes are plain functions, so each runs in a thread of its own."""
    app = FastAPI(title="reprohrl talk", docs_url=None, redoc_url=None, openapi_url=None)

    @app.exception_handler(UserError)
    async def refused(request: Request, error: UserError) -> JSONResponse:
        body = {"error": error.what, "why": error.why, "fix": error.fix}
        return JSONResponse(body, status_code=409)

    @app.get("/")
    def index() -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        headers = {
            "Content-Security-Policy": policy(nonce), "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
        }  # fmt: skip
        return HTMLResponse(page(nonce), headers=headers)

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status_code=204)

    @app.post("/api/read")
    def read(said: Said) -> dict[str, Any]:
        return session.read(said.text)

    @app.post("/api/answer")
    def answer(given: Answer) -> dict[str, Any]:
        return session.answer(given.id, given.answer)

    @app.post("/api/fly")
    def fly(start: Start) -> dict[str, Any]:
        session.fly(start.id)
        return {"started": True}

    @app.post("/api/stop")
    def stop(how: Stop) -> dict[str, Any]:
        return {"stopped": session.stop(emergency=how.emergency)}

    @app.get("/api/state")
    def state() -> dict[str, Any]:
        return session.snapshot()

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        gone = asyncio.ensure_future(_until_gone(socket))
        shown = -1
        try:
            while not gone.done():
                if session.version != shown:
                    snapshot = session.snapshot()
                    shown = snapshot["version"]
                    await socket.send_json(snapshot)
                await asyncio.wait({gone}, timeout=SHOW_EVERY_S)
        except (WebSocketDisconnect, RuntimeError):
            pass  # it went away in the middle of a message
        finally:
            gone.cancel()

    return GuardedApp(app, guard)


async def _until_gone(socket: WebSocket) -> None:
    """Return when the page is left; whatever it says is of no interest."""
    try:
        while True:
            await socket.receive()
    except (WebSocketDisconnect, RuntimeError):
        return
