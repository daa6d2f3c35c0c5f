"""Tests of the benchmark's own parts: python3 -m unittest test_bench (NumPy alone is needed)."""
import argparse
import contextlib
import io
import json
import math
import pathlib
import sys
import tempfile
import unittest

import numpy as np

import batch
import bench
import checker
import clouds
import peers
import programs
import ranks
import table


def dense_plan(x, y, a, b, f, g, eps):
    """The plan entry by entry, as its definition reads."""
    return np.array([[a[i] * b[j] * math.exp((f[i] + g[j] - math.dist(x[i], y[j]) ** 2 / 2) / eps)
                      for j in range(len(y))] for i in range(len(x))])


def log_domain_solution(x, y, eps, iterations):
    """Potentials by Sinkhorn's iteration on the dense matrix, uniform weights; rows are exact."""
    exponents = -((x[:, None] - y[None]) ** 2).sum(axis=2) / 2 / eps
    f, g = np.zeros(len(x)), np.zeros(len(y))
    for _ in range(iterations):
        g = -np.log(np.exp(exponents + f[:, None]).mean(axis=0))
        f = -np.log(np.exp(exponents + g).mean(axis=1))
    return eps * f, eps * g


class Clouds(unittest.TestCase):
    def test_mean_cost_is_that_of_all_pairs(self):
        x, y = clouds.make_clouds(60, 3, seed=4)
        pairs = [math.dist(p, q) ** 2 / 2 for p in x for q in y]
        self.assertAlmostEqual(clouds.mean_cost(x, y), sum(pairs) / len(pairs), places=12)

    def test_target_has_its_modes(self):
        x, y = clouds.make_clouds(4000, 3, seed=0)
        self.assertEqual((x.shape, y.shape), ((4000, 3), (4000, 3)))
        self.assertFalse(np.array_equal(x, clouds.make_clouds(4000, 3, seed=1)[0]))
        radius = np.hypot(y[:, 0] - 1, y[:, 1])  # mean 3 + 0.3^2 / 6, false alarm at 6 errors
        self.assertLess(abs(radius.mean() - 3.015), 6 * 0.3 / math.sqrt(4000))
        self.assertLess(abs(y[:, 2].std() - 0.3), 6 * 0.3 / math.sqrt(2 * 4000))


class Checker(unittest.TestCase):
    def setUp(self):
        draws = np.random.default_rng(7)
        self.x, self.y = draws.normal(size=(23, 3)) + 40, draws.normal(size=(31, 3)) + 41
        self.f, self.g = draws.normal(size=23), draws.normal(size=31)
        self.a, self.b = draws.random(23), draws.random(31)

    def test_marginals_agree_with_the_dense_plan(self):
        plan = dense_plan(self.x, self.y, self.a, self.b, self.f, self.g, 0.3)
        problem = (self.x, self.y, self.a, self.b, self.f, self.g, 0.3)
        rows, columns = checker.marginals(*problem)
        np.testing.assert_allclose(rows, plan.sum(axis=1), rtol=1e-12)
        np.testing.assert_allclose(columns, plan.sum(axis=0), rtol=1e-12)
        some = np.array([2, 3, 17])
        rows, columns = checker.marginals(*problem, rows=some, columns=some[:1])
        np.testing.assert_allclose(rows, plan.sum(axis=1)[some], rtol=1e-12)
        np.testing.assert_allclose(columns, plan.sum(axis=0)[some[:1]], rtol=1e-12)

    def test_blocks_and_threads_do_not_matter(self):
        x, y = clouds.make_clouds(1300, 2, seed=0)
        draws = np.random.default_rng(1)
        f, g = draws.normal(size=1300), draws.normal(size=1300)
        whole = checker.marginal_errors(x, y, f, g, 0.5, threads=1)
        usual = checker.BLOCK, checker.DIRECT
        checker.BLOCK, checker.DIRECT = 1 << 12, 0  # several blocks to a strip
        try:
            parts = checker.marginal_errors(x, y, f, g, 0.5, threads=3)
        finally:
            checker.BLOCK, checker.DIRECT = usual
        self.assertAlmostEqual(whole["source"], parts["source"], places=12)
        self.assertAlmostEqual(whole["target"], parts["target"], places=12)

    def test_errors_are_l1_and_blind_to_the_gauge(self):
        a, b = np.full(23, 1 / 23), np.full(31, 1 / 31)
        plan = dense_plan(self.x, self.y, a, b, self.f, self.g, 0.3)
        errors = checker.marginal_errors(self.x, self.y, self.f + 1e5, self.g - 1e5, 0.3)
        self.assertAlmostEqual(errors["source"] / np.abs(plan.sum(axis=1) - a).sum(), 1, places=8)
        self.assertAlmostEqual(errors["target"] / np.abs(plan.sum(axis=0) - b).sum(), 1, places=8)
        euclidean = np.linalg.norm(plan.sum(axis=0) - b)
        self.assertAlmostEqual(errors["target_l2"] / euclidean, 1, places=8)

    def test_a_solution_has_no_error_and_a_worse_one_has_some(self):
        f, g = log_domain_solution(self.x, self.y, 0.5, 2000)
        errors = checker.marginal_errors(self.x, self.y, f, g, 0.5)
        self.assertLess(max(errors["source"], errors["target"]), 1e-12)
        errors = checker.marginal_errors(self.x, self.y, f, g + 0.5e-3, 0.5)  # all mass times e^1e-3
        self.assertAlmostEqual(errors["source"], math.expm1(1e-3), places=12)

    def test_a_sample_estimates(self):
        x, y = clouds.make_clouds(1000, 2, seed=0)
        f, g = log_domain_solution(x, y, 0.5, 3)
        whole = checker.marginal_errors(x, y, f, g, 0.5, sample=1000)
        self.assertIsNone(whole["sampled"])
        part = checker.marginal_errors(x, y, f, g, 0.5, sample=500)
        self.assertEqual(part["sampled"], 500)
        self.assertLess(abs(part["target"] / whole["target"] - 1), 0.3)  # six standard errors


