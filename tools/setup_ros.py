"""Give a virtual environment ROS 2 and the built `reprohrl_msgs`: `python tools/setup_ros.py [.venv]`.

Standard library only. ROS comes from a sourced installation when this environment can import its
rclpy, else from wheels. The tools that build the messages stay in .setup/ros/tools, an environment
layered over the flying one: their setuptools and lark must not meet its packages. Each step is
skipped when it is done, so an interrupted setup goes on where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".setup" / "ros"
TOOLS = WORK / "tools"
RUNTIME, BUILD = ROOT / "requirements" / "ros.txt", ROOT / "requirements" / "ros-build.txt"
INTERFACES = ROOT / "reprohrl_msgs"
TIMEOUT_S = 1800.0


class SetupError(Exception):
    """What stopped the setup, and what to type next."""


def clean_env(**more: str) -> dict[str, str]:
    """Return the environment without what the wheels set for another interpreter."""
    dropped = ("_ROS_WHEELS_BOOTSTRAP_COMPLETE", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    keep = os.environ if sourced() else {k: v for k, v in os.environ.items() if k not in dropped}
    return {**keep, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **more}


def run(*command: str | Path, why: str, env: dict[str, str] | None = None) -> str:
    """Run a command and return its output; raise SetupError with the last lines when it fails."""
    words = [str(c) for c in command]
    try:
        done = subprocess.run(
            words, cwd=ROOT, env=env or clean_env(), timeout=TIMEOUT_S, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetupError(f"{why} failed: {error}") from error
    WORK.mkdir(parents=True, exist_ok=True)
    with (WORK / "log.txt").open("a") as log:
        log.write(f"\n$ {' '.join(words)}\n{done.stdout}")
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-15:])
        raise SetupError(f"{why} failed (exit {done.returncode}); the whole log: {WORK / 'log.txt'}\n{tail}")
    return done.stdout


def sourced() -> str:
    """Return the name of the ROS installation sourced in this shell, or ''."""
    return os.environ.get("ROS_DISTRO", "")


def can_import(python: Path, *modules: str) -> bool:
    code = "import " + ", ".join(modules)
    return (
        subprocess.run([python, "-c", code], env=clean_env(), capture_output=True, timeout=120).returncode
        == 0
    )


def missing_tools(python: Path) -> list[str]:
    """Say what a compiler run needs and this machine lacks."""
    problems = [
        f"{tool} is missing: sudo apt install build-essential"
        for tool in ("gcc", "g++", "make")
        if shutil.which(tool) is None
    ]
    code = "import sysconfig; print(sysconfig.get_path('include'))"
    folder = Path(subprocess.check_output([python, "-c", code], text=True, env=clean_env()).strip())
    if not (folder / "Python.h").exists():
        problems.append(f"no Python.h in {folder}: sudo apt install python3-dev")
    return problems


def digest(*paths: Path) -> str:
    sha = hashlib.sha256(f"{sys.version} {sourced()}".encode())
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                sha.update(file.name.encode() + file.read_bytes())
    return sha.hexdigest()


def step(number: int, what: str, stamp: str, key: str, work: Callable[[], object], *, redo: bool) -> None:
    """Do `work` unless its stamp says that it was done with the same inputs."""
    mark = WORK / stamp
    print(f"  ros {number}/4 {what} ...", end=" ", flush=True)
    if not redo and mark.exists() and mark.read_text() == key:
        print("done before", flush=True)
        return
    begin = time.monotonic()
    work()
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(key)
    print(f"{time.monotonic() - begin:.0f} s", flush=True)


def install(python: Path, requirements: Path) -> None:
    run(
        python,
        "-m",
        "pip",
        "install",
        "--no-input",
        "-r",
        requirements,
        why=f"installing {requirements.name}",
    )


def make_tools(python: Path) -> None:
    """Make the layered environment of the build tools."""
    run(python, "-m", "venv", "--clear", TOOLS, why="making the build environment")
    site = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = run(TOOLS / "bin/python", "-c", site, why="finding site-packages").strip()
    below = run(python, "-c", site, why="finding site-packages").strip()
    Path(own, "flying_environment.pth").write_text(below + "\n")
    if sourced():
        run(TOOLS / "bin/python", "-m", "pip", "install", "-q", "setuptools<80", why="installing setuptools")
        return
    install(TOOLS / "bin/python", BUILD)


def mend_exports(python: Path, prefix: Path) -> None:
    """Replace the paths of the machine that built the wheels, which their CMake exports carry."""
    code = "import sysconfig, numpy; print(sysconfig.get_path('include')); print(numpy.get_include())"
    include, numpy_include = run(python, "-c", code, why="finding the headers of Python and numpy").split(
        "\n"
    )[:2]
    for folder in (prefix, TOOLS):
        for file in (folder / "share").glob("*/cmake/*Export.cmake"):
            text = file.read_text()
            new = re.sub(r'/opt/python/[^;"]*/site-packages/numpy/_?core/include', numpy_include, text)
            new = re.sub(r'/opt/python/[^;"]*/include/python3\.\d+', include, new)
            if new != text:
                file.write_text(new)


def build(prefix: Path) -> None:
    """Build `reprohrl_msgs` with colcon and install it into the environment itself."""
    python = TOOLS / "bin/python"
    prefixes = [str(prefix), str(TOOLS), *os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)]
    path = os.pathsep.join(p for p in prefixes if p)
    env = clean_env(
        PATH=f"{TOOLS / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        AMENT_PREFIX_PATH=path,
        CMAKE_PREFIX_PATH=path,
        MAKEFLAGS=f"-j{os.cpu_count() or 1}",
    )
    colcon = shutil.which("colcon", path=env["PATH"])
    if colcon is None:
        raise SetupError("colcon is missing: sudo apt install python3-colcon-common-extensions")
    run(
        colcon, "--log-base", WORK / "log", "build", "--base-paths", INTERFACES,
        "--build-base", WORK / "build",
        "--install-base", prefix, "--merge-install", "--cmake-args", "-DBUILD_TESTING=OFF",
        "-DCMAKE_BUILD_TYPE=Release", f"-DPython3_EXECUTABLE={python}", f"-DPYTHON_EXECUTABLE={python}",
        "-DCMAKE_INSTALL_RPATH=$ORIGIN",
        env=env, why="building reprohrl_msgs",
    )  # fmt: skip


def setup(prefix: Path, *, force: bool) -> None:
    python = prefix / "bin" / "python"
    if not python.exists():
        raise SetupError(f"{prefix} is no virtual environment: python3 -m venv {prefix}")
    problems = missing_tools(python)
    if problems:
        raise SetupError("this machine is not ready:\n" + "\n".join(f"  - {p}" for p in problems))
    installed = bool(sourced()) and can_import(python, "rclpy")
    here = str(prefix)
    if installed:
        print(f"  ros 1/4 ROS {sourced()} is sourced; no wheels needed", flush=True)
    else:
        redo = force or not can_import(python, "rclpy")
        key = digest(RUNTIME) + here
        step(1, "ROS wheels (about 260 MB)", "wheels", key, lambda: install(python, RUNTIME), redo=redo)
    key = digest(BUILD) + here
    step(2, "build tools", "tools.done", key, lambda: make_tools(python), redo=force or not TOOLS.exists())
    key = digest(RUNTIME, BUILD) + here
    step(3, "header paths", "headers", key, lambda: mend_exports(python, prefix), redo=True)
    key = digest(INTERFACES, RUNTIME, BUILD) + here
    redo = force or not (prefix / "share" / "reprohrl_msgs").exists()
    step(4, "reprohrl_msgs", "messages", key, lambda: build(prefix), redo=redo)
    code = "import sys; sys.path.insert(0, '.'); from ros_nodes.environment import check; check()"
    run(python, "-c", code, why="importing rclpy and reprohrl_msgs")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("venv", nargs="?", default=str(ROOT / ".venv"), help="environment to set up")
    parser.add_argument("--force", action="store_true", help="do every step again")
    args = parser.parse_args()
    try:
        setup(Path(args.venv).absolute(), force=args.force)
    except SetupError as error:
        print(f"\nsetting up ROS 2 stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; run it again to go on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
