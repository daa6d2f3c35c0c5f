"""The page and the picture of dsb_or_sinkhorn.py."""
import math

from public_pairs import PUBLISHED

COLOURS = {"sinkhorn": "#0072B2", "mixture": "#009E73", "dsb as published": "#E69F00", "dsb": "#D55E00",
           "dsbm": "#CC79A7"}  # Okabe, Ito 2008
SOLVER = {contender: contender.split()[0] for contender in COLOURS}
WIDTH, HEIGHT = 172, 118  # of a panel


def number(value):
    return "" if value is None else f"{value:.3g}"


def table(heading, columns, rows):
    """Rows: a name and a value per column, None where there is none."""
    return "\n".join([f"| {heading} | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)] +
                     [f"| {name} | " + " | ".join(map(number, values)) + " |" for name, values in rows])


def contender_of(label):
    return label.split(",")[0]


def decades(values):
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))


def panel(x, y, name, marks, floor, across, up):
    """Marks: (contender, seconds, sliced W2, published). Both axes logarithmic, whole decades, the same in every panel."""
    place = lambda value, limits: (math.log10(value) - limits[0]) / (limits[1] - limits[0])
    at_x = lambda value: x + WIDTH * place(value, across)
    at_y = lambda value: y + HEIGHT * (1 - place(value, up))
    parts = [f'<text x="{x}" y="{y - 7}" font-size="12" font-weight="bold">{name}</text>',
             f'<path d="M{x},{y}V{y + HEIGHT}H{x + WIDTH}" fill="none" stroke="#7F7F7F"/>']
    for power in range(across[0], across[1] + 1):
        parts.append(f'<text x="{at_x(10.0 ** power):.1f}" y="{y + HEIGHT + 13}" font-size="10" text-anchor="middle">{10.0 ** power:g}</text>')
    for power in range(up[0], up[1] + 1):
        parts.append(f'<text x="{x - 4}" y="{at_y(10.0 ** power) + 3:.1f}" font-size="10" text-anchor="end">{10.0 ** power:g}</text>')
    parts.append(f'<line x1="{x}" x2="{x + WIDTH}" y1="{at_y(floor):.1f}" y2="{at_y(floor):.1f}" stroke="#7F7F7F" stroke-dasharray="4 3"/>')
    for contender, seconds, error, published in marks:
        fill = f'fill="white" stroke="{COLOURS[contender]}" stroke-width="2"' if published else f'fill="{COLOURS[contender]}"'
        parts.append(f'<circle cx="{at_x(seconds):.1f}" cy="{at_y(error):.1f}" r="4.5" {fill}/>')
    return parts


