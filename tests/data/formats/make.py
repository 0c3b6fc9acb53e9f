"""Writes the files of this folder with the programs that they are of, and their ln Z by enumeration: python make.py

Made with numpy 2.4.6, scipy 1.17.1, h5py 3.16, safetensors 0.8.0, torch 2.15.0, dimod 0.12.23, adabmDCA 1.0.0 and rbms
0.5.0, in a virtual environment of Python 3.11. `rbms_0.1.h5` and `rbms_0.6.h5` are of the wheels rbms 0.1 and 0.6.0, whose `save_model` is
called by `python make.py rbms FILE` with that wheel on PYTHONPATH (0.6.0 needs Python 3.12). The files of Julia are written
with h5py as the packages' own sources lay them out, axes turned round as Julia's are on a disk.

reference.json holds, for each file, ln Z at β = 1 and U (the mean energy), summed over all states in f64.
"""

import csv
import inspect
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent
RNG = np.random.default_rng(20261126)
W = RNG.normal(0, 0.8, (5, 3)).astype(np.float32)  # (n_visible, n_hidden)
A, B = RNG.normal(0, 0.5, 5).astype(np.float32), RNG.normal(0, 0.5, 3).astype(np.float32)
BITS, SPINS = (0, 1), (-1, 1)
REFERENCE = {}


def save_rbms(path):
    """An archive of two updates by rbms itself."""
    import torch
    from rbms.bernoulli_bernoulli.classes import BBRBM
    from rbms.io import save_model

    path.unlink(missing_ok=True)
    chains = {"visible": torch.zeros(4, 5)}
    for update, scale in [(1, 0.5), (10, 1.0)]:
        parameters = [torch.from_numpy(x) * scale for x in (W, A, B)]
        model = BBRBM(*parameters)
        more = {}
        if "effective_time" in inspect.signature(save_model).parameters:
            more = dict(learning_rate=torch.tensor(0.01), effective_time=np.array(1.5))
        save_model(str(path), model, chains, update, 1.5, flags=["ptt"], **more)


if sys.argv[1:2] == ["rbms"]:
    save_rbms(Path(sys.argv[2]))
    sys.exit()

import dimod  # noqa: E402
import scipy.io  # noqa: E402
import scipy.sparse  # noqa: E402
import torch  # noqa: E402
from dimod.serialization import coo  # noqa: E402
from safetensors.numpy import save_file as save_numpy  # noqa: E402
from safetensors.torch import save_file as save_torch  # noqa: E402


def refer(name, energies):
    energies = np.fromiter(energies, float)
    shift = energies.min()
    weights = np.exp(-(energies - shift))
    REFERENCE[name] = dict(log_z=float(np.log(weights.sum()) - shift), energy=float((weights * energies).sum() / weights.sum()))


def rbm_energies(w=W, a=A, b=B, units=(BITS, BITS), constant=0.0):
    w, a, b = (np.asarray(x, float) for x in (w, a, b))
    for v in itertools.product(units[0], repeat=len(a)):
        for h in itertools.product(units[1], repeat=len(b)):
            yield constant - a @ v - b @ h - v @ w @ h


# rbms.
save_rbms(HERE / "rbms_0.5.h5")
for version in ["0.1", "0.5", "0.6"]:
    refer(f"rbms_{version}.h5", rbm_energies())
    refer(f"rbms_{version}.h5@1", rbm_energies(W / 2, A / 2, B / 2))
with h5py.File(HERE / "rbms_ising.h5", "w") as file:  # as rbms 0.6.0 writes its IIRBM
    file["model_type"] = "IIRBM"
    for name, array in dict(weight_matrix=W, vbias=A, hbias=B).items():
        file[f"update_3/params/{name}"] = array
refer("rbms_ising.h5", rbm_energies(units=(SPINS, SPINS)))
with h5py.File(HERE / "rbms_potts.h5", "w") as file:
    file["model_type"] = "PBRBM"
    file["update_3/params/weight_matrix"] = np.zeros((5, 4, 3), np.float32)
    file["update_3/params/vbias"] = np.zeros((5, 4), np.float32)
    file["update_3/params/hbias"] = B
