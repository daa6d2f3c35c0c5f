"""
Minibatch couplings for flow matching
=====================================

Flow matching learns a velocity from pairs of noise and data. Pairs by chance cross each other, pairs by
optimal transport hardly do, so that the flow is straighter and takes fewer steps to simulate
(Tong et al. 2024). The pairing of a batch is one call.
"""

import matplotlib.pyplot as plt
import numpy as np

import otbridge as otb

# %%
# The velocity is linear in random Fourier features, which needs no framework; in a loop of PyTorch the
# call is the same, tensors in and out.
rng = np.random.default_rng(3)
frequencies, phases = rng.normal(size=(3, 200)), rng.uniform(0, 2 * np.pi, 200)


def features(t, x):
    return np.cos(np.hstack([x, np.broadcast_to(t, (len(x), 1))]) @ frequencies + phases) * np.sqrt(2 / 200)


def train(pair, steps=150, n=256):
    """Ridge regression of the velocity on the batches of all steps."""
    gram, moments = 1e-4 * np.eye(200), np.zeros((200, 2))
    for step in range(steps):
        x0 = np.random.default_rng(step).normal(size=(n, 2))
        x1 = otb.toy("8gaussians@torchcfm", n, seed=step)
        x0, x1 = pair(x0, x1, step)
        t = np.random.default_rng(step + 10**6).random((n, 1))
        inputs = features(t, (1 - t) * x0 + t * x1)
        gram += inputs.T @ inputs
        moments += inputs.T @ (x1 - x0)
    return np.linalg.solve(gram, moments)


def flow(weights, x, steps):
    for k in range(steps):
        x = x + features(k / steps, x) @ weights / steps
    return x


# %%
pairings = {
    "by chance": lambda x0, x1, step: (x0, x1),
    "exact": lambda x0, x1, step: otb.torch_coupling(x0, x1),
    "entropic, epsilon 0.1": lambda x0, x1, step: otb.torch_coupling(x0, x1, epsilon=0.1, seed=step),
}
start, data = rng.normal(size=(1000, 2)), otb.toy("8gaussians@torchcfm", 1000, seed=999)
figure, axes = plt.subplots(1, 3, figsize=(12, 4), sharex=True, sharey=True)
print("sliced W2 to the data after  2   5  50 steps")
for ax, (name, pair) in zip(axes, pairings.items()):
    weights = train(pair)
    ends = {steps: flow(weights, start, steps) for steps in (2, 5, 50)}
    print(f"{name:24}", *(f"{otb.distance(end, data)['sliced_w2']:.2f}" for end in ends.values()))
    ax.scatter(*data.T, s=3, color=otb.plot.TARGET)
    ax.scatter(*ends[5].T, s=3, color=otb.plot.MOVED)
    ax.set_title(f"{name}, 5 steps")
