"""The arithmetic under every waiting line: the states below "everybody is busy", and the queue above it.

With `n` agents and a load of `a` erlangs, `1/B(n, a) = a^-n e^a Gamma(n + 1, a)` weighs the states below, and
`W(a, x) = x^(1 - a) e^x gamma(a, x)` the queue when waiting customers lose patience. Both are computed as these
ratios, so that no power and no gamma function is formed that could overflow or lose digits: 13 digits or more,
for loads from 0 to far beyond 100,000 erlangs.

References
----------
[1] N. M. Temme, "The asymptotic expansion of the incomplete gamma functions", SIAM J. Math. Anal. 10 (1979);
    the form used here is that of the NIST Digital Library of Mathematical Functions (DLMF), section 8.12.
"""

from math import factorial

import numpy as np
from scipy import special

from ecteam.inputs.arguments import Floats

# Inside these bounds the expansion of [1] is exact to rounding; outside them a recursion takes few steps.
_LEAST_SIZE = 25.0
_LARGEST_DISTANCE = 0.35
_NO_PATIENCE = 1e-30  # in handle times; indistinguishable from 0, where a and x would lose their ratio
FORGOTTEN = 37.0  # e^-37 is less than half a unit in the last place


def _expansion() -> tuple[list[float], list[list[float]]]:
    """g and d of DLMF 8.12.8 to 8.12.12: Gamma*(s) = sum g[k] / s^k, c_k(eta) = sum d[k][m] eta^m."""
    terms, rows = 48, 10
    alpha = [0.0, 1.0, 1 / 3]
    for m in range(3, terms):
        alpha.append((alpha[-1] - sum(j * alpha[j] * alpha[m + 1 - j] for j in range(2, m))) / (m + 1))
    g = [float(np.prod(np.arange(1.0, 2 * k + 2, 2)) * alpha[2 * k + 1]) for k in range(rows)]
    d = [[-1 / 3] + [(m + 2) * alpha[m + 2] for m in range(1, terms - 2)]]
    for k in range(1, rows):
        above = d[-1]
        d.append([(-1) ** k * g[k] * d[0][m] + (m + 2) * above[m + 2] for m in range(len(above) - 2)])
    for k, row in enumerate(d):
        while row and abs(row[-1]) * 0.41 ** (len(row) - 1) < 1e-16 * _LEAST_SIZE**k:
            row.pop()
    return g, [row for row in d if row]


_GAMMA_STAR, _C = _expansion()
_BEND = [(-1) ** m / factorial(m + 2) for m in range(9)]
_LAGUERRE = np.polynomial.laguerre.laggauss(24)


