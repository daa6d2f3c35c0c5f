"""What discretisation alone costs the diffusion Schroedinger bridge, by exact recursion.

For one-dimensional Gaussian laws every conditional mean is linear, so the alternation can be run with
exact fits. Prints its fixed point for both regression targets: the state, which the library uses, and
the one of De Bortoli et al. 2021, Proposition 3. Needs Python 3 only.
"""

import math

EPSILON = 1.0


def simulate(steps, start, h):
    """Marginals of the chain x -> phi x + c + sqrt(eps h) z, and its reversal E[X | X'] as (slope, offset)."""
    mean, variance = start
    conditionals = []
    for phi, c in steps:
        arrived = phi * mean + c, phi * phi * variance + EPSILON * h
        slope = phi * variance / arrived[1]
        conditionals.append((slope, mean - slope * arrived[0]))
        mean, variance = arrived
    return (mean, variance), conditionals


def reversal(steps, conditionals, target):
    if target == "state":
        return conditionals[::-1]
    # X' + F(X) - F(X'), with E[X | X'] in place of X
    return [(1 + phi * slope - phi, phi * offset)
            for (phi, _), (slope, offset) in zip(steps, conditionals)][::-1]


def fixed_point(n, source, target, kind, iterations=40):
    h = 1.0 / n
    forward = [(1.0, 0.0)] * n
    for _ in range(iterations):
        _, conditionals = simulate(forward, source, h)
        backward = reversal(forward, conditionals, kind)
        back_end, conditionals = simulate(backward, target, h)
        forward = reversal(backward, conditionals, kind)
    end, _ = simulate(forward, source, h)
    covariance = source[1] * math.prod(phi for phi, _ in forward)
    return end, back_end, covariance


def main():
    print("| laws | steps | target | mean at 1 | variance at 1 | mean at 0 | variance at 0 | covariance |")
    print("|---|---|---|---|---|---|---|---|")
    for name, source, target in [("N(0, 1) to N(0, 1)", (0.0, 1.0), (0.0, 1.0)),
                                 ("N(0, 1) to N(5.7, 0.2)", (0.0, 1.0), (5.7, 0.2))]:
        exact = (math.sqrt(4 * source[1] * target[1] + EPSILON**2) - EPSILON) / 2
        for n in (10, 20, 40, 80):
            for kind in ("state", "paper"):
                end, back, covariance = fixed_point(n, source, target, kind)
                print(f"| {name} | {n} | {kind} | {end[0]:.3f} | {end[1]:.4f} | {abs(back[0]):.3f} "
                      f"| {back[1]:.4f} | {covariance:.4f} |")
        print(f"| {name} | exact | | {target[0]:.3f} | {target[1]:.4f} | {source[0]:.3f} | {source[1]:.4f} "
              f"| {exact:.4f} |")


if __name__ == "__main__":
    main()