class FakePeer:
    """Halves its error in each iteration."""

    timed_setup, precision = 0.0, "float64"

    def __init__(self, fails_at=None):
        self.done, self.fails_at = 0, fails_at

    def advance(self, iterations):
        self.done += iterations
        return iterations

    def potentials(self):
        return np.zeros(1), np.zeros(1)

    def measured(self, errors):
        pass

    def error(self):
        failed = self.fails_at is not None and self.done >= self.fails_at
        return {"source": 0.0, "target": math.nan if failed else 0.5**self.done}


class Driving(unittest.TestCase):
    def drive(self, peer, tolerance, time_limit=60.0):
        saved = []
        result = peers.drive(peer, {"tolerance": tolerance, "time_limit": time_limit},
                             lambda result, f, g: saved.append(dict(result)),
                             lambda f, g: peer.error())
        self.assertEqual(saved[-1], result)
        return result

    def test_it_ends_at_the_tolerance(self):
        result = self.drive(FakePeer(), 0.1)
        self.assertEqual(result["status"], "reached")
        self.assertLessEqual(0.5 ** result["iterations"], 0.1)

    def test_it_ends_at_the_limit_and_at_nonsense(self):
        self.assertEqual(self.drive(FakePeer(), 0.0, time_limit=0.0)["status"], "not finished")
        self.assertEqual(self.drive(FakePeer(fails_at=1), 1e-9)["status"], "failed")

    def test_a_process_is_measured_and_ended(self):
        code, output, _, _ = programs.run([sys.executable, "-c", "print(6 * 7)"], 60.0, None)
        self.assertEqual((code, output.strip()), (0, "42"))
        forever = "import time\nwhile True: time.sleep(1)"
        code, _, _, peak = programs.run([sys.executable, "-c", forever], 0.5, None)
        self.assertIsNone(code)
        if pathlib.Path("/proc/self/status").exists():
            self.assertGreater(peak, 1.0)

    @unittest.skipIf(peers.version("POT log") is None, "POT is not installed")
    def test_pot_ends_where_it_says(self):
        x, y = clouds.make_clouds(80, 2, seed=3)
        job = {"epsilon": 0.5, "tolerance": 1e-6, "time_limit": 60.0}
        for name in ("POT log", "POT kernel", "POT stabilized"):
            peer = peers.PEERS[name](job, x, y)
            result = peers.drive(peer, job, lambda *_: None,
                                 lambda f, g: checker.marginal_errors(x, y, f, g, 0.5))
            self.assertEqual(result["status"], "reached", name)
            f, g = peer.potentials()
            plan, _ = peer.function(peer.a, peer.b, peer.cost, 0.5, log=True, stopThr=1e-12,
                                    numItermax=10000)
            uniform = np.full(80, 1 / 80)
            found = dense_plan(x, y, uniform, uniform, f, g, 0.5)
            np.testing.assert_allclose(found, plan, atol=1e-7)