def picture(labels, names, found, ground):
    """Sliced W2 against seconds, a panel per pair; published figures hollow."""
    marks = {name: [(contender_of(label), found[label, name]["seconds"], found[label, name]["sliced_w2"], False) for label in labels]
             for name in names}
    for row, (values, seconds) in PUBLISHED.items():
        contender = "dsb as published" if "DSB" in row else "dsbm" if row.endswith("matching") else None
        for name, value in zip(names, values):
            if contender:
                marks[name].append((contender, seconds, value, True))
    floor = {name: ground[name]["again"] if name in ground else found[labels[0], name]["sliced_w2_floor"] for name in names}
    across = decades([mark[1] for name in names for mark in marks[name]])
    up = decades([mark[2] for name in names for mark in marks[name]] + list(floor.values()))
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 390" font-family="Helvetica, Arial, DejaVu Sans, sans-serif">',
             '<rect width="880" height="390" fill="white"/>',
             '<text x="36" y="22" font-size="14">sliced W2 of the moved points to the target, against seconds of the solve</text>']
    for k, name in enumerate(names):
        parts += panel(44 + 212 * (k % 4), 58 + 174 * (k // 4), name, marks[name], floor[name], across, up)
    key = [(f'fill="{colour}"', contender) for contender, colour in COLOURS.items()]
    key += [(f'fill="white" stroke="{COLOURS[contender]}" stroke-width="2"', f"published, {words}")
            for contender, words in (("dsb as published", "DSB"), ("dsbm", "bridge matching"))]
    for k, (style, words) in enumerate(key):
        parts.append(f'<circle cx="694" cy="{240 + 19 * k}" r="4.5" {style}/><text x="706" y="{244 + 19 * k}" font-size="12">{words}</text>')
    below = 240 + 19 * len(key)
    parts.append(f'<line x1="686" x2="702" y1="{below}" y2="{below}" stroke="#7F7F7F" stroke-dasharray="4 3"/>'
                 f'<text x="706" y="{below + 4}" font-size="12">exact draws</text></svg>')
    return "\n".join(parts) + "\n"


def public_tables(labels, names, found, ground):
    of = lambda key: [(label, [found[label, name][key] for name in names]) for label in labels]
    learnt = of("sliced_w2") + [("nothing moved", [ground[name]["nothing"] for name in names]),
                                ("(floor: draws of the learnt points)", [ground[name]["again"] for name in names])]
    fresh = of("fresh") + [("(floor: the learnt points)", [ground[name]["fresh"] for name in names])]
    seconds = of("seconds") + [(row, [time] * len(names)) for row, (_, time) in PUBLISHED.items() if time]
    rounds = [(f"{label}: {name}", found[label, name]["rounds"]) for label in labels for name in names
              if SOLVER[contender_of(label)] == "dsb"]
    longest = max(len(values) for _, values in rounds)
    return {"LEARNT": table("sliced W2 to the learnt points", names, learnt + [(row, values) for row, (values, _) in PUBLISHED.items()]),
            "FRESH": table("sliced W2 to fresh points", names, fresh),
            "PUBLIC_SECONDS": table("seconds", names, seconds),
            "ROUNDS": table("error at the target after iteration", [str(k + 1) for k in range(longest)],
                            [(name, values + [None] * (longest - len(values))) for name, values in rounds])}


def our_tables(labels, names, found):
    known = [name for name in names if "path_kl" in found[labels[0], name]]
    of = lambda key, among: [(label, [found[label, name].get(key) for name in among]) for label in labels]
    floor = lambda key, among: [("(floor: exact draws)", [found[labels[0], name][key] for name in among])]
    return {"OURS": table("sliced W2 to fresh points", names, of("sliced_w2", names) + floor("sliced_w2_floor", names)),
            "SECONDS": table("seconds", names, of("seconds", names)),
            "PATH": table("path KL from the truth, nats", known, of("path_kl", known)),
            "MAP": table("error of the map, root mean square", known, of("map_rmse", known)),
            "CONDITIONAL": table("cBW2-UVP, percent", known,
                                 of("conditional_bw2_uvp", known) + floor("conditional_bw2_uvp_floor", known))}


def figures_of_text(labels, public, names, found):
    """What the sentences of the page count, for the networks of the largest budget."""
    last = {contender_of(label): label for label in labels}
    pairs = [(a, b) for a in COLOURS for b in COLOURS if a != b]
    known = [name for name in names if "map_rmse" in found[labels[0], name]]
    of = lambda solver, name, key: found[last[solver], name][key]
    count = lambda key, a, b, among: f"{sum(of(a, name, key) < of(b, name, key) for name in among)} of {len(among)}"
    short = lambda value: f"{value:.0f}" if value >= 10 else f"{value:.2g}"
    span = lambda ratios: f"{short(min(ratios))} to {short(max(ratios))}"
    over = lambda solver, row: span([of(solver, name, "sliced_w2") / value for name, value in zip(public, PUBLISHED[row][0])])
    farthest = [name for name in names if max(COLOURS, key=lambda one: of(one, name, "sliced_w2")) == "dsb as published"]
    wins = [name for name in names if of("dsb", name, "sliced_w2") < of("sinkhorn", name, "sliced_w2")]
    least = {contender_of(label): label for label in reversed(labels)}
    falls = {solver: sum(of(solver, name, "sliced_w2") < found[least[solver], name]["sliced_w2"] for name in names)
             for solver in ("dsb", "dsbm")}
    better = {solver: sum(values[-1] < values[0] for values in (of(solver, name, "rounds") for name in public))
              for solver in ("dsb as published", "dsb")}
    more = (f"More training ({least['dsb'].split(', ')[1]} to {last['dsb'].split()[-1]}) lowers its error on {falls['dsb']} of "
            f"{len(names)} pairs, that of `dsbm` on {falls['dsbm']}." if least != last else "")
    return {**{f"{a}<{b}": count("sliced_w2", a, b, names) for a, b in pairs},
            **{f"{a}<{b} map": count("map_rmse", a, b, known) for a, b in pairs},
            **{f"{a}/{b} time": span([of(a, name, "seconds") / of(b, name, "seconds") for name in names]) for a, b in pairs},
            "dsb/published": over("dsb", "published: DSB, best of 30"),
            "dsb as published/published": over("dsb as published", "published: DSB, best of 30"),
            "dsbm/published": over("dsbm", "published: bridge matching"),
            "budget": last["dsb"].split()[-1], "farthest": f"{len(farthest)} of {len(names)}", "dsb_wins": "; ".join(wins) or "none",
            "more": more, "better": str(better["dsb"]), "better as published": str(better["dsb as published"])}


def write(docs, arguments, labels, public, ours, found, ground):
    names = public + ours
    loads = [cell["load"] for cell in found.values()]
    blocks = {**public_tables(labels, public, found, ground), **our_tables(labels, ours, found),
              "COMMAND": f"tools/figures/dsb_or_sinkhorn.py build/otbridge --seeds {arguments.seeds} --budgets {arguments.budgets}"
                         f" --samples {arguments.samples}",
              "SAMPLES": str(arguments.samples), "LOAD": f"{min(loads):.0f} to {max(loads):.0f}"}
    blocks |= figures_of_text(labels, public, names, found)
    text = (docs.parent / "tools/figures/dsb_or_sinkhorn.txt").read_text(encoding="utf-8")
    for key, block in blocks.items():
        text = text.replace(f"@{key}@", block)
    if "@" in text:
        raise SystemExit(f"no value for the field {text[text.index('@'):][:40]!r}")
    (docs / "dsb-or-sinkhorn.md").write_text(text, encoding="utf-8")
    (docs / "images/dsb_or_sinkhorn.svg").write_text(picture(labels, names, found, ground), encoding="utf-8")
