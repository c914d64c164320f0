"""What to install when a package of an extra is not there."""

from __future__ import annotations

from reprohrl.contracts.errors import UserError

CORE, SIM, TRAIN, RAY, CRAZYFLIE, VIZ, ROS = "", "sim", "train", "ray", "crazyflie", "viz", "ros"
LMRL = "lmrl"
TALK = "talk"
EXTRA_OF = {
    "numba": CORE,
    "onnxruntime": CORE,
    "pybullet": SIM,
    "gymnasium": SIM,
    "torch": TRAIN,
    "stable_baselines3": TRAIN,
    "ultralytics": TRAIN,
    "onnx": TRAIN,
    "sb3_contrib": TRAIN,
    "optuna": TRAIN,
    "ray": RAY,
    "chess": LMRL,
    "textworld": LMRL,
    "cflib": CRAZYFLIE,
    "mcap": VIZ,
    "imageio_ffmpeg": VIZ,
    "rosbags": VIZ,
    "fastapi": TALK,
    "uvicorn": TALK,
    "rclpy": ROS,
    "reprohrl_msgs": ROS,
}


def explain(error: ModuleNotFoundError) -> UserError | None:
    """Return what to say about a missing package, None when it is none of ours."""
    module = (error.name or "").partition(".")[0]
    extra = EXTRA_OF.get(module)
    if extra is None:
        return None
    if extra == ROS:
        fix = "make setup, or source a ROS 2 installation first"
    elif extra == CORE:
        fix = "pip install reprohrl, or make setup"
    elif extra == TRAIN:
        fix = "make setup-train"
    else:
        fix = f"pip install 'reprohrl[{extra}]', or make setup"
    return UserError(f"this needs {module}", why="the package is not installed here", fix=fix)