class FakePeers:
    """Gives u = 1 and v = 2 for each problem."""

    group, most = 3, 7

    def solve(self, x, y, epsilons):
        self.seen = [*getattr(self, "seen", []), len(x)]
        return np.full(x.shape[:2], 1.0), np.full(y.shape[:2], 2.0)


# f + g = c solves a problem of one point on each side; the loop one by one is wrong about it.
FAKE_DRIVER = """#!{python}
import json, sys
import numpy as np
x, y = np.load(sys.argv[1]), np.load(sys.argv[2])
f = ((x - y) ** 2).sum(axis=1, keepdims=True) / 2 + (sys.argv[7] == "single")
np.save(sys.argv[5] + "_f.npy", f[1:])
np.save(sys.argv[5] + "_g.npy", 0 * f[1:])
print(json.dumps({{"seconds": 0.5, "solved": list(range(1, len(x)))}}))
"""


class Batch(unittest.TestCase):
    def test_every_problem_has_its_own_clouds_and_epsilon(self):
        x, y, epsilons = batch.make_problems(3, 20, seed=2)
        self.assertEqual((x.shape, y.shape, epsilons.shape), ((3, 20, 2), (3, 20, 2), (3,)))
        self.assertEqual(len(np.unique(x[:, 0, 0])), 3)
        for k in range(3):
            cost = ((x[k][:, None] - y[k]) ** 2).sum(axis=2).mean() / 2
            self.assertAlmostEqual(epsilons[k], 0.05 * cost, places=12)

    def test_a_loop_ends_at_the_limits(self):
        problems = batch.make_problems(9, 4, seed=0)
        peer = FakePeers()
        _, done, (f, g) = batch.drive(peer, *problems, time_limit=60.0)
        self.assertEqual((done, peer.seen), (7, [3, 3, 1]))
        np.testing.assert_allclose(f, np.tile(problems[2][:7, None] * math.log(4), 4))
        np.testing.assert_allclose(g, np.tile(problems[2][:7, None] * math.log(8), 4))
        self.assertEqual(batch.drive(peer, *problems, time_limit=0.0), (0.0, 0, []))

    def test_the_worst_answer_counts(self):
        x, y, epsilons = batch.make_problems(2, 20, seed=0)
        f, g = (np.array(side) for side in
                zip(*(log_domain_solution(*problem, 2000) for problem in zip(x, y, epsilons))))
        self.assertLess(batch.largest_error(x, y, epsilons, f, g), 1e-9)
        f[1] += epsilons[1] * 1e-3
        self.assertAlmostEqual(batch.largest_error(x, y, epsilons, f, g), math.expm1(1e-3), places=8)
        f[0, 3] = math.nan
        self.assertTrue(math.isnan(batch.largest_error(x, y, epsilons, f, g)))

    def test_runs_are_checked_and_compared(self):
        with tempfile.TemporaryDirectory() as folder:
            driver = pathlib.Path(folder, "tools/bench/bench_batch")
            driver.parent.mkdir(parents=True)
            driver.write_text(FAKE_DRIVER.format(python=sys.executable), encoding="utf-8")
            driver.chmod(0o755)
            arguments = argparse.Namespace(seed=0, time_limit=60.0, threads=1, repeat=1, programs="otbridge",
                                           build=pathlib.Path(folder))
            with contextlib.redirect_stderr(io.StringIO()):
                rows = batch.measure(arguments, ["otbridge"], pathlib.Path(folder), 5, 1)["rows"]
        self.assertEqual([row["status"] for row in rows], ["not finished", "wrong"])
        for row in rows:
            self.assertEqual((row["solved"], row["given"]), (4, 5))
            self.assertEqual((row["milliseconds"], row["ratio"]), (125.0, 1.0))
        self.assertLess(rows[0]["error"], 1e-12)

    @unittest.skipIf(peers.version("POT log") is None, "POT is not installed")
    def test_pot_solves_them(self):
        problems = batch.make_problems(3, 40, seed=1)
        for name, peer in batch.PEERS.items():
            _, done, potentials = batch.drive(peer(batch.TOLERANCE, 40), *problems, time_limit=60.0)
            self.assertEqual(done, 3)
            if name == "POT emd":
                self.assertEqual(potentials, [])
            else:
                self.assertLessEqual(batch.largest_error(*problems, *potentials), batch.TOLERANCE)


