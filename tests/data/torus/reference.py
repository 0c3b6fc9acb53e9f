"""Reference values of tests/reference_models.rs for the Ising model on a torus: python reference.py > reference.csv

Sides of 6 by the transfer matrix between whole rows, which knows nothing of Kaufman's solution, in 50 digits;
U and Var E by differentiating numerically at that precision. Larger sides by Kaufman's formula as Ferdinand and Fisher
(Phys. Rev. 185, 832 (1969)) print it, with hyperbolic functions of γ, in 60 digits.
"""

from mpmath import acosh, asinh, cos, cosh, coth, diff, exp, fprod, log, mp, mpf, nstr, pi, sinh, tanh

BETA_C = asinh(mpf(1)) / 2


def transfer(rows, columns, beta):
    """ln Tr V^rows: V multiplies by the bonds within a row, then couples it to the next, column by column."""
    mp.dps = 50
    states = range(1 << columns)
    spin = lambda k, i: 1 if k >> (i % columns) & 1 else -1
    inner = [exp(beta * sum(spin(k, i) * spin(k, i + 1) for i in range(columns))) for k in states]
    same, other = exp(beta), exp(-beta)
    total = mpf(0)
    # The trace by moving each basis row through the lattice: rows × (bonds within, bonds across one column at a time).
    for start in states:
        v = [mpf(0)] * len(inner)
        v[start] = mpf(1)
        for _ in range(rows):
            v = [x * b for x, b in zip(v, inner)]
            for i in range(columns):
                v = [same * v[k] + other * v[k ^ (1 << i)] for k in states]
        total += v[start]
    return log(total)


def closed_form(m, n, beta):
    mp.dps = 60
    c = cosh(2 * beta) * coth(2 * beta)
    gamma = lambda l: 2 * beta + log(tanh(beta)) if l == 0 else acosh(c - cos(pi * l / n))
    odd, even = [[m * gamma(2 * r + k) / 2 for r in range(n)] for k in (1, 0)]
    terms = [fprod(2 * f(x) for x in xs) for xs in (odd, even) for f in (cosh, sinh)]
    return m * n * log(2 * sinh(2 * beta)) / 2 + log(sum(terms) / 2)


print("rows,columns,beta,log_z,energy,energy_variance")
for f, rows, columns, betas in [
    (transfer, 6, 6, [mpf("0.2"), BETA_C, mpf("0.7")]),
    (closed_form, 6, 6, [mpf("0.2"), BETA_C + mpf(10) ** -30, mpf("0.7")]),
    (closed_form, 16, 16, [mpf("0.05"), mpf("0.44"), mpf("0.5")]),
    (closed_form, 32, 32, [mpf("0.4"), mpf("0.440686793509771512616304662490"), mpf("0.45"), mpf("3")]),
    (closed_form, 5, 40, [mpf("0.44")]),
]:
    for beta in betas:
        beta = mpf(float(beta))
        g = lambda b: f(rows, columns, b)
        values = [g(beta), -diff(g, beta, h=mpf(10) ** -12), diff(g, beta, 2, h=mpf(10) ** -12)]
        print(rows, columns, repr(float(beta)), *(nstr(x, 18) for x in values), sep=",", flush=True)