with h5py.File(HERE / "torchrbm.h5", "w") as file:
    for name, array in dict(weight_matrix=W, vbias=A, hbias=B).items():
        file[f"update_7/{name}"] = array
refer("torchrbm.h5", rbm_energies())
with h5py.File(HERE / "torchrbm_2021.h5", "w") as file:
    for update, scale in [(2, 0.5), (100, 1.0)]:
        file[f"W{update}"], file[f"vbias{update}"], file[f"hbias{update}"] = W.T * scale, A * scale, B * scale
refer("torchrbm_2021.h5", rbm_energies())

# RestrictedBoltzmannMachines.jl: on the disk (n_hidden, n_visible), parameters last.
OFFSET_V, OFFSET_H = RNG.uniform(0, 1, 5), RNG.uniform(0, 1, 3)
SCALE_V, SCALE_H = RNG.uniform(0.5, 2, 5), RNG.uniform(0.5, 2, 3)


def julia(name, kind, layer="Binary", **more):
    with h5py.File(HERE / f"{name}.h5", "w") as file:
        file["rbm_hdf5_file_format_version"] = "1.0.0"
        file["rbm_type"] = kind
        file["weights"] = W.T.astype(float)
        file["visible_par"], file["hidden_par"] = A.astype(float)[:, None], B.astype(float)[:, None]
        file["visible_type"], file["hidden_type"] = layer, layer
        for key, array in more.items():
            file[key] = array


julia("julia_plain", "RBM")
refer("julia_plain.h5", rbm_energies())
julia("julia_spin", "RBM", "Spin")
refer("julia_spin.h5", rbm_energies(units=(SPINS, SPINS)))
julia("julia_potts", "RBM", "Potts")


def standardized(o_v, o_h, s_v, s_h, units=BITS):
    for v in itertools.product(units, repeat=5):
        for h in itertools.product(units, repeat=3):
            v, h = np.array(v, float), np.array(h, float)
            yield -A @ v - B @ h - ((v - o_v) / s_v) @ W @ ((h - o_h) / s_h)


offsets = dict(offset_v=OFFSET_V, offset_h=OFFSET_H)
julia("julia_centred", "CenteredRBM", **offsets)
refer("julia_centred.h5", standardized(OFFSET_V, OFFSET_H, 1, 1))
julia("julia_standardized", "StandardizedRBM", "Spin", **offsets, scale_v=SCALE_V, scale_h=SCALE_H)
refer("julia_standardized.h5", standardized(OFFSET_V, OFFSET_H, SCALE_V, SCALE_H, SPINS))
with h5py.File(HERE / "boltzmann_jl.h5", "w") as file:
    for name, scale in [("first", 1.0), ("second", 0.5)]:
        for key, array in dict(weight=W.T, vbias=A, bias=B).items():
            file[f"{name}___{key}"] = array.astype(float) * scale
refer("boltzmann_jl.h5", rbm_energies())

# safetensors and PyTorch; PyTorch's own layers are (n_hidden, n_visible).
T = {name: torch.from_numpy(array.copy()) for name, array in dict(W=W.T, v_bias=A, h_bias=B).items()}
save_torch({name: tensor.contiguous() for name, tensor in T.items()}, HERE / "torch.safetensors", metadata={"format": "pt"})
refer("torch.safetensors", rbm_energies())
save_numpy(dict(weight_matrix=W.astype(np.float16), vbias=A.astype(np.float16), hbias=B.astype(np.float16)),
           HERE / "half.safetensors")
refer("half.safetensors", rbm_energies(*(x.astype(np.float16) for x in (W, A, B))))
save_torch({"W": torch.eye(4), "v_bias": torch.zeros(4), "h_bias": torch.ones(4)}, HERE / "square.safetensors")


class Rbm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.W, self.v_bias, self.h_bias = (torch.nn.Parameter(T[name]) for name in ["W", "v_bias", "h_bias"])


torch.save(Rbm().state_dict(), HERE / "state_dict.pt")
refer("state_dict.pt", rbm_energies())
strided = torch.from_numpy(W.astype(float)).t()  # a view: strides, no copy
torch.save({"epoch": 3, "model": {"rbm.weight": strided, "rbm.vbias": T["v_bias"].bfloat16(), "rbm.hbias": T["h_bias"].half()}},
           HERE / "checkpoint.pt")
