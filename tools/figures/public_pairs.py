"""The three pairs of laws of a public comparison of Sinkhorn, DSB and bridge matching on a CPU, its figures, and its score.

Source: github.com/aghasalim/schrodinger-bridge-from-scratch (MIT), README and bench/experiment.py at 043046b and 4b5ad6d:
8000 points of either law, from which the methods learn and against which they are scored; epsilon 1 for both neural methods;
medians of 3 seeds on an Apple M4, but for DSB the best of 30 (10 iterations, 3 seeds).
"""
import math
import random

PAIRS = {"circle to moons": ("circle", "moons"), "normal to 8 gaussians": ("normal", "gaussians"),
         "moons to spiral": ("moons", "spiral")}

# Sliced W2 in the order of PAIRS, and seconds of one pair.
PUBLISHED = {
    "published: nothing": ((1.292, 2.377, 1.080), None),
    "published: Sinkhorn, its mean map of 2000 points": ((1.057, 0.127, 0.211), 2.0),
    "published: DSB, best of 30": ((0.328, 0.367, 0.727), 33.0),
    "published: bridge matching, without noise": ((0.178, 0.284, 0.268), 8.0),
    "published: bridge matching": ((0.048, 0.104, 0.060), 8.0),
}


def draw(law, count, seed):
    """`count` points of a law of the comparison, by its definitions."""
    stream = random.Random(f"{law} {seed}")
    turn = lambda: 2 * math.pi * stream.random()

    def centre(k):
        if law == "normal":
            return (0.0, 0.0), 0.5
        if law == "circle":
            angle = turn()
            return (4 * math.cos(angle), 4 * math.sin(angle)), 0.3
        if law == "gaussians":
            angle = math.pi / 4 * stream.randrange(8)
            return (4 * math.cos(angle), 4 * math.sin(angle)), 0.3
        if law == "moons":  # one half each
            angle = turn() / 2
            if k < count // 2:
                return (3 * math.cos(angle), 3 * math.sin(angle)), 0.3
            return (1.5 - 3 * math.cos(angle), 1.5 - 3 * math.sin(angle)), 0.3
        angle = 3.5 * math.pi * math.sqrt(stream.random())  # spiral, two arms
        radius = 0.45 * angle * stream.choice((-1, 1))
        return (radius * math.cos(angle), radius * math.sin(angle)), 0.24

    points = []
    for k in range(count):
        (x, y), noise = centre(k)
        points.append((x + noise * stream.gauss(0, 1), y + noise * stream.gauss(0, 1)))
    return points


def quantiles(points, directions=256, levels=512):
    """Per direction, evenly spread, the quantiles of the projections at `levels` even levels from least to greatest."""
    result = []
    for k in range(directions):
        cosine, sine = math.cos(math.pi * k / directions), math.sin(math.pi * k / directions)
        line = sorted(cosine * x + sine * y for x, y in points)
        row = []
        for level in range(levels):
            place = level / (levels - 1) * (len(line) - 1)
            low = min(int(place), len(line) - 2)
            row.append(line[low] + (place - low) * (line[low + 1] - line[low]))
        result.append(row)
    return result


def sliced_w2(first, second):
    """Root of the mean squared difference of two tables of quantiles: the comparison's score."""
    total = sum((a - b) ** 2 for p, q in zip(first, second) for a, b in zip(p, q))
    return math.sqrt(total / (len(first) * len(first[0])))


def redraw(points, seed):
    """As many points, drawn from these with replacement."""
    return random.Random(f"again {seed}").choices(points, k=len(points))
