"""Search an agent's settings with Optuna, on a budget that is the same for every agent.

Trials go in generations of `parallel`: all are asked for, all are trained, all are told, in order. So what
is tried depends on the seed and on nothing else: not on which trial ends first, not on where it trains,
not on how often the sweep was stopped.

    <folder>/sweep.db                Optuna's storage
    <folder>/sweep.json, trials.csv  the log: budget, space, every trial
    <folder>/best.json               settings for `reprohrl train AGENT --settings`
    <folder>/trials/N/               the run of each trial
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from reprohrl.contracts.errors import UserError
from reprohrl.training.agents import registry
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.agents.search import Choice, Real, SearchSpace, Whole
from reprohrl.training.harness.curve import best_until, success_by_step
from reprohrl.training.harness.jobs import Done, Floor, Job
from reprohrl.training.harness.sweep_log import write_log

Launch = Callable[[Sequence[Job]], Iterator[Done]]
"""Trains jobs, wherever; yields each as it ends."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One sweep.

    base      what all trials have in common; `base.steps` is the budget of one
    trials    how many there are in all, pruned ones included
    seed      of the search; the trainings have `base.seed`, which no final run should have
    parallel  trials of one generation
    prune     stop a trial whose best success so far is below the median of the others at that step
    """

    agent: str
    base: AgentConfig
    trials: int
    folder: Path
    seed: int = 0
    parallel: int = 1
    prune: bool = True

    @property
    def space(self) -> SearchSpace:
        return registry.get(self.agent).search


STARTUP_TRIALS = 5
"""So many trials end before any is pruned."""


def sweep(plan: Plan, launch: Launch, *, told: Callable[[str], None], resume: bool = False) -> Path:
    """Run the sweep, or go on with it; return the folder. `told` hears a sentence about every trial.

    Raises `UserError` for an agent without a search space, a folder in use, and whatever ends a training.
    """
    import optuna

    _check(plan, resume)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    plan.folder.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        storage=f"sqlite:///{plan.folder / 'sweep.db'}",
        study_name=plan.agent, direction="maximize", load_if_exists=True,
    )  # fmt: skip
    if not study.trials:
        _begin_with_defaults(study, plan)
    while group := _next_generation(optuna, study, plan):
        jobs = {plan.folder / "trials" / str(t.number): t for t in group}
        outcomes = {}
        floor = _floor(study)
        for done in launch([_job(plan, t, folder, floor) for folder, t in jobs.items()]):
            if done.error is not None:
                raise done.error
            outcomes[done.job.folder.name] = done
        for folder, trial in jobs.items():
            told(_tell(optuna, study, trial, outcomes[folder.name], folder))
            shutil.rmtree(folder / "checkpoints", ignore_errors=True)
        write_log(study, plan)
    write_log(study, plan)
    return plan.folder


def _check(plan: Plan, resume: bool) -> None:
    if not plan.space:
        raise UserError(
            f"the agent {plan.agent} declares nothing to search", fix="give its AGENT a search space"
        )
    unknown = set(plan.space) - set(plan.base.as_dict())
    if unknown:
        raise UserError(f"the search space of {plan.agent} names {sorted(unknown)}, which are no settings")
    if not (plan.folder / "sweep.db").exists():
        return
    if not resume:
        raise UserError(
            f"{plan.folder} already holds a sweep",
            fix="go on with it: --resume; or name another folder: --out",
        )
    log = plan.folder / "sweep.json"
    before = json.loads(log.read_text(encoding="utf-8")) if log.exists() else {}
    same = {
        "settings": plan.base.as_dict(),
        "seed": plan.seed,
        "parallel": plan.parallel,
        "prune": plan.prune,
    }
    changed = [k for k, v in same.items() if k in before and before[k] != v]
    if changed:
        raise UserError(
            f"{plan.folder} holds a sweep with other {' and '.join(changed)}",
            fix="give the same again, or name another folder: --out",
        )


def _begin_with_defaults(study: Any, plan: Plan) -> None:
    """The first trial is the agent as it is, where its settings lie within the space."""
    values = plan.base.as_dict()
    study.enqueue_trial({k: _encode(r, values[k]) for k, r in plan.space.items() if _within(r, values[k])})


def _next_generation(optuna: Any, study: Any, plan: Plan) -> list[Any]:
    """Return the trials to train next: what a stopped sweep left of its generation, and the rest of it."""
    trials = study.get_trials(deepcopy=False)
    running = [t for t in trials if t.state == optuna.trial.TrialState.RUNNING]
    group = [optuna.trial.Trial(study, t._trial_id) for t in running]
    asked = sum(t.state != optuna.trial.TrialState.WAITING for t in trials)
    first = running[0].number if running else asked
    for number in range(asked, min((first // plan.parallel + 1) * plan.parallel, plan.trials)):
        seed = int(np.random.SeedSequence((plan.seed, number)).generate_state(1)[0])
        study.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=max(4, plan.trials // 4))
        group.append(study.ask())
    for trial in group:
        for name, span in plan.space.items():
            _suggest(trial, name, span)
    return group


def _suggest(trial: Any, name: str, span: Real | Whole | Choice) -> None:
    match span:
        case Real():
            trial.suggest_float(name, span.low, span.high, log=span.log)
        case Whole():
            trial.suggest_int(name, span.low, span.high, log=span.log)
        case Choice():
            trial.suggest_categorical(name, [_encode(span, value) for value in span.values])


def _encode(span: Real | Whole | Choice, value: Any) -> Any:
    """Optuna's choices are words or numbers: anything else goes as JSON."""
    return json.dumps(value) if isinstance(span, Choice) else value


