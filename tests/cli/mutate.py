#!/usr/bin/env python3
"""Hostile laws, problems and plans, through the command line.

Takes every example law and problem of the repository and a plan of each solver, replaces 1 to 4 of their leaves by
values that nobody expects there, and runs a command on the result. A run fails that ends by a signal or with a code
outside the contract, prints a number that is not finite, refuses in other than one line, takes more than 10 s of
processor time, or 1 GiB. Prints what failed, with the input, and a table of the exit codes.

usage: mutate.py OTBRIDGE [--runs N] [--seed S] [--keep FOLDER]
"""

import argparse
import copy
import json
import os
import pathlib
import random
import re
import resource
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS, BYTES = 10, 1 << 30
CODES = {0, 2, 3, 4, 5, 6}


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


NUMBERS = [0, -1, 1, 2.5, 1e308, -1e308, 1e-308, 5e-324, 1e-17, 1e16, 1e150, 1e200, 2**31, 2**53 + 1, 2**63, 2**64,
           -(2**63), 10**400, 4096, float("nan"), float("inf")]
TEXTS = ["", "x" * 5000, "\u0000\n\u001b[31m", "\u00e9" * 40, "-", ".", "..", "/", "/dev/zero", "/dev/stdin",
         "missing.csv", "missing.json", "input.json", "moons", "moons@", "gaussian", "1"]
SHAPES = [None, True, False, [], {}, [1], [1, 2, 3], [[1, 2], [3, 4]], [[1], [2, 3]], [1e308] * 2, [5e-324] * 2, [0, 0],
          [[1e308, 0], [0, 1e308]], [[1e-308, 0], [0, 1e308]], [[0, 0], [0, 0]], list(range(50)), nested(60),
          nested(70), {"type": "points", "file": "input.json"}, {"type": "toy", "name": "moons"}]
FACTORS = [-1, 1e-300, 1e-160, 1e-10, 1e10, 1e20, 1e100, 1e150, 1e300]
NOT_FINITE = re.compile(rb'(?i)(?<![\w/"])[-+]?(nan|inf(inity)?)\b')


