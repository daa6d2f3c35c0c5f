"""The C++ reference as a page: the public headers, room by room, which state shapes, units, errors and sources.

usage: cpp_reference.py ROOT
"""
import pathlib
import sys

_ROOMS = ["core", "measure", "reference", "problem", "plan", "solve", "solvers", "neural", "known", "metrics", "tables",
          "io", "plot"]


def opening(text):
    """The comment a header begins with, as a paragraph."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        lines.append(line[2:].strip())
    return "\n".join(lines)


def body(text):
    """What stands between the includes and the end of the namespace."""
    kept = [line for line in text.splitlines()[text.splitlines().index("#pragma once") + 1:]
            if not line.startswith(("#include", "namespace otbridge", "}  // namespace otbridge"))]
    return "\n".join(kept).strip()


def main():
    root = pathlib.Path(sys.argv[1])
    print("# C++ reference\n\nThe public headers; `#include \"otbridge/otbridge.hpp\"` has all of them. "
          "Programs that use them: [recipes](recipes.md).\n")
    for room in _ROOMS:
        print(f"## {room}\n")
        for header in sorted((root / "include/otbridge" / room).glob("*.hpp")):
            text = header.read_text(encoding="utf-8")
            print(f"### {room}/{header.name}\n\n{opening(text)}\n\n```cpp\n{body(text)}\n```\n")


if __name__ == "__main__":
    main()
