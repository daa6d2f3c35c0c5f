"""Tests of the benchmark's own parts: python3 -m unittest test_bench (NumPy alone is needed)."""
import json
import math
import pathlib
import sys
import tempfile
import unittest

import numpy as np

import checker
import clouds
import peers
import programs
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


class Table(unittest.TestCase):
    results = {
        "title": "# Benchmarks", "preface": "Words.", "roofline_preface": "More words.",
        "machine": {"processor": "X", "processors": 2}, "versions": {"A": "1.0", "B": None},
        "cases": [{
            "name": "plain", "n": 10, "d": 2, "epsilon_relative": 0.05, "tolerance": 1e-6,
            "epsilon": 0.3, "command": "bench.py --cases plain",
            "rows": [
                {"program": "A", "status": "reached", "time_limit": 60.0, "seconds": 1.234,
                 "iterations": 120, "seconds_per_iteration": 0.01, "peak_mib": 10.0,
                 "errors": {"source": 1e-15, "target": 9.9e-7, "sampled": None}},
                {"program": "B", "status": "not finished", "time_limit": 60.0, "peak_mib": 99.4,
                 "errors": {"source": 0.25, "target": 0.5, "sampled": 100}},
                {"program": "C", "status": "failed", "time_limit": 60.0, "reason": "why"},
            ]}],
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
        self.assertEqual(rows["A"][1:4], ["reached the tolerance", "1.23", "120"])
        self.assertEqual(rows["A"][7], "9.9e-7 |")
        self.assertEqual(rows["B"][1:3], ["not finished in 60 s", "-"])
        self.assertEqual(rows["B"][6], "~0.25")
        self.assertEqual(rows["C"][1], "failed: why")
        self.assertIn("| B | not installed: left out |", lines)
        self.assertIn("~ estimated from 100 rows and as many columns, drawn at random.", lines)


if __name__ == "__main__":
    unittest.main()