def places(value, path=()):
    """Paths of all that value holds."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield path + (key,)
        yield from places(child, path + (key,))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def hostile(draw, old):
    number = isinstance(old, (int, float)) and not isinstance(old, bool)
    if number and abs(old) < 1e300 and draw.random() < 0.3:
        return float(old) * draw.choice(FACTORS)
    return copy.deepcopy(draw.choice(NUMBERS if number and draw.random() < 0.5 else NUMBERS + TEXTS + SHAPES))


def mutated(draw, document):
    document = copy.deepcopy(document)
    for _ in range(draw.choice([1, 1, 1, 2, 2, 3, 4])):
        paths = list(places(document))
        if not paths:
            break
        path = draw.choice(paths)
        # Leaves first; to replace a whole branch is soon uninteresting.
        inner = [p for p in paths if p[: len(path)] == path]
        if len(inner) > 1 and draw.random() < 0.7:
            path = draw.choice(inner)
        at(document, path[:-1])[path[-1]] = hostile(draw, at(document, path))
    return document


class Plan:
    """A safetensors file whose texts and numbers can be replaced, with the checksum made anew."""

    def __init__(self, path):
        data = pathlib.Path(path).read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8 : 8 + length])
        self.document = {"texts": header.pop("__metadata__"), "tensors": {}}
        self.document["texts"].pop("checksum")
        for key, text in self.document["texts"].items():
            if text.startswith("{"):
                self.document["texts"][key] = json.loads(text)
        for name, entry in header.items():
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            self.document["tensors"][name] = {
                "shape": entry["shape"], "values": list(struct.unpack(f"<{(end - begin) // 8}d", data[begin:end]))}

    @staticmethod
    def encoded(document):
        """None where what was replaced is no plan file at all."""
        try:
            texts = {key: text if isinstance(text, str) else json.dumps(text)
                     for key, text in document["texts"].items()}
            parts = [f"{key}={texts[key]};".encode() for key in sorted(texts)]
            header, data = {"__metadata__": texts}, b""
            for name in sorted(document["tensors"]):
                shape, values = (document["tensors"][name][key] for key in ("shape", "values"))
                packed = struct.pack(f"<{len(values)}d", *values)
                header[name] = {"dtype": "F64", "shape": shape, "data_offsets": [len(data), len(data) + len(packed)]}
                parts += [f"{name}:{shape[0]}x{shape[1]};".encode(), packed]
                data += packed
        except (AttributeError, IndexError, KeyError, OverflowError, TypeError, UnicodeError, struct.error):
            return None
        # FNV-1a, as src/io/tensors.cpp has it, so that what is behind the checksum is reached.
        checksum = 0xCBF29CE484222325
        for byte in b"".join(parts):
            checksum = (checksum ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
        texts["checksum"] = str(checksum)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        return struct.pack("<Q", len(text)) + text + data


def with_files(path):
    """A document whose relative files are found from anywhere."""
    text = path.read_text()
    for folder in ("clouds", "laws"):
        text = text.replace(f"../{folder}/", f"{ROOT}/data/{folder}/")
    return json.loads(text)


TRAINING = ["iterations=1", "training_steps=10", "steps=4", "batch=16", "trajectories=16", "map_samples=8",
            "hidden=[8]"]


def settings(solver):
    changes = {"dsb": TRAINING, "sinkhorn": ["iterations=50"], "gaussian": ["moments=match"], "exact": [],
               "mixture": ["components=2", "iterations=5"]}[solver]
    return ["--solver", solver] + [word for change in changes for word in ("--set", change)]


class Program:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder

    def run(self, arguments):
        """Exit code (negative: the signal), output, errors, seconds of processor, bytes."""
        streams = [tempfile.TemporaryFile() for _ in range(2)]
        process = subprocess.Popen([self.path, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=streams[0],
                                   stderr=streams[1], env=dict(os.environ, OMP_NUM_THREADS="2"),
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (6 * SECONDS,) * 2))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        texts = []
        for stream in streams:
            stream.seek(0)
            texts.append(stream.read())
            stream.close()
        return os.waitstatus_to_exitcode(status), *texts, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def faults(code, output, errors, seconds, size):
    if code not in CODES:
        yield f"exit code {code}"
    if code in (0, 4) and NOT_FINITE.search(output):
        yield "a number that is not finite"
    if code not in (0, 4) and output.strip():
        yield "output beside a refusal"
    lines = errors.splitlines()
    refusals = [line for line in lines if line.startswith(b"otbridge: ")]
    # After notes, perhaps: what a solver has to say of itself before its answer cannot be used.
    if code in (2, 3, 5, 6) and (len(refusals) != 1 or lines[-1] != refusals[0]):
        yield "a refusal of other than one line"
    if seconds > SECONDS:
        yield f"{seconds:.0f} s"
    if size > BYTES:
        yield f"{size >> 20} MiB"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("otbridge", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=pathlib.Path, help="folder for inputs that fail")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mutate"))
    program = Program(options.otbridge.resolve(), folder)

    laws = [with_files(path) for path in sorted(ROOT.glob("data/laws/*.json"))]
    problems = [with_files(path) for path in sorted(ROOT.glob("data/problems/*.json"))]
    # Training takes as long as a file asks for; it is asked for a little below.
    problems = [problem for problem in problems if "dsb" not in json.dumps(problem.get("solver", ""))]
    for law in laws:
        problems.append({"source": law, "target": law, "reference": {"epsilon": 1.0, "theta": 0.5}, "samples": 20})
    (folder / "input.csv").write_text("x,y\n0,0\n1,2\n0.3,0.7\n")
    pair = ['{"type":"gaussian","mean":[0,1],"cov":[[1,0.5],[0.5,2]]}', '{"type":"gaussian","mean":[3,1],"std":1}']
    plans = []
    for solver in ("gaussian", "sinkhorn", "exact", "mixture", "dsb"):
        ends = pair if solver in ("gaussian", "mixture", "dsb") else ["input.csv", pair[1]]
        code, _, errors, _, _ = program.run(["transport", *ends, *settings(solver), "--samples", "7", "--epsilon", "1",
                                             "--plan", f"{solver}.safetensors", "-o", "moved.csv"])
        if code not in (0, 4):
            sys.exit(f"the plan of {solver} could not be made: {errors.decode()}")
        plans.append(Plan(folder / f"{solver}.safetensors").document)

    codes, failed, slowest, largest = {}, 0, 0.0, 0
    for run in range(options.runs):
        kind = draw.choice(["law", "law", "problem", "plan"])
        if kind == "plan":
            path = folder / "input.safetensors"
            data = Plan.encoded(mutated(draw, draw.choice(plans)))
            if data is None:
                continue
            command = draw.choice([["describe", path.name, "--json"], ["apply", path.name, "--input", "input.csv"],
                                   ["interpolate", path.name, "--times", "0,1"], ["compare", "--plans", path.name]])
        else:
            path = folder / "input.json"
            document = mutated(draw, draw.choice(laws if kind == "law" else problems))
            data = json.dumps(document).encode()
            command = draw.choice([["sample", path.name, "--samples", "3"], ["describe", path.name]])
            if kind == "problem":
                solver = draw.choice(["sinkhorn", "exact", "gaussian", "mixture", "dsb"])
                named = isinstance(document, dict) and "solver" in document
                command = ["transport", path.name, "--samples", "20", *([] if named else settings(solver))]
        path.write_bytes(data)
        result = program.run(command)
        codes[command[0], result[0]] = codes.get((command[0], result[0]), 0) + 1
        slowest, largest = max(slowest, result[3]), max(largest, result[4])
        for fault in faults(*result):
            failed += 1
            print(f"run {run}: {fault}: otbridge {' '.join(command)}", result[2][:200], sep="\n  ")
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"{run}{path.suffix}").write_bytes(data)
    for (command, code), count in sorted(codes.items()):
        print(f"{command:10} exit {code}: {count}")
    print(f"{options.runs} runs, {failed} failed; slowest {slowest:.1f} s, largest {largest >> 20} MiB")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
