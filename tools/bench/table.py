"""What the benchmark found, as JSON and as the page docs/benchmarks.md."""
import json
import math
import shlex

import programs

HEADER = ["program", "outcome", "seconds", "iterations", "seconds per iteration", "peak memory, MiB",
          "true error, source", "true error, target"]
BATCH_HEADER = ["program", "problems solved", "ms per problem", "ratio", "largest true error"]


def number(value, digits=3):
    """A value in few digits, or a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "-"
    if isinstance(value, int) or 100 <= abs(value) < 1e6:
        return str(round(value))
    if value != 0 and not 1e-3 <= abs(value) < 1e6:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{float(mantissa):.{digits}g}e{int(exponent)}"
    return f"{value:.{digits}g}"


def outcome(row):
    """What became of one program on one case, in words."""
    if row["status"] == "reached":
        return "reached the tolerance"
    if row["status"] == "not finished":
        return f"not finished in {number(row['time_limit'])} s"
    return row["status"] + (f": {row['reason']}" if row.get("reason") else "")


def options(arguments):
    """The options of bench.py that every number depends on, as on its command line."""
    chosen = "" if arguments.programs == ",".join(programs.NAMES) else f"--programs {shlex.quote(arguments.programs)} "
    return (f"{chosen}--repeat {arguments.repeat} --time-limit {arguments.time_limit:g} --threads "
            f"{arguments.threads} --seed {arguments.seed}")


def command(section):
    """The command that measured a section, of what, and where."""
    return f"`{section['command']}`, commit {section['commit']}, {section['processor']}"


def measured_on(sections, found):
    """Output of a program on several processors: the one found in the place of what there was of the same."""
    return [*(section for section in sections if section["processor"] != found["processor"]), found]


def markdown_table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def case_section(case):
    """One case: its problem, its command and its table."""
    rows = []
    for row in case["rows"]:
        errors = row.get("errors") or {}
        about = "~" if errors.get("sampled") else ""
        found = [about + number(errors[side]) if side in errors else "-"
                 for side in ("source", "target")]
        rows.append([row["program"], outcome(row), number(row.get("seconds")),
                     number(row.get("iterations")), number(row.get("seconds_per_iteration")),
                     number(row.get("peak_mib")), *found])
    title = (f"## {case['name']}: n = m = {case['n']}, d = {case['d']}, epsilon-relative "
             f"{number(case['epsilon_relative'])}, tolerance {number(case['tolerance'])}")
    text = f"{title}\n\nepsilon = {case['epsilon']:.9g}; {command(case)}\n\n"
    text += markdown_table(HEADER, rows) + "\n"
    sampled = {row["errors"]["sampled"] for row in case["rows"] if row.get("errors")} - {None}
    if sampled:
        text += f"\n~ estimated from {max(sampled)} rows and as many columns, drawn at random.\n"
    return text


def solved(row):
    """What became of one program on many problems, in words."""
    if row["status"] in ("failed", "wrong"):
        return outcome(row)
    found = f"{row['solved']} of {row['given']}"
    return found if row["status"] == "reached" else f"{found} in {number(row['time_limit'])} s"


def batch_section(batch, preface):
    """Many small problems: which, the command and the table."""
    title = (f"## Many small problems: {batch['count']} of n = m = {batch['n']}, d = {batch['d']}, "
             f"epsilon-relative {number(batch['epsilon_relative'])}, tolerance "
             f"{number(batch['tolerance'])}")
    rows = [[row["program"], solved(row), number(row.get("milliseconds")), number(row.get("ratio")),
             number(row.get("error"))] for row in batch["rows"]]
    return f"{title}\n\n{preface}\n\n{command(batch)}\n\n{markdown_table(BATCH_HEADER, rows)}"


def page(results):
    """The whole page. Nothing in it is written by hand."""
    machine, text = results["machine"], [results["title"], results["preface"], "## Machine of the latest run\n"]
    text.append(markdown_table(["", ""], [[key, str(value)] for key, value in machine.items()]))
    text.append("## Versions\n")
    text.append(markdown_table(["program", "version"],
                               [[key, value or "not installed: left out"]
                                for key, value in results["versions"].items()]))
    text += [case_section(case) for case in results["cases"]]
    if results.get("batch"):
        text.append(batch_section(results["batch"], results["batch_preface"]))
    for name, title in (("roofline", "One pass beside a bare loop"), ("neural", "A training step of a network")):
        if results.get(name):
            text.append(f"## {title}\n\n{results[name + '_preface']}")
            text += [f"{command(found)}\n\n```\n{found['text']}```\n" for found in results[name]]
    return "\n\n".join(part.strip("\n") for part in text) + "\n"


def write(results, markdown_path, json_path):
    with open(json_path, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
        file.write("\n")
    with open(markdown_path, "w", encoding="utf-8") as file:
        file.write(page(results))
