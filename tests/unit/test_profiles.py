"""Randomisation profiles: what is shipped, what is refused, and what their drones can do."""

from __future__ import annotations

import json
import math
from dataclasses import fields

import numpy as np
import pytest

from reprohrl.contracts.command import HOVER
from reprohrl.contracts.errors import UserError
from sim.dynamics.layout import P
from sim.dynamics.params import drone_params
from sim.envs.config import NavigationConfig
from sim.envs.navigation import BatchNavigation
from sim.envs.pool import draw_scenes, make_pool
from sim.fast.world import FastWorld
from sim.profiles.catalogue import load_profile, names
from sim.profiles.profile import QUANTITIES, Drawn, Profile, from_dict
from sim.profiles.rows import LONGEST_SUBSTEPS, delay_substeps, drone_row, drone_rows
from sim.profiles.training import with_profile
from sim.tasks import make_scene


@pytest.mark.parametrize("name", names())
def test_every_shipped_profile_says_where_each_of_its_numbers_comes_from(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name and profile.about
    assert set(profile.ranges) == set(QUANTITIES) == {f.name for f in fields(Drawn)}
    assert [q for q, r in profile.ranges.items() if not r.source] == []


def test_the_wide_profile_holds_the_dynamics_table() -> None:
    profile = load_profile("crazyflie")
    assert profile["mass"][:2] == (0.027, 0.040)
    assert profile["inertia"][:2] == (0.8, 1.2)
    assert profile["camera_delay"][:2] == (0.03, 0.2)
    assert profile["camera_drop"][:2] == (0.0, 0.05)
    assert profile["camera_freeze"][:2] == (0.2, 5.0)


def test_the_radio_profile_is_the_one_that_the_gap_is_measured_with() -> None:
    drawn = load_profile("radio").draw(np.random.default_rng(0))
    assert (drawn.link_latency, drawn.link_jitter, drawn.link_loss) == (0.010, 0.005, 0.005)
    assert (drawn.camera_fps, drawn.camera_delay) == (8.0, 0.125)
    assert drone_row(drawn) == pytest.approx(drone_params())  # the identified drone itself


def test_draws_stay_within_their_ranges_and_repeat_with_their_seed() -> None:
    profile = load_profile("crazyflie")
    for seed in range(50):
        drawn = profile.draw(np.random.default_rng(seed))
        assert drawn == profile.draw(np.random.default_rng(seed))
        for name, (low, high, _) in profile.ranges.items():
            values = getattr(drawn, name)
            assert all(low <= v <= high for v in np.atleast_1d(values)), name


def test_the_controller_believes_in_the_nominal_drone() -> None:
    rows = drone_rows(load_profile("crazyflie"), np.random.default_rng(1), 20)
    assert np.ptp(rows[:, P.MASS]) > 0.005
    assert set(rows[:, P.CTRL_MASS]) == {drone_params()[P.CTRL_MASS]}


def test_a_batched_worlds_delay_is_capped_at_what_it_remembers() -> None:
    assert delay_substeps(load_profile("crazyflie")) == (7, LONGEST_SUBSTEPS + 1)
    assert delay_substeps(load_profile("radio")) == (31, 44)  # 0.130 to 0.180 s


@pytest.mark.parametrize("seed", range(8))
def test_every_drone_of_the_wide_profile_can_hover(seed: int) -> None:
    drawn = load_profile("crazyflie").draw(np.random.default_rng(seed))
    world = FastWorld(noise=False, latency_s=drawn.link_latency, charge=drawn.charge)
    world.drone_row = drone_row(drawn)
    world.reset(make_scene("S1", 0, "test"), airborne=True)
    start = world.truth().position
    for _ in range(60):
        world.set_command(HOVER)
        world.step(0.1)
    assert np.abs(world.truth().position - start).max() < 0.5
    assert np.abs(world.truth().velocity).max() < 0.05


def test_a_profile_survives_its_file(tmp_path) -> None:
    path = tmp_path / "mine.json"
    load_profile("radio").write(path)
    assert load_profile(path) == load_profile("radio")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.json"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r.pop("mass"), "it lacks mass"),
        (lambda r: r.update(mas={"low": 0, "high": 1}), "there is no quantity 'mas'"),
        (lambda r: r["mass"].update(low=0.05), "low must not be above high"),
        (lambda r: r["mass"].update(high=31.9), "0.01 to 0.1 make sense"),
        (lambda r: r["mass"].update(unit="g"), "mass is in g, must be in kg"),
        (lambda r: r["mass"].update(low="heavy"), "mass has no low and high"),
        (lambda r: r["mass"].update(low=math.nan), "low must not be above high"),
    ],
)
def test_a_wrong_profile_is_refused_with_what_is_wrong(change, words: str) -> None:
    content = json.loads(json.dumps(load_profile("radio").to_dict()))
    change(content["ranges"])
    with pytest.raises(UserError, match="cannot be used") as raised:
        from_dict(content)
    assert words in str(raised.value)


def test_an_unknown_profile_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UserError, match="crazyflie, radio, wire") as raised:
        load_profile("raido")
    assert "radio" in raised.value.fix


def test_all_that_is_wrong_is_said_at_once() -> None:
    content = load_profile("radio").to_dict()
    content["ranges"] = {"mass": {"low": 3, "high": 4, "unit": "kg"}}
    with pytest.raises(UserError) as raised:
        from_dict(content)
    assert "make sense" in str(raised.value) and "it lacks inertia, thrust" in str(raised.value)


def test_the_loop_delay_adds_everything_between_exposure_and_effect() -> None:
    ranges = dict(load_profile("wire").ranges)
    ranges["link_latency"] = ranges["link_latency"]._replace(low=0.02, high=0.03)
    ranges["camera_delay"] = ranges["camera_delay"]._replace(low=0.1, high=0.12)
    assert Profile("x", "", ranges).loop_delay_s() == pytest.approx((0.12, 0.19))


def test_training_draws_its_drones_and_delays_from_a_profile() -> None:
    profile = load_profile("crazyflie")
    config = with_profile(NavigationConfig(tasks={"S1": 1.0}, scenes=4), profile)
    env = BatchNavigation(64, config, seed=3)
    env.reset()
    mass = env.world.params[:, P.MASS]
    low, high, _ = profile["mass"]
    assert low <= mass.min() < 0.030 and 0.036 < mass.max() <= high
    assert set(env.world.params[:, P.CTRL_MASS]) == {drone_params()[P.CTRL_MASS]}
    first, past_last = delay_substeps(profile)
    assert first <= env.world.delay.min() and env.world.delay.max() < past_last
    assert np.ptp(env.world.delay) > 20
    for _ in range(20):
        env.step(np.zeros((64, env.action_size), np.float32))
    assert np.isfinite(env.position).all()


def test_without_a_profile_training_draws_what_it_always_did() -> None:
    config = NavigationConfig(tasks={"S1": 1.0}, scenes=4)
    drawn = make_pool(draw_scenes(config), config.randomise, np.random.default_rng(7)).drones
    rng = np.random.default_rng(7)
    assert (drawn == [drone_params(randomise=config.randomise, rng=rng) for _ in range(len(drawn))]).all()
