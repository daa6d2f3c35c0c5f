"""
Cells between two days
======================

Single-cell experiments destroy what they measure: of a growing culture one has clouds at some days and
never the same cell twice. Here the truth is made up, so that the interpolation can be judged by the
day that was left out.
"""

import matplotlib.pyplot as plt
import numpy as np

import otbridge as otb

# %%
# Synthetic cells: two fates that part from one stem, 50 genes as random mixtures of two hidden
# coordinates, with noise. The day between is kept aside.
rng = np.random.default_rng(2)
genes = rng.normal(size=(2, 50))


def day(t, n):
    fate = np.where(rng.random(n) < 0.4, 1.0, -1.0)
    hidden = np.stack([2.0 * t + 0.3 * rng.normal(size=n), fate * t**1.5 + 0.3 * rng.normal(size=n)], axis=1)
    return hidden @ genes + 0.2 * rng.normal(size=(n, 50))


before, between, after = day(1, 600), day(1.5, 600), day(2, 800)

# %%
# Transport in the first principal components, as one would take ``adata.obsm["X_pca"]``.
mean = np.concatenate([before, after]).mean(axis=0)
axes = np.linalg.svd(np.concatenate([before, after]) - mean, full_matrices=False)[2][:5]
x0, x1, x2 = ((cells - mean) @ axes.T for cells in (before, between, after))
result = otb.solve(x0, x2, epsilon_relative=0.002)
times, paths = result.paths(x0, [0, 0.5, 1], seed=1)
print(result)

# %%
# The middle of the bridge against the day that was left out, beside what knows less.
print(f"bridge at t = 1/2   {otb.distance(paths[1], x1)['w2']:.2f}")
print(f"the day before      {otb.distance(x0, x1)['w2']:.2f}")
print(f"the day after       {otb.distance(x2, x1)['w2']:.2f}")
print(f"random pairs        {otb.distance((x0 + x2[rng.permutation(600)]) / 2, x1)['w2']:.2f}")

# %%
# Where a cell goes: the mass of its row of the plan on one of the two fates, which the first component
# tells apart.
fate = result.target[:, 0] > 0
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
left.scatter(*x0[:, :2].T, s=6, c=result.plan[:, fate].sum(axis=1) * len(x0), cmap="viridis")
left.scatter(*x2[:, :2].T, s=6, color="lightgrey", zorder=0)
left.set_title("share of each cell that takes one fate")
for k, colour in ((0, otb.plot.SOURCE), (1, otb.plot.MOVED), (2, otb.plot.TARGET)):
    right.scatter(*paths[k][:, :2].T, s=4, color=colour, label=f"t = {times[k]}")
right.scatter(*x1[:, :2].T, s=4, color="lightgrey", zorder=0, label="left out")
right.legend(frameon=False)
