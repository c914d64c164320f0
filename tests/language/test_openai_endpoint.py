"""The client of OpenAI-compatible endpoints, against a real server that answers well and badly."""

from __future__ import annotations

import logging

import pytest

from reprohrl.contracts.errors import UserError
from reprohrl.language.models.model import LanguageModelError, Trouble
from reprohrl.language.models.openai import OpenAIModel
from reprohrl.language.models.registry import make_model
from reprohrl.language.models.settings import LanguageSettings
from tests.fakes.chat_server import answer, chat_server, hang, hang_up, raw, refuse, status, trickle

KEY = "sk-of-a-test-0123456789"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)


def client(address: str, waits: list[float] | None = None, **settings: object) -> OpenAIModel:
    given = LanguageSettings(
        lm="openai", endpoint=address, model="small", key_variable="TEST_KEY", **settings
    )  # type: ignore[arg-type]
    return OpenAIModel(given, sleep=(waits if waits is not None else []).append)


def test_a_good_answer_comes_with_its_tokens_and_cost() -> None:
    with chat_server(answer("visit cone")) as server:
        model = client(server.address, price_in=2.0, price_out=10.0)
        said = model.generate("where to?", max_tokens=7)
    assert said.text == "visit cone"
    assert (said.usage.prompt_tokens, said.usage.answer_tokens) == (100, 10)
    assert said.usage.cost == pytest.approx(100 * 2e-6 + 10 * 10e-6)
    path, headers, body = server.requests[0]
    assert path == "/v1/chat/completions" and headers["Authorization"] == f"Bearer {KEY}"
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("small", 7, 0.0)
    assert body["messages"] == [{"role": "user", "content": "where to?"}]


def test_tokens_are_estimated_where_the_server_does_not_count() -> None:
    with chat_server(answer("visit cone", usage=False)) as server:
        said = client(server.address).generate("x" * 400)
    assert said.usage.prompt_tokens == 100 and said.usage.answer_tokens == 3


def test_a_rate_limit_is_waited_out_as_long_as_the_server_asks() -> None:
    waits: list[float] = []
    with chat_server(status(429, "slow down", Retry_After="3"), status(503), answer("hold")) as server:
        model = client(server.address, waits)
        assert model.generate("?").text == "hold"
    assert len(server.requests) == 3 and model.retries == 2
    assert waits[0] >= 3.0 and 0.7 < waits[1] < 1.3, "the second wait is the doubled first"


def test_a_rate_limit_without_end_is_an_error_after_some_tries() -> None:
    with (
        chat_server(status(429)) as server,
        pytest.raises(LanguageModelError, match="asked too often") as told,
    ):
        client(server.address).generate("?")
    assert told.value.trouble is Trouble.RATE_LIMIT and len(server.requests) == 5


def test_no_retry_is_made_that_could_not_be_answered_in_time() -> None:
    with chat_server(status(429, Retry_After="60")) as server, pytest.raises(LanguageModelError) as told:
        client(server.address).generate("?", timeout_s=2.0)
    assert told.value.trouble is Trouble.RATE_LIMIT and len(server.requests) == 1


@pytest.mark.parametrize("behaviour", [hang, trickle], ids=["silent", "a byte at a time"])
def test_a_server_that_is_not_done_in_time_is_left(behaviour: object) -> None:
    with chat_server(behaviour) as server, pytest.raises(LanguageModelError, match=r"within 0\.4 s") as told:  # type: ignore[arg-type]
        client(server.address).generate("?", timeout_s=0.4)
    assert told.value.trouble is Trouble.TIME_OUT


@pytest.mark.parametrize(
    "body",
    ["", "not json", "[]", "{}", '{"choices": []}', '{"choices": [{"message": null}]}', '{"choices": 7}',
     '{"choices": [{"message": {"content": ""}}]}', '{"choices": [{"message": {"content": 5}}]}',
     '{"choices": [{"message": {"content": "visit'],
)  # fmt: skip
def test_nonsense_is_told_as_such(body: str) -> None:
    with chat_server(raw(body)) as server, pytest.raises(LanguageModelError) as told:
        client(server.address).generate("?")
    assert told.value.trouble is Trouble.MALFORMED and len(server.requests) == 1


def test_a_refusal_is_no_answer() -> None:
    with chat_server(refuse("too dangerous")) as server:
        model = client(server.address)
        with pytest.raises(LanguageModelError, match="too dangerous") as told:
            model.generate("?")
    assert told.value.trouble is Trouble.REFUSAL and model.usage.calls == 1, "a refusal is paid for, too"


def test_a_wrong_key_is_told_at_once_and_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with chat_server(status(401, f"bad key {KEY}")) as server, pytest.raises(LanguageModelError) as told:
        client(server.address).generate("?")
    assert told.value.trouble is Trouble.REJECTED and "TEST_KEY" in str(told.value)
    assert KEY not in str(told.value) and KEY not in caplog.text and len(server.requests) == 1


def test_a_server_that_hangs_up_or_is_not_there_is_unreachable_or_broken() -> None:
    with chat_server(hang_up) as server, pytest.raises(LanguageModelError) as told:
        client(server.address).generate("?")
    assert told.value.trouble in (Trouble.UNREACHABLE, Trouble.MALFORMED)
    with pytest.raises(LanguageModelError) as told:
        client(server.address).generate("?")
    assert told.value.trouble is Trouble.UNREACHABLE and "is the server running?" in str(told.value)


def test_a_model_that_names_its_limit_otherwise_is_asked_its_way_from_then_on() -> None:
    wrong = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    with chat_server(status(400, wrong), answer("hold")) as server:
        model = client(server.address)
        assert [model.generate("?", max_tokens=9).text for _ in range(2)] == ["hold", "hold"]
    bodies = [body for _, _, body in server.requests]
    assert "max_tokens" in bodies[0] and len(bodies) == 3
    assert all(b["max_completion_tokens"] == 9 and "temperature" not in b for b in bodies[1:])
    with chat_server(status(400, wrong)) as server, pytest.raises(LanguageModelError, match="rejects"):
        client(server.address).generate("?")
    assert len(server.requests) == 2, "not asked again and again"


def test_thoughts_are_not_part_of_the_answer() -> None:
    with chat_server(answer("<think>cone? torus!</think>visit torus")) as server:
        assert client(server.address).generate("?").text == "visit torus"


@pytest.mark.parametrize("endpoint", ["", "127.0.0.1:80", "ftp://x/v1", "http://user:secret@host/v1"])
def test_an_address_that_is_none_is_refused(endpoint: str) -> None:
    with pytest.raises(UserError) as told:
        make_model(LanguageSettings(lm="openai", endpoint=endpoint))
    assert "secret" not in str(told.value)


def test_an_unknown_model_gets_a_hint() -> None:
    with pytest.raises(UserError, match="smollm2"):
        make_model("smolm2")
