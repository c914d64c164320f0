"""A language model in a local Hugging Face folder. Nothing is ever downloaded."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reprohrl.contracts.errors import UserError
from reprohrl.language.models.model import (
    ANSWER_TOKENS,
    LEAVING,
    TIMEOUT_S,
    Answer,
    LanguageModelError,
    Trouble,
    Usage,
)
from reprohrl.language.models.settings import LanguageSettings
from reprohrl.training.torchvision_shim import let_torchvision_import

LEARNING_RATE = 1e-5
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


class HfModel:
    """Scores by log-probability, writes greedily, and learns by full fine-tuning."""

    scores = True
    deterministic = True

    def __init__(self, folder: Path, *, name: str = "hf") -> None:
        import torch

        transformers = import_transformers()
        if not (folder / "config.json").is_file():
            raise UserError(
                f"{folder} is no Hugging Face folder", why="it has no config.json", fix="--lm-path FOLDER"
            )
        self.name = name
        self.identity = f"{name}-{folder.resolve()}"
        self._torch = torch
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self._net: Any = transformers.AutoModelForCausalLM.from_pretrained(
                folder, local_files_only=True, dtype=torch.float32
            )
        except (OSError, ValueError, KeyError) as error:
            raise UserError(f"{folder} cannot be loaded", why=str(error)[:200]) from error
        self._net.eval()
        self._optimiser: Any = None
        self._usage = Usage()

    @property
    def usage(self) -> Usage:
        return self._usage

    def score(
        self, prompt: str, candidates: Sequence[str], *, timeout_s: float = TIMEOUT_S
    ) -> tuple[float, ...]:
        """Read the prompt once, then every candidate after it."""
        torch, began = self._torch, time.monotonic()
        head = self._head(prompt)
        scores: list[float] = []
        asked = 0
        with torch.no_grad():
            start = self._net(torch.tensor([head]), use_cache=True)
            first = start.logits[0, -1].log_softmax(-1)
            for candidate in candidates:
                if LEAVING.is_set() or time.monotonic() - began > timeout_s:
                    raise LanguageModelError(
                        Trouble.TIME_OUT,
                        f"{len(scores)} of {len(candidates)} answers scored in {timeout_s:g} s",
                    )
                tail = [*self._tokenizer(candidate, add_special_tokens=False).input_ids, self._end()]
                rest = self._net(torch.tensor([tail]), past_key_values=start.past_key_values, use_cache=True)
                start.past_key_values.crop(-len(tail))
                logs = rest.logits[0].log_softmax(-1)
                total = float(first[tail[0]]) + sum(float(logs[k, t]) for k, t in enumerate(tail[1:]))
                scores.append(total)
                asked += len(tail)
        self._usage += Usage(1, len(head), asked)
        return tuple(scores)

    def generate(
        self, prompt: str, *, max_tokens: int = ANSWER_TOKENS, timeout_s: float = TIMEOUT_S
    ) -> Answer:
        torch, began = self._torch, time.monotonic()
        head = self._head(prompt)
        with torch.no_grad():
            numbers = torch.tensor([head])
            out = self._net.generate(
                numbers, attention_mask=torch.ones_like(numbers), max_new_tokens=max_tokens, do_sample=False,
                max_time=timeout_s, stopping_criteria=self._stops(), pad_token_id=self._end(),
                temperature=None, top_p=None, top_k=None,
            )  # fmt: skip
        seconds = time.monotonic() - began
        written = out[0, len(head) :].tolist()
        usage = Usage(1, len(head), len(written))
        self._usage += usage
        if seconds > timeout_s and self._end() not in written:
            raise LanguageModelError(
                Trouble.TIME_OUT, f"{len(written)} tokens were written within {timeout_s:g} s, and no end"
            )
        return Answer(self._tokenizer.decode(written, skip_special_tokens=True).strip(), usage, seconds)

    def train_step(self, pairs: Sequence[tuple[str, str]]) -> float:
        """Take one step of AdamW on all weights; return the mean loss per answer token [nat]."""
        torch = self._torch
        if self._optimiser is None:
            self._optimiser = torch.optim.AdamW(self._net.parameters(), lr=LEARNING_RATE)
        self._net.train()
        total, count = 0.0, 0
        self._optimiser.zero_grad()
        for prompt, answer in pairs:  # one by one: memory is what a small machine lacks
            head = self._head(prompt)
            tail = [*self._tokenizer(answer, add_special_tokens=False).input_ids, self._end()]
            logits = self._net(torch.tensor([[*head, *tail]])).logits[0, len(head) - 1 : -1]
            loss = torch.nn.functional.cross_entropy(logits, torch.tensor(tail), reduction="sum")
            (loss / len(tail) / len(pairs)).backward()
            total, count = total + float(loss.detach()), count + len(tail)
        self._optimiser.step()
        self._net.eval()
        return total / count

    def _head(self, prompt: str) -> list[int]:
        """Return the prompt's tokens as the model's chat expects them, shortened from the front."""
        if getattr(self._tokenizer, "chat_template", None):
            messages = [{"role": "user", "content": prompt}]
            text = self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
            numbers = self._tokenizer(text, add_special_tokens=False).input_ids
        else:
            numbers = self._tokenizer(prompt).input_ids
        longest = int(getattr(self._net.config, "max_position_embeddings", 2048)) - 2 * ANSWER_TOKENS
        return list(numbers[-longest:] if longest > 0 else numbers)

    def _stops(self) -> list[Any]:
        """Return what ends writing early: the end of the program."""
        torch = self._torch

        def leaving(numbers: Any, scores: Any, **_: Any) -> Any:
            return torch.full((numbers.shape[0],), LEAVING.is_set(), dtype=torch.bool)

        return [leaving]

    def _end(self) -> int:
        return int(self._tokenizer.eos_token_id or 0)


def import_transformers() -> Any:
    """Import transformers without its network. Raises `UserError` where it is not installed."""
    for name, value in OFFLINE.items():
        os.environ.setdefault(name, value)
    try:
        let_torchvision_import()  # transformers imports it where it is installed
        import transformers
    except ImportError as error:
        raise UserError("this model needs transformers", fix="pip install 'reprohrl[lm]'") from error
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return transformers


def build(settings: LanguageSettings) -> HfModel:
    """Load the folder of `settings.path`."""
    if not settings.path:
        raise UserError("the hf model needs a folder", fix="--lm-path FOLDER, e.g. one of save_pretrained")
    return HfModel(Path(settings.path).expanduser())