class Update(unittest.TestCase):
    def test_a_case_found_anew_takes_its_place(self):
        kept = [{"name": "small", "commit": "old"}, {"name": "high", "commit": "old"}]
        with_plain = bench.with_case(kept, {"name": "plain", "commit": "new"})
        self.assertEqual([case["name"] for case in with_plain], ["small", "plain", "high"])
        again = bench.with_case(with_plain, {"name": "small", "commit": "new"})
        self.assertEqual([case["commit"] for case in again], ["new", "new", "old"])


class Ranks(unittest.TestCase):
    network = ranks.Network(latency=3.0, bandwidth=5.0)

    @staticmethod
    def loop(rows, chunks, shared, repeated=0.0, words=0.0, arrays=0.0, size=0.0):
        return {"rows": rows, "chunks": chunks, "shared": shared, "repeated": repeated, "words": words,
                "arrays": arrays, "bytes": arrays * size}

    def test_gathers_take_the_rounds_of_their_algorithm(self):
        # Rank 0 by rounds: what it has doubles, or comes part by part around the ring.
        have, seconds = 64.0, 0.0
        while have < 1024.0:
            seconds += 3.0 + have / 5.0
            have *= 2.0
        self.assertAlmostEqual(ranks.gather_seconds(1024, 16, self.network), seconds)
        part = 1e6 / 16
        ring = sum(3.0 + part / 5.0 for _ in range(15))
        self.assertAlmostEqual(ranks.gather_seconds(1e6, 16, self.network), ring)
        messages = self.network._replace(by_messages=True)
        self.assertAlmostEqual(ranks.gather_seconds(1024, 16, messages), sum(3.0 + 64 / 5.0 for _ in range(15)))
        self.assertEqual(ranks.gather_seconds(1e6, 1, self.network), 0.0)
        # Beyond the longest message: of each of two ranks two pieces, from one to the other.
        instant = self.network._replace(bandwidth=math.inf)
        self.assertAlmostEqual(ranks.gather_seconds(3 * ranks.LONGEST, 2, instant), 4 * 3.0)

    def test_long_broadcasts_are_scattered_by_halves_and_gathered(self):
        part, seconds = 1e5, 0.0
        for _ in range(4):
            part /= 2.0
            seconds += 3.0 + part / 5.0
        seconds += sum(3.0 + part / 5.0 for _ in range(15))
        self.assertAlmostEqual(ranks.broadcast_seconds(1e5, 16, self.network), seconds)
        self.assertAlmostEqual(ranks.broadcast_seconds(100, 16, self.network), 4 * (3.0 + 100 / 5.0))

    def test_a_share_is_that_of_the_chunks_of_a_rank(self):
        profile = np.random.default_rng(5).random(37)
        for count in (2, 3, 5, 18):
            parts = np.array([sum(profile[r::count]) for r in range(count)])
            self.assertAlmostEqual(ranks.largest_share(profile, 37, count), parts.max() / profile.sum())
        self.assertAlmostEqual(ranks.largest_share(profile, 37, 50), max(profile) / profile.sum())
        self.assertEqual(ranks.largest_share(profile[:15], 15, 8), 1.0)  # of fewer than two chunks each
        self.assertAlmostEqual(ranks.largest_share([1.0] * 14, 14, 7), 1 / 7)
        self.assertAlmostEqual(ranks.largest_share([1.0, 1.0], 640, 64), 1 / 64)

    def test_prediction_adds_up(self):
        run = {"points": 3200, "profile": [1.0] * 100, "loops": [
            self.loop(0, 0, 0.0, repeated=5.0), self.loop(3200, 100, 60.0, 1.0, words=2, arrays=1, size=25600),
            self.loop(3200, 16, 16.0, words=9, arrays=3, size=900), self.loop(400, 13, 7.0)]}
        one = ranks.predict(run, 3200, 1, self.network)
        self.assertAlmostEqual(one["seconds"], 60 + 16 + 7 + 5 + 1)
        self.assertEqual(one["exchanging"], 0.0)
        four = ranks.predict(run, 3200, 4, self.network)
        self.assertAlmostEqual(four["shared"], 60 / 4 + 16 / 4 + 7 * 4 / 13)
        self.assertAlmostEqual(four["exchanging"], 11 * (2 * 3 + 3 / 4 * 96 / 5)
                               + 2 * 3 + 3 / 4 * 25600 / 5 + 3 * (2 * 3 + 3 / 4 * 900 / 5))
        many = ranks.predict(run, 3200, 16, self.network)
        self.assertAlmostEqual(many["shared"], 60 * 7 / 100 + 16 / 16)  # of 100 chunks 7 at most
        self.assertAlmostEqual(many["whole"], 7)  # too few chunks
        self.assertAlmostEqual(many["exchanging"], 11 * (4 * 3 + 15 / 16 * 384 / 5)
                               + 4 * 3 + 15 / 16 * 25600 / 5 + 3 * (4 * 3 + 15 / 16 * 900 / 5))

    def test_pairs_grow_as_the_square_and_chunks_with_the_rows(self):
        run = {"points": 3200, "profile": [1.0] * 100, "loops": [
            self.loop(3200, 100, 60.0, 1.0, arrays=1, size=25600), self.loop(3200, 16, 16.0), self.loop(400, 13, 7.0)]}
        grown = ranks.predict(run, 32000, 50, self.network)
        self.assertAlmostEqual(grown["shared"], 6000 / 50 + 1600 / 16)  # as many chunks, on 16 of the ranks
        self.assertAlmostEqual(grown["whole"], 7)
        self.assertAlmostEqual(grown["repeated"], 10 * math.log(32000) / math.log(3200))
        self.assertAlmostEqual(grown["exchanging"], 6 * 3 + 49 / 50 * 256000 / 5)

    def test_ranks_take_turns_on_few_processors(self):
        run = {"points": 3200, "profile": [1.0] * 100,
               "loops": [self.loop(0, 0, 0.0, repeated=5.0), self.loop(3200, 100, 60.0)]}
        self.assertAlmostEqual(ranks.predict(run, 3200, 4, self.network, 2)["seconds"], 60 / 2 + 5 * 4 / 2)
        self.assertAlmostEqual(ranks.predict(run, 3200, 2, self.network, 2)["seconds"], 60 / 2 + 5)

    def test_comparison_is_with_the_middle_of_the_quiet_runs(self):
        loops = {"profile": [1.0] * 100, "loops": [self.loop(3200, 100, 60.0)],
                 "exchanges": [{"bytes": 48, "seconds": 1e-6}, {"bytes": 2e7, "seconds": 1e-2 + 1e-6}]}
        runs = [{"points": 3200, "ranks": 2, "seconds": 25.0, "others": 9.0, **loops, "loops": []},
                {"points": 3200, "ranks": 2, "seconds": 35.0, **loops, "loops": [self.loop(3200, 100, 90.0)],
                 "exchanges": [{"bytes": 48, "seconds": 2e-6}, {"bytes": 2e7, "seconds": 9e-2}]},
                {"points": 3200, "ranks": 2, "seconds": 31.0, **loops},
                {"points": 3200, "ranks": 1, "seconds": 61.0, "peak_mib": 10.0},
                {"points": 6400, "ranks": 1, "seconds": 200.0, "peak_mib": 12.0}]
        found = {(n, known): seconds for n, known, seconds in ranks.comparison(runs[:-1], 2)}
        self.assertEqual(found, {(3200, 3200): {1: (61.0, 60.0), 2: (31.0, 30.0)}})
        runs[3]["others"] = 30.0  # processor seconds
        self.assertEqual(dict(next(ranks.comparison(runs[:-1], 2))[2]), {1: (None, 60.0), 2: (31.0, 30.0)})
        self.assertAlmostEqual(ranks.bytes_per_point(runs), 2 * 2**20 / 3200)
        network = ranks.network_of(runs)
        self.assertAlmostEqual(network.latency, 1e-6)
        self.assertAlmostEqual(network.bandwidth / 1e9, 1.0)  # of 20 MB a rank receives half