def _horner(coefficients: list[float], at: Floats) -> Floats:
    value = np.full_like(at, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value *= at
        value += coefficient
    return value


def _deviance(mu: Floats) -> Floats:
    """mu - log(1 + mu) for |mu| < 0.4, by the series of atanh, so that nothing cancels where mu is small."""
    r = mu / (2 + mu)
    r2 = r * r
    return r * (mu - 2 * r2 * _horner([1 / m for m in range(3, 27, 2)], r2))


def _bend(tau: Floats) -> Floats:
    """tau - 1 + e^-tau, by its series where that would cancel."""
    return np.where(tau < 0.1, tau**2 * _horner(_BEND, np.minimum(tau, 0.1)), tau + np.expm1(-tau))


def _expanded(s: Floats, mu: Floats, above: bool) -> Floats:
    """s z^-s e^z times Gamma(s, z) (`above`) or gamma(s, z), for z = s (1 + mu) within the bounds of the expansion."""
    eta = np.copysign(np.sqrt(2 * _deviance(mu)), mu)
    inverse = 1 / s
    correction = _horner(_C[-1], eta)
    for row in _C[-2::-1]:
        correction *= inverse
        correction += _horner(row, eta)
    sign = 1.0 if above else -1.0
    body = np.sqrt(0.5 * np.pi * s) * special.erfcx(sign * eta * np.sqrt(0.5 * s))
    return _horner(_GAMMA_STAR, inverse) * (body + sign * correction)


def climb(
    value: Floats,
    rate: Floats,
    slope: Floats,
    steps: Floats,
    mean: Floats | None = None,
    of_state: Floats | float = 0.0,
) -> tuple[Floats, Floats]:
    """value <- 1 + value (rate + k slope) for k = 0 .. steps - 1: the recursion of a birth-death chain, 1-d.

    And the `mean` over the states so far of what each of these further states is worth, `of_state` (zeros if None).
    """
    # Longest first, so that those with steps left are a slice and no step costs a mask; small keys sort by radix.
    most = int(steps.max(initial=0))
    order = np.argsort((most - steps).astype(np.uint16 if most < 2**16 else np.int64), kind="stable")
    value, rate, slope = value[order], rate[order], slope[order]
    worth = np.broadcast_to(of_state, value.shape)[order]
    average = np.zeros(len(value)) if mean is None else mean[order]
    running = np.searchsorted(most - steps[order], most - np.arange(most), side="left")
    scratch = np.empty_like(value)
    for k, count in enumerate(running.tolist()):
        factor = np.multiply(slope[:count], k, out=scratch[:count])
        factor += rate[:count]
        now = value[:count]
        now *= factor
        now += 1
        if mean is not None:
            average[:count] += (worth[:count] - average[:count]) / now
    result = np.empty((2, len(value)))
    result[:, order] = value, average
    return result[0], result[1]


def inverse_blocking(n: Floats, a: Floats) -> Floats:
    """1 / B(n, a) for n > -1 agents, whole or not, and a > 0 erlangs; both 1-d of one length."""
    a = np.maximum(a, np.finfo(np.float64).tiny)  # whose inverse is still a float
    s = n + 1
    mu = (a - s) / s
    near = (s >= _LEAST_SIZE) & (np.abs(mu) <= _LARGEST_DISTANCE)
    if near.all():
        return (1 + mu) * _expanded(s, mu, above=True)
    result = np.empty_like(s)
    result[near] = (1 + mu[near]) * _expanded(s[near], mu[near], above=True)

    ample = (s >= _LEAST_SIZE) & (mu < -_LARGEST_DISTANCE)
    if ample.any():
        size, ratio = s[ample], a[ample] / s[ample]
        whole = np.exp(size * (ratio - 1 - np.log(ratio))) * np.sqrt(2 * np.pi * size) * _horner(_GAMMA_STAR, 1 / size)
        result[ample] = ratio * whole - waiting_weight(size, ratio)

    rest = ~(near | ample)
    result[rest] = _climbed(n[rest], a[rest])
    return result


def _climbed(n: Floats, a: Floats) -> Floats:
    """1 / B by its recursion 1/B(n) = 1 + (n / a) / B(n - 1), from an exact start or from one that is forgotten."""
    # Every step back shrinks the error of the start by n / a; whole n may start at 1/B(0) = 1, which is exact.
    back = np.ceil(FORGOTTEN / np.log(np.maximum(a / np.maximum(n, 1), 1.01))) + 15
    back = np.minimum(back, np.floor(n) + 40)
    fraction = np.where(n < 0, n, n - np.floor(n))
    exact = (a < 60) | (fraction == 0) & (back > n)
    start = np.where(exact, fraction, n - back)
    value = np.ones_like(n)
    odd = exact & (fraction != 0)
    f, b = fraction[odd], a[odd]
    value[odd] = special.gammaincc(f + 1, b) * special.gamma(f + 1) * np.exp(b) * b**-f
    return climb(value, (start + 1) / a, 1 / a, np.rint(n - start))[0]


def waiting_weight(a: Floats, rho: Floats) -> Floats:
    """W(a, a rho), the weight of the queue against that of "just busy", for a > 0 and 0 < rho <= 1; both 1-d."""
    near = (a >= _LEAST_SIZE) & (rho >= 1 - _LARGEST_DISTANCE)
    result = np.empty_like(a)
    result[near] = rho[near] * _expanded(a[near], rho[near] - 1, above=False)
    if near.all():
        return result
    size, x = a[~near], a[~near] * rho[~near]
    value = np.zeros_like(size)
    # W(a) = (x / a) (1 + W(a + 1)), down from a start that is forgotten after at most this many steps.
    for k in range(86, -1, -1):
        value += 1
        value *= x / (size + k)
    result[~near] = value
    return result


def queue_shares(
    below: Floats, load: Floats, capacity: Floats, patience: Floats, target: Floats
) -> tuple[Floats, Floats, Floats]:
    """The shares of customers who wait, who leave, and who are served within the target.

    `below` weighs the states with room against the last of them (1 / B(n - 1, a) where each agent serves one).
    Patience and target are in handle times; `load` > 0 erlangs and `capacity` > 0 in contacts per handle time.
    """
    patience, target = (np.broadcast_to(v, load.shape) for v in (patience, target))
    lasting = np.isinf(patience * capacity)
    if lasting.all():
        return _patient(below, load, capacity, target)
    calm = ~lasting & (load <= capacity)
    result = np.empty((3, len(load)))
    for cases, solve in ((lasting, _patient), (calm, _calm), (~lasting & ~calm, _overrun)):
        if cases.any():
            some = [v[cases] for v in (below, load, capacity, target, patience)]
            result[:, cases] = solve(*some)
    waits, leaves, in_time = np.clip(result, 0, 1)
    return waits, leaves, in_time


def _patient(
    below: Floats, load: Floats, capacity: Floats, target: Floats, patience: Floats | None = None
) -> tuple[Floats, Floats, Floats]:
    """Erlang C: everybody waits until served, and the queue grows for ever unless capacity exceeds the load."""
    spare = np.maximum(capacity - load, 0)
    waits = np.where(spare > 0, load / (load + spare * below), 1.0)
    return waits, np.zeros_like(load), 1 - waits * np.exp(-spare * target)


def _calm(
    below: Floats, load: Floats, capacity: Floats, target: Floats, patience: Floats
) -> tuple[Floats, Floats, Floats]:
    """Erlang A where capacity suffices: a = n mu / theta, x = lambda / theta, W = x S(a, x), tau = theta T."""
    patience = np.maximum(patience, _NO_PATIENCE)
    a, x, rho, tau = capacity * patience, load * patience, load / capacity, target / patience
    weight = waiting_weight(a, rho)
    total = below + weight
    leaves = (1 + (1 - 1 / rho) * weight) / total
    # For long patience this cancels: there it is the integral of e^-u (1 - e^(-x bend(u / (a - x)))).
    spare = (capacity - load) * patience
    rare = (a > 100) & (x < 0.01 * spare**2)
    if rare.any():
        t = _LAGUERRE[0][:, None] / spare[rare]
        leaves[rare] = _LAGUERRE[1] @ -np.expm1(-x[rare] * _bend(t)) / total[rare]
    late = waiting_weight(a + 1, rho * a / (a + 1) * np.exp(-tau))
    late *= np.exp((load - capacity) * target - x * _bend(tau)) / total
    return weight / total, leaves, 1 - leaves - late


def _overrun(
    below: Floats, load: Floats, capacity: Floats, target: Floats, patience: Floats
) -> tuple[Floats, Floats, Floats]:
    """Erlang A with more load than capacity: the same, divided by e^x x^-a Gamma(a + 1), which may be astronomic."""
    patience = np.maximum(patience, _NO_PATIENCE)
    a, rho = capacity * patience, load / capacity
    x, mu = a * rho, (load - capacity) / capacity
    distance = a * np.where(mu < _LARGEST_DISTANCE, _deviance(np.minimum(mu, _LARGEST_DISTANCE)), mu - np.log1p(mu))
    large = np.sqrt(2 * np.pi * a) * _horner(_GAMMA_STAR, 1 / np.maximum(a, _LEAST_SIZE))
    small = np.minimum(a, _LEAST_SIZE)
    scale = np.where(a < _LEAST_SIZE, special.gamma(small + 1) * np.exp(small - special.xlogy(small, small)), large)
    density = np.exp(-distance) / scale
    queue = rho * special.gammainc(a, x)
    total = below * density + queue
    leaves = (density + mu / rho * queue) / total
    z = x * np.exp(-target / patience)
    served = below * density + special.gammaincc(a + 1, z) - special.gammaincc(a + 1, x)
    return queue / total, leaves, served / total
