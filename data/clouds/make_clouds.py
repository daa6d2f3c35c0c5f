"""Writes torus.ply and knot.ply: 2000 points each on a torus and on a trefoil tube. Standard library only.

usage: python3 make_clouds.py   (in this folder; the seed is fixed)
"""
import math
import random
import struct


def write_ply(path, points):
    with open(path, "wb") as out:
        out.write(b"ply\nformat binary_little_endian 1.0\nelement vertex %d\n" % len(points))
        out.write(b"property float x\nproperty float y\nproperty float z\nend_header\n")
        for point in points:
            out.write(struct.pack("<3f", *point))


def torus(count, rng):
    points = []
    while len(points) < count:
        u, v = rng.uniform(0, 2 * math.pi), rng.uniform(0, 2 * math.pi)
        # Area element: accept in proportion to the distance from the axis.
        if rng.random() < (2 + 0.7 * math.cos(v)) / 2.7:
            r = 2 + 0.7 * math.cos(v)
            points.append((r * math.cos(u), r * math.sin(u), 0.7 * math.sin(v)))
    return points


def knot(count, rng):
    points = []
    for _ in range(count):
        t = rng.uniform(0, 2 * math.pi)
        centre = (math.sin(t) + 2 * math.sin(2 * t), math.cos(t) - 2 * math.cos(2 * t), -math.sin(3 * t))
        offset = [rng.gauss(0, 1) for _ in range(3)]
        norm = math.sqrt(sum(o * o for o in offset))
        points.append(tuple(0.9 * (c + 0.3 * o / norm) for c, o in zip(centre, offset)))
    return points


rng = random.Random(0)
write_ply("torus.ply", torus(2000, rng))
write_ply("knot.ply", knot(2000, rng))
