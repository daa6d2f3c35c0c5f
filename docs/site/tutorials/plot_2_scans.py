"""
Between two scans
=================

A surface at two times, and what it was in between: the bridge interpolates clouds that have no
correspondence, of different sizes.
"""

import matplotlib.pyplot as plt
import numpy as np

import otbridge as otb

# %%
# A sphere that is pressed and turned, scanned with 1500 and 1200 points.
rng = np.random.default_rng(1)


def sphere(n):
    points = rng.normal(size=(n, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


first = sphere(1500)
second = sphere(1200) * [1.6, 0.8, 0.8]
turn = np.deg2rad(40)
second = second @ [[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]] + [3, 0, 0]

# %%
# The exact plan moves each point on a straight line; with a small epsilon the way is smooth and has a
# little noise, none with the flow of the same marginals (``noise=0``).
exact = otb.solve(first, second, solver="exact")
bridge = otb.solve(first, second, epsilon=0.002)
times, straight = exact.paths(first, [0, 0.25, 0.5, 0.75, 1])
_, flow = bridge.with_sampler(noise=0.0).paths(first, times)
print(exact, bridge, sep="\n")

# %%
figure, axes = plt.subplots(2, 1, figsize=(9, 5), sharex=True)
for ax, frames, title in zip(axes, (straight, flow), ("exact", "epsilon 0.002, without noise")):
    for t, frame in zip(times, frames):
        ax.scatter(frame[:, 0], frame[:, 1], s=2, color=plt.cm.viridis(0.9 * t), linewidths=0)
    ax.set_title(title)
    ax.set_aspect("equal")

# %%
# The middle frame against the mean shape: how far it is from either scan, moved to one centre.
for name, frames in (("exact", straight), ("flow", flow)):
    middle = frames[2] - frames[2].mean(axis=0)
    ends = [otb.distance(middle, scan - scan.mean(axis=0))["w2"] for scan in (first, second)]
    print(f"{name:6} middle frame: W2 to the first {ends[0]:.3f}, to the second {ends[1]:.3f}")