def _within(span: Real | Whole | Choice, value: Any) -> bool:
    if isinstance(span, Choice):
        return json.dumps(value) in [json.dumps(v) for v in span.values]
    return isinstance(value, int | float) and span.low <= value <= span.high


def settings_of(plan: Plan, params: dict[str, Any]) -> dict[str, Any]:
    """Return what a trial's parameters say, as the agent's settings."""
    return {k: json.loads(v) if isinstance(plan.space[k], Choice) else v for k, v in params.items()}


def _job(plan: Plan, trial: Any, folder: Path, floor: Floor | None) -> Job:
    config = type(plan.base).from_dict({**plan.base.as_dict(), **settings_of(plan, trial.params)})
    return Job(plan.agent, config.as_dict(), folder, resume=True, floor=floor if plan.prune else None)


def _tell(optuna: Any, study: Any, trial: Any, done: Done, folder: Path) -> str:
    """Tell Optuna how a trial went; return a sentence."""
    curve = folder / "curve.csv"
    held_out = success_by_step(curve, held_out=True)
    points = held_out or success_by_step(curve, held_out=False)
    known = study.get_trials(deepcopy=False)[trial.number].intermediate_values
    for step, value in points.items():
        if step not in known:  # all are, when the sweep was stopped in the middle of this very function
            trial.report(value, step)
    value = list(points.values())[-1] if points else 0.0
    pruned = done.result is None
    trial.set_user_attr("held_out", bool(held_out))
    if pruned:  # Optuna takes its last report for the value
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    else:
        study.tell(trial, value)
    said = (f"{k}={v:.3g}" if isinstance(v, float) else f"{k}={v}" for k, v in trial.params.items())
    return (
        f"trial {trial.number}: success {100 * value:.1f} %{' (pruned)' if pruned else ''}  {', '.join(said)}"
    )


def _floor(study: Any) -> Floor | None:
    """Return the median over the completed trials of their best so far; None after the first few."""
    done = [t for t in study.get_trials(deepcopy=False) if t.state.name == "COMPLETE"]
    if len(done) < STARTUP_TRIALS:
        return None
    curves = [t.intermediate_values for t in done]
    steps = sorted({step for curve in curves for step in curve})
    points = tuple((step, median(best_until(curve, step) for curve in curves)) for step in steps)
    return Floor(points, done[0].user_attrs["held_out"])
