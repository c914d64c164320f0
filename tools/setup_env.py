"""Make the virtual environment, step by step, remembering what is done.

Standard library only: it runs before anything is installed. A step that succeeded leaves a stamp in
.setup/ holding a hash of what it depended on, so an interrupted setup goes on where it stopped and a
finished one costs a second. Usage: `python tools/setup_env.py fly|dev|train`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = ROOT / ".setup"
PYTHON = VENV / "bin" / "python"
CONSTRAINTS = ROOT / "requirements" / "constraints.txt"
RECIPE = (ROOT / "setup.py", CONSTRAINTS)
ROS_RECIPE = (ROOT / "requirements" / "ros.txt", ROOT / "requirements" / "ros-build.txt")
MINIMUM = (3, 11)


class SetupError(Exception):
    """What stopped the setup and what to type next."""


@dataclass(frozen=True)
class Step:
    """One resumable piece of work; `depends` are the files whose change makes it run again."""

    name: str
    what: str
    run: Callable[[], None]
    depends: tuple[Path, ...] = ()

    @property
    def digest(self) -> str:
        sha = hashlib.sha256(f"{sys.version_info[:2]} {ros_distro()} {self.what}".encode())
        for path in self.depends:
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file() and file.suffix not in (".pyc", ".nbi", ".nbc"):
                    sha.update(file.read_bytes())
        return sha.hexdigest()

    def done(self) -> bool:
        stamp = STAMPS / f"{self.name}.done"
        return PYTHON.exists() and stamp.exists() and stamp.read_text() == self.digest


def ros_distro() -> str:
    """Return the name of a ROS installation that is sourced in this shell, or ''."""
    sourced = os.environ.get("ROS_DISTRO", "")
    prefixes = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    return sourced if sourced and any(p.startswith("/opt/ros/") for p in prefixes) else ""


def sh(*command: str | Path, why: str) -> None:
    """Run a command, its output in .setup/log.txt; raise SetupError with its last lines when it fails."""
    STAMPS.mkdir(exist_ok=True)
    log = STAMPS / "log.txt"
    with log.open("ab") as sink:
        sink.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        sink.flush()
        before = sink.tell()
        code = subprocess.call([str(c) for c in command], cwd=ROOT, stdout=sink, stderr=subprocess.STDOUT)
    if code != 0:
        tail = log.read_bytes()[before:].decode(errors="replace").splitlines()[-15:]
        raise SetupError("\n".join([f"{why} failed (exit {code}); the whole log: {log}", *tail]))


def check_machine() -> None:
    """Say all that is missing at once."""
    problems = []
    if sys.version_info < MINIMUM:
        problems.append(f"Python {platform.python_version()} is too old: 3.11 or newer is needed")
    for module, package in (("venv", "python3-venv"), ("ensurepip", "python3-venv")):
        if subprocess.call([sys.executable, "-c", f"import {module}"], stderr=subprocess.DEVNULL):
            problems.append(f"this Python has no {module}: sudo apt install {package}")
    for tool, package in (("gcc", "build-essential"), ("g++", "build-essential")):
        if shutil.which(tool) is None:
            problems.append(f"{tool} is missing (the ROS messages are compiled): sudo apt install {package}")
    if not ros_distro() and platform.machine() != "x86_64":
        problems.append(
            f"there are no ROS wheels for {platform.machine()}: source a ROS installation first "
            "(source /opt/ros/jazzy/setup.bash)"
        )
    if problems:
        raise SetupError(
            "this machine is not ready:\n" + "\n".join(f"  - {p}" for p in dict.fromkeys(problems))
        )


def make_venv() -> None:
    flags = ["--system-site-packages"] if ros_distro() else []
    sh(sys.executable, "-m", "venv", *flags, VENV, why="making .venv")
    sh(PYTHON, "-m", "pip", "install", "-q", "pip", "wheel", "setuptools<80", why="updating pip")


def pip(*what: str, why: str) -> None:
    # A sourced ROS installation brings its own numpy 1.x, which its messages are compiled against.
    pins = ["numpy<2", "opencv-python-headless<4.12"] if ros_distro() else ["-c", str(CONSTRAINTS)]
    sh(PYTHON, "-m", "pip", "install", "--no-input", *pins, *what, why=why)


def install_package() -> None:
    pip("-e", ".[sim,crazyflie,viz]", why="installing the packages to fly")


def install_dev() -> None:
    pip("-e", ".[dev]", why="installing the test tools")


def install_train() -> None:
    pip("-e", ".[train,ray,lm,crafter,lmrl,dev]", why="installing the training extras")


def install_ros() -> None:
    sh(PYTHON, ROOT / "tools" / "setup_ros.py", why="setting up ROS 2")


def check_installed() -> None:
    sh(
        PYTHON,
        "-c",
        "import numpy, cv2, onnxruntime, pybullet, cflib, reprohrl",
        why="importing the packages",
    )


def warm_up() -> None:
    sh(PYTHON, ROOT / "tools" / "warm_up.py", why="compiling the simulator")


def warm_worlds() -> None:
    sh(PYTHON, ROOT / "tools" / "warm_worlds.py", why="compiling the training worlds")


COMPILED = (ROOT / "sim", *(ROOT / "reprohrl" / p for p in ("perception", "policies", "mission")))
STEPS = {
    "machine": Step("machine", "check python and compiler", check_machine),
    "venv": Step("venv", "make .venv", make_venv),
    "fly": Step("fly", "install the packages to fly (no torch)", install_package, RECIPE),
    "ros": Step(
        "ros",
        "set up ROS 2 and build reprohrl_msgs",
        install_ros,
        (ROOT / "tools" / "setup_ros.py", ROOT / "reprohrl_msgs", *ROS_RECIPE),
    ),
    "check": Step("check", "check the installation", check_installed),
    "warm": Step(
        "warm",
        "compile perception and simulator",
        warm_up,
        COMPILED,
    ),
    "worlds": Step("worlds", "compile the training worlds", warm_worlds, COMPILED),
    "dev": Step("dev", "install the test tools", install_dev, RECIPE),
    "train": Step("train", "install the training extras (torch, ray, transformers)", install_train, RECIPE),
}
PLANS = {
    "fly": ["machine", "venv", "fly", "ros", "check", "warm"],
    "dev": ["machine", "venv", "fly", "ros", "check", "warm", "worlds", "dev"],
    "train": ["machine", "venv", "fly", "ros", "check", "warm", "worlds", "train"],
}


def run(plan: str) -> None:
    names = PLANS[plan]
    todo = [n for n in names if not STEPS[n].done()]
    if not todo:
        return
    STAMPS.mkdir(exist_ok=True)
    source = f"the sourced ROS {ros_distro()}" if ros_distro() else "ROS wheels"
    print(f"Setting up {VENV} with Python {platform.python_version()} and {source}", flush=True)
    for i, name in enumerate(names, 1):
        step = STEPS[name]
        label = f"[{i}/{len(names)}] {step.what}"
        if name not in todo:
            print(f"{label} ... done before", flush=True)
            continue
        print(f"{label} ...", end=" ", flush=True)
        begin = time.monotonic()
        step.run()
        (STAMPS / f"{name}.done").write_text(step.digest)
        print(f"{time.monotonic() - begin:.0f} s", flush=True)


def main() -> int:
    plan = sys.argv[1] if len(sys.argv) > 1 else "fly"
    if plan not in PLANS:
        print(f"unknown plan {plan!r}; use one of: {', '.join(PLANS)}", file=sys.stderr)
        return 2
    try:
        run(plan)
    except SetupError as error:
        print(
            f"\n\nSetup stopped: {error}\nMend it and run the same command again; finished steps are kept.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\nSetup interrupted; run it again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