class Table(unittest.TestCase):
    results = {
        "title": "# Benchmarks", "preface": "Words.", "roofline_preface": "More words.", "roofline": [
            {"command": "bench_roofline", "text": "1 2\n", "commit": "abc3", "processor": processor}
            for processor in ("X, AVX2", "Y")],
        "machine": {"processor": "X", "processors": 2}, "versions": {"A": "1.0", "B": None},
        "cases": [{
            "name": "plain", "n": 10, "d": 2, "epsilon_relative": 0.05, "tolerance": 1e-6,
            "epsilon": 0.3, "command": "bench.py --cases plain", "commit": "abc1", "processor": "X, AVX2",
            "rows": [
                {"program": "A", "status": "reached", "time_limit": 60.0, "seconds": 1.234,
                 "iterations": 120, "seconds_per_iteration": 0.01, "peak_mib": 10.0,
                 "errors": {"source": 1e-15, "target": 9.9e-7, "sampled": None}},
                {"program": "B", "status": "not finished", "time_limit": 60.0, "peak_mib": 99.4,
                 "errors": {"source": 0.25, "target": 0.5, "sampled": 100}},
                {"program": "C", "status": "failed", "time_limit": 60.0, "reason": "why"},
            ]}],
        "batch_preface": "Of many.",
        "batch": {
            "count": 1000, "n": 256, "d": 2, "epsilon_relative": 0.05, "tolerance": 1e-6,
            "command": "bench.py --cases ''", "commit": "abc2", "processor": "X, AVX2",
            "rows": [
                {"program": "D", "status": "reached", "time_limit": 60.0, "solved": 1000,
                 "given": 1000, "milliseconds": 0.5, "ratio": 1.0, "error": 9.5e-7},
                {"program": "E", "status": "not finished", "time_limit": 60.0, "solved": 12,
                 "given": 20, "milliseconds": 5000.0, "ratio": 1e4},
                {"program": "F", "status": "wrong", "time_limit": 60.0, "reason": "why",
                 "solved": 20, "given": 20, "milliseconds": 50.0, "ratio": 100.0, "error": 0.5},
            ]},
    }

    def test_numbers(self):
        for value, text in ((None, "-"), (math.nan, "-"), (0.0, "0"), (12, "12"), (1.2345, "1.23"),
                            (839.2, "839"), (3781.4, "3781"), (123456.0, "123456"), (2.5e7, "2.5e7"), (0.05, "0.05"),
                            (1e-6, "1e-6"), (2.345e-12, "2.34e-12")):
            self.assertEqual(table.number(value), text)

    def test_files_hold_every_row(self):
        with tempfile.TemporaryDirectory() as folder:
            page, data = pathlib.Path(folder, "b.md"), pathlib.Path(folder, "b.json")
            table.write(self.results, page, data)
            self.assertEqual(json.loads(data.read_text(encoding="utf-8")), self.results)
            lines = page.read_text(encoding="utf-8").splitlines()
        rows = {line.split(" | ")[0][2:]: line.split(" | ") for line in lines
                if line.startswith("| ") and line.count("|") == len(table.HEADER) + 1}
        self.assertTrue(any("`bench.py --cases plain`, commit abc1" in line for line in lines))
        self.assertEqual(rows["A"][1:4], ["reached the tolerance", "1.23", "120"])
        self.assertEqual(rows["A"][7], "9.9e-7 |")
        self.assertEqual(rows["B"][1:3], ["not finished in 60 s", "-"])
        self.assertEqual(rows["B"][6], "~0.25")
        self.assertEqual(rows["C"][1], "failed: why")
        self.assertIn("| B | not installed: left out |", lines)
        self.assertLess(lines.index("`bench_roofline`, commit abc3, X, AVX2"),
                        lines.index("`bench_roofline`, commit abc3, Y"))
        self.assertIn("~ estimated from 100 rows and as many columns, drawn at random.", lines)
        self.assertIn("| D | 1000 of 1000 | 0.5 | 1 | 9.5e-7 |", lines)
        self.assertIn("| E | 12 of 20 in 60 s | 5000 | 10000 | - |", lines)
        self.assertIn("| F | wrong: why | 50 | 100 | 0.5 |", lines)

    def test_a_processor_measured_again_replaces_its_own(self):
        again = dict(self.results["roofline"][0], commit="abc4")
        found = table.measured_on(self.results["roofline"], again)
        self.assertEqual([(part["processor"], part["commit"]) for part in found], [("Y", "abc3"), ("X, AVX2", "abc4")])


if __name__ == "__main__":
    unittest.main()
