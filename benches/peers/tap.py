"""TAP of the second order: one start from free units, damped by a half, to a residual of 10⁻¹⁰."""

from __future__ import annotations

import numpy as np

from interleave import Contestant, Timed, Work
from machine import peer
from model import Model
from program import Program

TOLERANCE = 1e-10
LONGEST = 20_000


def iterate(x, model_arrays, sigmoid, largest) -> tuple:
    """mᵢ ← ½ mᵢ + ½ f(mᵢ), one layer after the other, until the residual of all equations at once is small enough.

    In arrays of NumPy or of PyTorch alike. Returns the means of both layers, the updates, and the residual.
    """
    w, wt, w2, w2t, a, b = model_arrays
    v, h = x
    on_visible = lambda: sigmoid(a + w @ h + (0.5 - v) * (w2 @ (h - h * h)))
    on_hidden = lambda: sigmoid(b + wt @ v + (0.5 - h) * (w2t @ (v - v * v)))
    for updates in range(1, LONGEST + 1):
        new = on_visible()
        moved = largest(new - v)
        v = 0.5 * (v + new)
        new = on_hidden()
        moved = max(moved, largest(new - h))
        h = 0.5 * (h + new)
        if moved <= TOLERANCE:
            residual = max(largest(on_visible() - v), largest(on_hidden() - h))
            if residual <= TOLERANCE:
                break
    else:
        residual = max(largest(on_visible() - v), largest(on_hidden() - h))
    return v, h, updates, residual


def with_numpy(model: Model) -> dict:
    w = model.w
    wt = np.ascontiguousarray(w.T)
    arrays = (w, wt, w * w, wt * wt, model.a, model.b)
    free = (np.full(len(model.a), 0.5), np.full(len(model.b), 0.5))
    v, h, updates, residual = iterate(free, arrays, lambda x: 1.0 / (1.0 + np.exp(-x)), lambda x: float(abs(x).max()))
    return free_energy(model, v, h, updates, residual)


def with_torch(model: Model) -> dict:
    torch = peer("torch")
    w, a, b = (torch.from_numpy(x) for x in (model.w, model.a, model.b))
    wt = w.T.contiguous()
    free = (torch.full_like(a, 0.5), torch.full_like(b, 0.5))
    found = iterate(free, (w, wt, w * w, wt * wt, a, b), torch.sigmoid, lambda x: x.abs().max().item())
    v, h, updates, residual = found
    return free_energy(model, v.numpy(), h.numpy(), updates, residual)


def free_energy(model: Model, v: np.ndarray, h: np.ndarray, updates: int, residual: float) -> dict:
    entropy = lambda m: -sum(float(x @ np.log(np.maximum(x, 1e-300))) for x in (m, 1.0 - m))
    energy = -float(model.a @ v + model.b @ h + v @ model.w @ h)
    onsager = float((v - v * v) @ (model.w**2) @ (h - h * h))
    return {
        "log_z": entropy(v) + entropy(h) - energy + onsager / 2,
        "energy": energy - onsager,
        "updates": updates,
        "residual": residual,
    }


def work(model: Model, program: Program) -> Work:
    def own(solver: str) -> Timed:
        report = ("--report", "uniform-start") if solver == "damped" else ()
        found = program.estimate(model.path, "tap2", "--solver", solver, *report)
        ln_z, energy = found["log_z"]["value"], found["energy"]["value"]
        return Timed(found["seconds"], {"log_z": ln_z, "energy": energy, "converged": found["status"] == "converged"})

    contestants = [
        Contestant("plefka", lambda _: own("damped"), "`--solver damped`, finished by Newton; with its certificate"),
        Contestant("plefka, as it is", lambda _: own("auto"), "`auto` with scouts: another, better solution"),
        Contestant("NumPy", lambda _: with_numpy(model), "f64"),
    ]
    if peer("torch"):
        contestants.append(Contestant("PyTorch", lambda _: with_torch(model), "f64"))
    notes = ["rbms and scikit-learn have no TAP."]
    return Work(f"TAP, {model.shape}, one start to 10⁻¹⁰", contestants, same, notes)


def same(found: dict[str, list[dict]]) -> dict[str, str]:
    """Whether it is the solution of plefka from the same start: ln Z and U, of which U is linear in the means."""
    own = found["plefka"][-1]
    said = {}
    for name, (*_, its) in found.items():
        said[name] = f"ln Z {its['log_z']:.6f}"
        if "updates" in its:
            said[name] += f", {its['updates']} updates"
            apart = max(abs(its[key] - own[key]) for key in ("log_z", "energy"))
            if its["residual"] > TOLERANCE or not own["converged"]:
                said[name] += f", NOT CONVERGED ({its['residual']:.1e})"
            else:
                said[name] += ", agrees" if apart < 1e-6 else f", ANOTHER SOLUTION, U apart by {apart:.2g}"
    return said
