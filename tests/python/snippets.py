"""What a user tries first, in an environment that has nothing but the package and what it names."""

# 1  solve, plan, certificate
import otbridge as otb

x, y = otb.toy("moons@torchcfm", 500), otb.toy("8gaussians@torchcfm", 500, seed=1)
r = otb.solve(x, y, epsilon=0.5)
print(r)
P, (f, g) = r.plan, r.potentials

# 2  the same plan as POT's
import numpy as np
import ot

P_pot = ot.sinkhorn(np.full(500, 1 / 500), np.full(500, 1 / 500), ot.dist(x, y), reg=2 * 0.5,
                    method="sinkhorn_log", stopThr=1e-10)
assert np.abs(P - P_pot).max() < 1e-8

# 3  new points: map, draw, paths (T, n, d)
new = otb.toy("moons@torchcfm", 5, seed=9)
assert r.map(new).shape == r.sample(new, seed=1).shape == (5, 2)
t, X = r.paths(new, times=5)
assert X.shape == (5, 5, 2)

# 4  scikit-learn
bridge = otb.Bridge(epsilon_relative=0.02).fit(x, target=y)
moved = bridge.transform(x)

# 5  progress bar, stopping from a callback, Matplotlib
r = otb.solve(x, y, epsilon=0.05, progress=True, callback=lambda p: p.seconds < 30)
ax = otb.plot.paths(r, times=21)

# 6  files: ours, any safetensors reader, pickle
r.save("bridge.safetensors")
same = otb.load_plan("bridge.safetensors")
from safetensors.numpy import load_file

assert (load_file("bridge.safetensors")["plan.f"].ravel() == same.potentials[0]).all()
import pickle

assert pickle.loads(pickle.dumps(r)).to_bytes() == same.to_bytes()
print(otb.__version__, "six snippets ran")
