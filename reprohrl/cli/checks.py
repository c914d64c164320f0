"""What `reprohrl doctor` looks at, one function per finding."""

from __future__ import annotations

import glob
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata

from reprohrl.preflight.finding import Finding, State

BITCRAZE_USB = (("1915", "7777", "Crazyradio"), ("0483", "5740", "Crazyflie on USB"))
"""Vendor and product of the devices, as Bitcraze's udev rules list them."""


SHIPPED = ("detector", "navigator", "selector")


def python() -> Finding:
    return Finding("Python", State.OK, f"{platform.python_version()} at {sys.executable}")


def _packages(name: str, wanted: tuple[str, ...], state: State, fix: str) -> Finding:
    found, absent = [], []
    for package in wanted:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            absent.append(package)
    if absent:
        return Finding(name, state, f"without {', '.join(absent)}", fix)
    return Finding(name, State.OK, ", ".join(found))


def runtime() -> Finding:
    wanted = ("numpy", "onnxruntime", "opencv-python-headless", "pyyaml", "typer", "rich")
    return _packages("Runtime", wanted, State.FAILED, "pip install reprohrl")


def simulator() -> Finding:
    fix = "pip install 'reprohrl[sim]', or make setup"
    return _packages("Simulator", ("pybullet", "numba", "gymnasium"), State.NOTE, fix)


def reports() -> Finding:
    return _packages("Reports", ("imageio-ffmpeg", "mcap"), State.NOTE, "pip install 'reprohrl[viz]'")


def training() -> Finding:
    wanted = ("torch", "stable-baselines3", "ultralytics")
    return _packages("Training", wanted, State.NOTE, "only for retraining: make setup-train")


def compiler() -> Finding:
    path = shutil.which("gcc")
    if path is None:
        fix = "only to build the ROS messages: sudo apt install build-essential"
        return Finding("Compiler", State.NOTE, "there is no gcc", fix)
    return Finding("Compiler", State.OK, path)


def ros() -> Finding:
    distro = os.environ.get("ROS_DISTRO")
    source = f"sourced ROS {distro}" if distro else "wheels"
    if importlib.util.find_spec("rclpy") is None:
        fix = "only for the ROS graph: make setup, or source /opt/ros/jazzy/setup.bash"
        return Finding("ROS 2", State.NOTE, "rclpy cannot be found", fix)
    if not _finds_messages():
        return Finding("ROS 2", State.NOTE, f"{source}, but reprohrl_msgs is not built", "make setup")
    from ros_nodes.environment import reach

    domain = os.environ.get("ROS_DOMAIN_ID", "0")
    return Finding("ROS 2", State.OK, f"{source}, domain {domain}, {reach()}")


def _finds_messages() -> bool:
    """True when reprohrl_msgs can be imported here, or where `reprohrl launch` puts it on the path."""
    if importlib.util.find_spec("reprohrl_msgs") is not None:
        spec = importlib.util.find_spec("reprohrl_msgs.msg")
        if spec is not None:
            return True
    return bool(glob.glob(os.path.join(_root(), "install", "**", "reprohrl_msgs", "msg"), recursive=True))


def _root() -> str:
    import reprohrl

    return os.path.dirname(os.path.dirname(os.path.abspath(reprohrl.__file__)))


def models() -> Finding:
    from reprohrl.contracts.errors import UserError
    from reprohrl.policies.verify import verify_models

    try:
        checks = verify_models()
    except UserError as error:
        return Finding("Models", State.FAILED, str(error))
    bad = [f"{c.name}: {c.problem}" for c in checks if not c.ok]
    names = {c.name for c in checks}
    bad += [f"there is no {name}" for name in SHIPPED if name not in names]
    if bad or not checks:
        return Finding("Models", State.FAILED, "; ".join(bad) or "none is listed", "reprohrl models verify")
    told = [f"{name} {_hash(name)}" for name in sorted(names)]
    return Finding("Models", State.OK, f"{', '.join(told)}: hashes, specs and examples as promised")


def _hash(name: str) -> str:
    """Return the first eight digits of a model file's SHA-256."""
    from reprohrl.policies.manifest import read_manifest
    from reprohrl.policies.paths import models_dir

    return read_manifest(models_dir())[name].sha256[:8]


def crazyflie() -> Finding:
    if importlib.util.find_spec("cflib") is None:
        return Finding("Crazyflie", State.NOTE, "without cflib", "pip install 'reprohrl[crazyflie]'")
    return Finding("Crazyflie", State.OK, f"cflib {metadata.version('cflib')}")


def radio() -> Finding:
    """Find a radio, and say when this user may not open it."""
    for product in glob.glob("/sys/bus/usb/devices/*/idProduct"):
        folder = os.path.dirname(product)
        ids = tuple(_read(os.path.join(folder, f)) for f in ("idVendor", "idProduct"))
        for vendor, code, name in BITCRAZE_USB:
            if ids == (vendor, code):
                place = [int(_read(os.path.join(folder, f)) or 0) for f in ("busnum", "devnum")]
                node = f"/dev/bus/usb/{place[0]:03d}/{place[1]:03d}"
                if os.access(node, os.W_OK):
                    return Finding("Radio", State.OK, f"{name} at {node}")
                fix = (
                    f'add to /etc/udev/rules.d/99-bitcraze.rules: SUBSYSTEM=="usb", '
                    f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{code}", MODE="0664", '
                    f'GROUP="plugdev"; then: sudo udevadm control --reload && sudo udevadm trigger, '
                    "and join the group plugdev"
                )
                return Finding("Radio", State.NOTE, f"{name} at {node} may not be opened by this user", fix)
    return Finding("Radio", State.NOTE, "no Crazyradio or Crazyflie on USB", "only for real flights")


def _read(path: str) -> str:
    try:
        with open(path) as stream:
            return stream.read().strip()
    except OSError:
        return ""


def gpu() -> Finding:
    return Finding("GPU", State.OK, "none is needed: all models run on the CPU")


CHECKS: tuple[Callable[[], Finding], ...] = (
    python,
    runtime,
    simulator,
    reports,
    ros,
    models,
    crazyflie,
    radio,
    compiler,
    gpu,
    training,
)

NEEDED_BY_RADIO = ("radio", "usb")
"""Link schemes that need a device of Bitcraze's on USB."""


def machine(uri: str = "") -> list[Finding]:
    """Return what is to be said about this machine; `uri` makes what that link needs a condition."""
    found = [check() for check in CHECKS]
    scheme = uri.partition("://")[0]
    needed = {"Crazyflie"} if uri else set()
    if scheme in NEEDED_BY_RADIO:
        needed.add("Radio")
    return [
        replace(f, state=State.FAILED) if f.name in needed and f.state is not State.OK else f for f in found
    ]
