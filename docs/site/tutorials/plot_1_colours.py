"""
Colour transfer
===============

The colours of one picture on another. A colour is a point of the cube of red, green and blue, a
picture a cloud of them; the bridge from one cloud to the other moves every pixel. Nothing of where a
pixel stands enters. On files the command line does it: ``otbridge transport day.jpg dusk.jpg -o recoloured.png``.
"""

import matplotlib.pyplot as plt
import numpy as np

import otbridge as otb

# %%
# Two pictures that need no download: a dune at noon and a lake at dusk, painted by formulas.
rng = np.random.default_rng(0)
u, v = np.meshgrid(np.linspace(0, 1, 120), np.linspace(0, 1, 80))
ridge = 0.55 + 0.12 * np.sin(5 * u) + 0.05 * np.sin(13 * u)
grain = 0.01 * rng.normal(size=(80, 120, 3))
sky = np.stack([0.2 + 0.7 * v, 0.45 + 0.5 * v, 0.95 - 0.1 * v], axis=-1)
sand = [0.9, 0.7, 0.4] * (1.3 - 0.8 * v[..., None] + 0.1 * np.sin(40 * u + 9 * v)[..., None])
dune = np.where((v < ridge)[..., None], sky, sand)
dusk = np.stack([0.9 - 0.7 * v, 0.4 - 0.2 * v, 0.35 + 0.3 * np.abs(v - 0.5)], axis=-1)
dune, dusk = np.clip(dune + grain, 0, 1), np.clip(dusk + grain, 0, 1)

# %%
# A thousand pixels of each are enough to learn the map, which then moves all of them: the entropic map
# is defined at every colour. Epsilon is a squared length in the cube; 0.005 blurs by 7% of an edge.
x, y = dune.reshape(-1, 3), dusk.reshape(-1, 3)
some = rng.choice(len(x), 1000, replace=False)
result = otb.solve(x[some], y[some], epsilon=0.005)
moved = result.map(x).reshape(dune.shape)
print(result)

# %%
# The exact plan has no blur; a new colour goes where one of the thousand goes, so that the map has steps.
exact = otb.solve(x[some], y[some], solver="exact").map(x).reshape(dune.shape)
figure, axes = plt.subplots(1, 4, figsize=(12, 2.6))
for ax, picture, title in zip(axes, (dune, dusk, moved, exact),
                              ("picture", "colours", "entropic", "exact")):
    ax.imshow(np.clip(picture, 0, 1))
    ax.set_title(title)
    ax.set_axis_off()

# %%
# How far the colours of other pixels still are from those wanted, in units of the cube; the last line is
# what two samples of the wanted ones differ by.
others, wanted = rng.choice(len(x), (2, 1500))
for name, picture in (("before", x), ("entropic", moved.reshape(-1, 3)), ("exact", exact.reshape(-1, 3)), ("floor", y)):
    print(f"{name:9} W2 {otb.distance(picture[others], y[wanted])['w2']:.3f}")
