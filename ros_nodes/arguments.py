"""Launch arguments: their names, meaning, defaults and choices, in one place for every launcher."""

from __future__ import annotations

from dataclasses import dataclass

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean

NUMBERS = (
    "seed", "camera_port", "foxglove_port", "speed", "time_limit_per_goal_s", "fence_half_m", "fence_top_m",
)  # fmt: skip
WHOLE = ("seed", "camera_port", "foxglove_port")
BOOLEANS = ("true", "false")
LANGUAGE_MODELS = ("rules", "tiny", "smollm2", "hf", "openai")


@dataclass(frozen=True, slots=True)
class Argument:
    """One launch argument; values are text, as in ROS."""

    name: str
    default: str
    description: str
    choices: tuple[str, ...] = ()


ARGUMENTS = (
    Argument("goals", "", 'goals in order, e.g. "sphere,cone,cube"; the task\'s own when empty'),
    Argument("mission", "", 'mission in words: "visit the cube, then the cone"; its goals are in the scene'),
    Argument("task", "MC-3", "benchmark task whose scene is flown in"),
    Argument("seed", "0", "seed of scene, drone, sensors, camera and policies"),
    Argument("split", "test", "which seeds", ("test", "train")),
    Argument("backend", "sim", "what flies", ("sim", "crazyflie")),
    Argument("world", "bullet", "who integrates the simulated body", ("bullet", "fast")),
    Argument("uri", "udp://127.0.0.1:19850", "cflib address of the drone (backend crazyflie)"),
    Argument("camera_host", "", "address of the AI-deck; 127.0.0.1 for a udp uri, else 192.168.4.1"),
    Argument("camera_port", "5000", "TCP port of the AI-deck"),
    Argument("calibration", "", "file of reprohrl calibrate camera; the nominal lens when empty"),
    Argument("virtual", "auto", "start a virtual Crazyflie; auto: when nobody answers on a local udp uri",
             ("auto", "true", "false")),
    Argument("planner", "learned", "goal selector: learned, rule, scripted; spring, direct, ilql read"),
    Argument("lm", "rules", "language model of a planner that reads", LANGUAGE_MODELS),
    Argument("lm_path", "", "folder of an hf model, or of a trained tiny one"),
    Argument("lm_endpoint", "", "OpenAI-compatible server (lm:=openai); its key is in $OPENAI_API_KEY"),
    Argument("lm_model", "", "the model's name at that server"),
    Argument("document", "", "rules that the planner studies first: LaTeX, Markdown or text"),
    Argument("dag", "", "YAML file of spring's questions; the drone's when empty"),
    Argument("policy", "", "folder of a policy of reprohrl lmrl train, for planner:=ilql"),
    Argument("navigator", "learned", "low level: learned, routes, scripted"),
    Argument("detector", "onnx", "onnx, or truth: the simulator's own boxes", ("onnx", "truth")),
    Argument("grey", "true", "grey frames, as the AI-deck's; else colour", BOOLEANS),
    Argument("speed", "1.0", "simulated seconds per wall second; 0: as fast as possible"),
    Argument("time_limit_per_goal_s", "60.0", "time each goal may take [s]"),
    Argument("fence_half_m", "2.5", "half side of the geofence around the odometry's origin [m]"),
    Argument("fence_top_m", "2.5", "top of the geofence [m]"),
    Argument("record", "true", "write a report and a bag", BOOLEANS),
    Argument("video", "true", "encode flight.mp4 with the report", BOOLEANS),
    Argument("teleop", "false", "fly what comes on cmd_vel, of a teleop tool or of Nav2, while it is fresh",
             BOOLEANS),
    Argument("monitor", "false", "publish TF, markers, scan, annotated images, the navigator's view",
             BOOLEANS),
    Argument("foxglove", "false", "serve the flight live to Foxglove in the browser", BOOLEANS),
    Argument("foxglove_port", "8765", "TCP port of the live view"),
    Argument("run_dir", "", "folder to write to; runs/<stamp> when empty"),
    Argument("respawn", "true", "start a node that died again while the drone hovers; else it lands at once",
             BOOLEANS),
    Argument("params_file", "", "YAML file of node parameters, as config/nodes.yaml; goes before arguments"),
    Argument("parameters", "", 'node parameters: "supervisor.fence_top_m=2.0, drone.land_after_s=2.0"'),
    Argument("fault_injection", "false", "let faults be injected: reprohrl inject", BOOLEANS),
    Argument("faults", "", 'faults from the start on: "camera/image_raw=slow:0.4, state=delayed"'),
    Argument("fly", "true", "start the mission at once; else wait for a FlyMission goal", BOOLEANS),
)  # fmt: skip


def resolve(
    given: dict[str, str], arguments: tuple[Argument, ...] = ARGUMENTS, *, graph: str = "multigoal"
) -> dict[str, str]:
    """Return all values. Raises `UserError` naming every unknown argument and bad choice at once."""
    known = {a.name: a for a in arguments}
    problems = []
    for name, value in given.items():
        if name not in known:
            guess = did_you_mean(name, list(known))
            problems.append(f"there is no argument {name!r}" + (f" ({guess})" if guess else ""))
        elif known[name].choices and value.lower() not in known[name].choices:
            problems.append(f"{name}:={value} is none of {', '.join(known[name].choices)}")
    for name in NUMBERS:
        try:
            if (int if name in WHOLE else float)(given.get(name, "0")) < 0:
                problems.append(f"{name}:={given[name]} is negative")
        except ValueError:
            problems.append(f"{name}:={given[name]} is no number")
    if problems:
        raise UserError(
            "; ".join(problems), fix=f"list the arguments with: reprohrl launch {graph} --show-args"
        )
    return {a.name: given.get(a.name, a.default) for a in arguments}
