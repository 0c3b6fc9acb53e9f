"""Writes those files of this folder that NumPy can write as they were reported, which tests/faults/reported.rs reads.

The others are kept as they came: bar16, tap3-clamp, levels-hang and negative-C (numbers at the ends of f64), unitsflip (one
bit of the directory flipped), dup-W and two-concat (archives that say two things), dryrun.toml, and emf20, a model of
784 × 20 units trained on digits by mean fields, whose weight is in a few separate modes.
"""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
W = np.array([[1, 0], [0, 1], [1, 1]])
A, B = np.array([0, 1, 1]), np.array([1, 0])
for dtype in [np.int64, np.int8, np.bool_, np.float16]:
    np.savez(HERE / f"{np.dtype(dtype).name}.npz", W=W.astype(dtype), vbias=A.astype(dtype), hbias=B.astype(dtype))
np.savez(HERE / "integer_hbias.npz", W=W.astype(float), vbias=A.astype(float), hbias=np.zeros(2, int))
np.savez(HERE / "complex.npz", W=W.astype(complex), vbias=A, hbias=B)
with np.errstate(divide="ignore"):
    mean = np.array([0.0, 0.5, 0.25])  # a pixel that is never on
    np.savez(HERE / "never_on.npz", W=W, vbias=np.log(mean / (1 - mean)), hbias=B)
np.savez(HERE / "units_numbers.npz", W=W, vbias=A, hbias=B, units=[-1, 1])
np.savez(HERE / "units_binary.npz", W=W, vbias=A, hbias=B, units="binary")
for key in ["Units", "unit", "units_", "spin"]:
    np.savez(HERE / f"key_{key}.npz", W=W, vbias=A, hbias=B, **{key: "spin"})
np.savez(HERE / "square.npz", W=np.array([[1.0, 2.0], [3.0, 4.0]]), vbias=[0.0, 0.0], hbias=[0.0, 0.0])