refer("checkpoint.pt", rbm_energies(W, T["v_bias"].bfloat16().double().numpy(), B.astype(np.float16)))
torch.save(Rbm(), HERE / "whole_module.pt")
torch.save(T, HERE / "before_1.6.pt", _use_new_zipfile_serialization=False)

# Hinton's code.
for name, compressed in [("hinton", False), ("hinton_compressed", True)]:
    scipy.io.savemat(HERE / f"{name}.mat", dict(vishid=W.astype(float), visbiases=A[None].astype(float),
                                               hidrecbiases=B[None].astype(float)), do_compression=compressed)
    refer(f"{name}.mat", rbm_energies())
scipy.io.savemat(HERE / "unknown.mat", dict(vishid=W.astype(float), penrecbiases=B[None].astype(float)))

# Quadratic models: dimod's energies are the reference.
LABELS = ["a", "b", "c", "d", "e"]
PAIRS = {(LABELS[i], LABELS[j]): float(RNG.normal()) for i, j in itertools.combinations(range(5), 2) if (i + j) % 3}
LINEAR = {label: float(RNG.normal()) for label in LABELS}
for vartype in ["SPIN", "BINARY"]:
    bqm = dimod.BinaryQuadraticModel(LINEAR, PAIRS, 1.75, vartype)
    energies = dimod.ExactSolver().sample(bqm).record.energy
    name = vartype.lower()
    (HERE / f"dimod_{name}.json").write_text(json.dumps(bqm.to_serializable()))
    (HERE / f"dimod_{name}.bqm").write_bytes(bqm.to_file().read())
    refer(f"dimod_{name}.json", energies)
    refer(f"dimod_{name}.bqm", energies)
    integers = bqm.relabel_variables({label: k for k, label in enumerate(LABELS)}, inplace=False)
    text = coo.dumps(integers, vartype_header=True)
    (HERE / f"dimod_{name}.coo").write_text(text + "\n")
    refer(f"dimod_{name}.coo", dimod.ExactSolver().sample(coo.loads(text)).record.energy)
(HERE / "dimod_version_1.bqm").write_bytes(dimod.BinaryQuadraticModel(LINEAR, PAIRS, 1.75, "SPIN").to_file(version=1).read())
refer("dimod_version_1.bqm", dimod.ExactSolver().sample(dimod.BinaryQuadraticModel(LINEAR, PAIRS, 1.75, "SPIN")).record.energy)


# Lists of couplings. E = −Σ Jᵢⱼ sᵢsⱼ − Σ hᵢsᵢ; of a max-cut graph J = −w.
EDGES = [(1, 2, 0.5), (2, 3, -1.25), (1, 3, 2.0), (3, 4, -0.75)]
FIELDS = [0.3, -0.1, 0.0, 0.7]


def spin_energies(sign, fields=(0, 0, 0, 0)):
    for s in itertools.product(SPINS, repeat=4):
        yield -sum(sign * j * s[a - 1] * s[b - 1] for a, b, j in EDGES) - np.dot(fields, s)


lines = "".join(f"{a} {b} {j}\n" for a, b, j in EDGES)
for name in ["couplings.sg", "maxcut.mc", "G4", "ambiguous.txt"]:
    (HERE / name).write_text("4 4\n" + lines)
(HERE / "no_header.sg").write_text("# by hand\n" + lines)
refer("couplings.sg", spin_energies(1))
refer("no_header.sg", spin_energies(1))
refer("maxcut.mc", spin_energies(-1))
refer("G4", spin_energies(-1))
(HERE / "adabmdca_ising.dat").write_text("".join(f"J {a - 1} {b - 1} {j}\n" for a, b, j in EDGES)
                                         + "".join(f"h {k} {h}\n" for k, h in enumerate(FIELDS)))
