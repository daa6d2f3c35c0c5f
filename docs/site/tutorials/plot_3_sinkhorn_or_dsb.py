"""
Sinkhorn or a Diffusion Schroedinger Bridge?
============================================

One question, answered from the data or by a network. Between Gaussian laws the answer is known, so that
both can be judged by it; the page *DSB or Sinkhorn?* of this documentation does so at length.
"""

import matplotlib.pyplot as plt

import otbridge as otb

a = otb.gaussian([0, 0])
b = otb.gaussian([4, 4], [[1, -0.8], [-0.8, 1]])

# %%
# Budgets of a few seconds: of the network two iterations of a few hundred steps, where its defaults
# would take half a minute.
solvers = {"gaussian": {}, "sinkhorn": {"samples": 1000}, "dsb": {"iterations": 2, "training_steps": 200}}
rows = otb.compare(a, b, solvers, epsilon=1.0, samples=1000)
print("solver       map error   sliced W2   floor")
for row in rows:
    print(f"{row['solver']:12} {row['truth']['map_rmse']:9.3f} {row['sliced_w2']:11.3f} {row['sliced_w2_floor']:8.3f}")

# %%
# The same paths, drawn from each.
figure, axes = plt.subplots(1, 3, figsize=(12, 4), sharex=True, sharey=True)
for ax, result in zip(axes, rows.results):
    otb.plot.paths(result, ax, n=20)
    ax.set_title(result.solver)