refer("adabmdca_ising.dat", spin_energies(1, FIELDS))
(HERE / "adabmdca_potts.dat").write_text("J 0 1 A C 0.5\nh 0 A 0.1\nh 1 - 0.2\n")
# `adabmDCA train -d two.fasta -o out --alphabet AB --nepochs 3 --nchains 50 --nsweeps 2` made this file of 300 sequences of
# five letters (adabmDCA 1.0.0); it is kept. The energies are the program's own.
with tempfile.TemporaryDirectory() as folder:
    sequences = ["".join(letters) for letters in itertools.product("AB", repeat=5)]
    Path(folder, "all.fasta").write_text("".join(f">{k}\n{letters}\n" for k, letters in enumerate(sequences)))
    subprocess.run(["adabmDCA", "energies", "-d", f"{folder}/all.fasta", "-p", HERE / "adabmdca_two_states.dat", "-o",
                    f"{folder}/out", "--alphabet", "AB", "--device", "cpu", "--dtype", "float64"], check=True)
    with open(f"{folder}/out/all_energies.csv") as file:
        refer("adabmdca_two_states.dat", [float(row["energy"]) for row in csv.DictReader(file)])

# NumPy by other names.
np.savez(HERE / "other_names.npz", weight_matrix=W, v_bias=A, h_bias=B)
refer("other_names.npz", rbm_energies())
np.savez(HERE / "weights.npz", weights=W.T, visible_bias=A, hidden_bias=B)  # the biases tell the order
refer("weights.npz", rbm_energies())
np.savez(HERE / "weights_visible_first.npz", weights=W, visible_bias=A, hidden_bias=B)
refer("weights_visible_first.npz", rbm_energies())
np.savez(HERE / "weights_alone.npz", W=W)
refer("weights_alone.npz", rbm_energies(W, 0 * A, 0 * B))
np.savez(HERE / "few_bits.npz", W=np.array([[1, -2], [0, 3]], np.int8), vbias=np.array([True, False]),
         hbias=np.array([0.5, -0.25], np.float16), units="spin", constant=-2)
refer("few_bits.npz", rbm_energies([[1, -2], [0, 3]], [1, 0], [0.5, -0.25], (SPINS, SPINS), -2))
np.savez(HERE / "field_h.npz", J=np.array([[0, 1], [1, 0]]), h=np.array([2, 0]))
refer("field_h.npz", [-s * t - 2 * s for s in SPINS for t in SPINS])

# Couplings as scipy's sparse matrices: J alone, with fields beside it, and what is none.
J = np.zeros((4, 4))
for a, b, j in EDGES:
    J[a - 1, b - 1] = J[b - 1, a - 1] = j
for form in ["csr", "csc", "coo"]:
    scipy.sparse.save_npz(HERE / f"spins_{form}.npz", scipy.sparse.csr_matrix(J).asformat(form))
    refer(f"spins_{form}.npz", spin_energies(1))
sparse = scipy.sparse.csr_array(J)
np.savez(HERE / "spins_field.npz", format="csr", shape=sparse.shape, data=sparse.data, indices=sparse.indices,
         indptr=sparse.indptr, field=np.array(FIELDS), constant=-1.5)
refer("spins_field.npz", (energy - 1.5 for energy in spin_energies(1, FIELDS)))
scipy.sparse.save_npz(HERE / "spins_upper.npz", scipy.sparse.triu(J).tocsr())
scipy.sparse.save_npz(HERE / "spins_diagonal.npz", scipy.sparse.csr_matrix(J + np.eye(4)))

# Data: the same samples in every form.
X = np.array([[0, 1, 1, 0, 1], [1, 0, 0, 0, 0], [1, 1, 0, 1, 1]], np.uint8)
np.save(HERE / "data.npy", X.astype(np.float16))
np.savez(HERE / "data_spins.npz", X=2 * X.astype(np.int8) - 1)
for form in ["csr", "csc", "coo"]:
    scipy.sparse.save_npz(HERE / f"data_{form}.npz", scipy.sparse.csr_matrix(X).asformat(form), compressed=form != "coo")
scipy.sparse.save_npz(HERE / "data_dia.npz", scipy.sparse.csr_matrix(X).asformat("dia"))

(HERE / "reference.json").write_text(json.dumps(REFERENCE, indent=1) + "\n")
