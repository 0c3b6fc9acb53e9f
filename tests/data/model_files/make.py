"""Writes the .npz files of this folder, which tests/model_files.rs reads: python make.py"""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
W32 = np.array([[0.1, -1.25], [2.7, 0.3], [-0.7, 1e-30]], np.float32)  # (n_visible, n_hidden)
A32, B32 = np.array([0.1, -0.2, 0.3], np.float32), np.array([0.4, -0.5], np.float32)
W, A, B = W32.astype(float), A32.astype(float), B32.astype(float)
BIASES = dict(vbias=A, hbias=B)
X = np.array([[0, 1, 1, 0, 0, 0, 1, 0, 1, 1], [1, 0, 0, 0, 0, 0, 0, 1, 1, 0], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]], np.uint8)
BITS = np.packbits(X, axis=1)


def npy(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(array), version)
    return file.getvalue()


def raw(name, compression=zipfile.ZIP_STORED, **entries):
    """An archive of bytes that need not be arrays."""
    with zipfile.ZipFile(HERE / f"{name}.npz", "w", compression) as archive:
        for key, data in entries.items():
            archive.writestr(zipfile.ZipInfo(f"{key}.npy"), data, compression)


def with_header(text, payload=b"", version=1):
    """An array with a header of one's own."""
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode() + payload


def save(name, **arrays):
    np.savez(HERE / f"{name}.npz", **arrays)


# The same model in many ways.
save("model_f32", W=W32, vbias=A32, hbias=B32)
save("model_f64", W=W, **BIASES)
save("model_mixed_precision", W=W32, **BIASES)
save("model_fortran", W=np.asfortranarray(W), **BIASES)
save("model_fortran_f32", W=np.asfortranarray(W32), **BIASES)
save("model_big_endian", W=W.astype(">f8"), vbias=A32.astype(">f4"), hbias=B)
save("model_sklearn", components_=W.T, intercept_visible_=A, intercept_hidden_=B)
save("model_sklearn_c", components_=np.ascontiguousarray(W32.T), intercept_visible_=A32, intercept_hidden_=B32)
save("model_bias_matrices", W=W, vbias=A.reshape(1, 3), hbias=B.reshape(2, 1))
save("model_extra_keys", W=W, epoch=3, history=np.zeros((2, 2, 2)), notes=np.array({"any": "object"}), **BIASES)
save("model_units", W=W, units="bit", **BIASES)
np.savez_compressed(HERE / "model_deflated.npz", W=W, **BIASES)
raw("model_npy_versions", W=npy(W, (2, 0)), vbias=npy(A, (3, 0)), hbias=npy(B, (1, 0)))

# The same parameters on other units.
save("spin_unicode", W=W, units="spin", **BIASES)
save("spin_bytes", W=W, units=np.bytes_("spin"), **BIASES)
save("spin_big_endian", W=W, units=np.array("spin", ">U8"), **BIASES)
save("spin_array", W=W, units=["spin"], **BIASES)
save("spin_pair", W=W, units=["spin", "spin"], **BIASES)
save("mixed_units", W=W, units=["bit", "spin"], **BIASES)

# Other kinds of models.
J = np.array([[0, 0.5, -1.25], [0.5, 0, 2], [-1.25, 2, 0]])
FIELD, ENERGIES = np.array([0.25, 0, -1]), np.array([0, 1.5, -2.25, 0.125])
save("ising_field", J=J, field=FIELD)
save("ising_f32", J=np.asfortranarray(J, np.float32), field=FIELD.astype(np.float32).reshape(3, 1))
save("ising_without_field", J=J, patterns=np.ones((1, 3)))
save("levels_f64", energies=ENERGIES)
save("levels_f32", energies=ENERGIES.astype(np.float32).reshape(1, 4))

# What is no model.
save("bad_ising_square", J=J[:2], field=FIELD)
save("bad_ising_1d", J=J[0])
save("bad_ising_empty", J=J[:0, :0])
save("bad_ising_asymmetric", J=np.triu(J))
save("bad_ising_diagonal", J=J + np.diag([0, 0, 3.5]))
save("bad_ising_nan", J=np.where(J == 2, np.nan, J))
save("ising_integers", J=J.astype(np.int64))
save("bad_ising_field", J=J, field=FIELD[:2])
save("bad_ising_field_inf", J=J, field=np.array([0.25, np.inf, -1]))
save("bad_ising_field_alone", field=FIELD)
save("bad_levels_three", energies=ENERGIES[:3])
save("bad_levels_one", energies=ENERGIES[:1])
save("bad_levels_matrix", energies=ENERGIES.reshape(2, 2))
save("bad_levels_inf", energies=np.array([0, -np.inf]))
save("levels_integers", energies=np.array([0, 1]))
save("bad_two_kinds", J=J, energies=ENERGIES)
save("bad_ising_and_rbm", J=J, W=W, **BIASES)
save("model_no_hbias", W=W, vbias=A)
save("bad_no_weights", vbias=A, hbias=B)
save("bad_both_schemes", W=W, components_=W.T, **BIASES)
save("bad_no_scheme", weights=W, a=A, b=B)
raw("bad_no_arrays")
save("bad_weights_1d", W=A, **BIASES)
save("bad_weights_3d", W=W.reshape(1, 3, 2), **BIASES)
save("bad_transposed", W=W.T, **BIASES)
save("bad_sklearn_not_transposed", components_=W, intercept_visible_=A, intercept_hidden_=B)
save("bad_bias_shape", W=W, vbias=np.zeros((3, 2)), hbias=B)
save("bad_bias_scalar", W=W, vbias=A, hbias=0.0)
save("bad_no_units", W=np.zeros((3, 0)), vbias=A, hbias=np.zeros(0))
save("bad_nan", W=np.where(W > 2, np.nan, W), **BIASES)
save("bad_infinite_bias", components_=W.T, intercept_visible_=A, intercept_hidden_=np.array([0, -np.inf]))
save("model_float16", W=W.astype(np.float16), **BIASES)
save("model_integers", W=W.astype(np.int64), **BIASES)
save("bad_complex", W=W.astype(complex), **BIASES)
save("bad_structured", W=np.zeros((3, 2), [("w", "<f8"), ("c", "<i4")]), **BIASES)
save("bad_object", W=W.astype(object), **BIASES)
save("bad_units_name", W=W, units="ising", **BIASES)
save("bad_units_number", W=W, units=2, **BIASES)
save("bad_units_object", W=W, units=None, **BIASES)
save("bad_units_three", W=W, units=["bit", "bit", "spin"], **BIASES)
save("bad_units_empty", W=W, units=np.array([], "U4"), **BIASES)
raw("bad_bzip2", zipfile.ZIP_BZIP2, W=npy(W), vbias=npy(A), hbias=npy(B))
(HERE / "bad_empty.npz").write_bytes(b"")
(HERE / "bad_text.npz").write_text("W = 1 2 3\n")
(HERE / "bad_single_array.npz").write_bytes(npy(W))
(HERE / "bad_cut_archive.npz").write_bytes((HERE / "model_f64.npz").read_bytes()[:500])

# What lies about itself.
HEADER = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n"
rest = dict(vbias=npy(A), hbias=npy(B))
raw("bad_cut_array", W=npy(W)[:-8], **rest)
raw("bad_trailing_bytes", W=npy(W) + b"12345678", **rest)
raw("bad_cut_header", W=npy(W)[:60], **rest)
raw("bad_huge_shape", W=with_header(HEADER % ("<f8", "(100000000, 100000)"), W.tobytes()), **rest)
raw("bad_overflowing_shape", W=with_header(HEADER % ("<f8", f"({2**33}, {2**33})"), W.tobytes()), **rest)
raw("bad_negative_shape", W=with_header(HEADER % ("<f8", "(-3, 2)"), W.tobytes()), **rest)
raw("bad_sizeless_items", W=with_header(HEADER % ("<U0", "(1000,)")), **rest)
raw("bad_nested_header", W=with_header("[" * 60000), **rest)
raw("bad_huge_header", W=b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'", **rest)
raw("bad_npy_version", W=with_header(HEADER % ("<f8", "(3, 2)"), W.tobytes(), 9), **rest)
raw("bad_not_npy", W=b"0.1 -1.25\n", **rest)
archive = bytearray((HERE / "model_f64.npz").read_bytes())
archive[archive.index(W.tobytes())] ^= 1
(HERE / "bad_flipped_bit.npz").write_bytes(archive)
archive = bytearray((HERE / "model_deflated.npz").read_bytes())
central = archive.index(b"PK\x01\x02")
archive[central + 24 : central + 28] = b"\xfe\xff\xff\xff"  # the unpacked size of W
(HERE / "bad_declared_size.npz").write_bytes(archive)

# The same data in many ways.
LABELS = dict(labels=np.array([3, 0, 9], np.uint8))
for dtype in ["u1", "?", "i1", "<i8", ">i4", "<f4", "<f8"]:
    save(f"data_{np.dtype(dtype).name}", X=X.astype(dtype), **LABELS)
save("data_fortran", X=np.asfortranarray(X), labels=np.array([[3.0], [0.0], [9.0]]))
save("data_bits", bits=BITS, n=10, **LABELS)
save("data_bits_fortran", bits=np.asfortranarray(BITS), n=np.array([10.0]), **LABELS)
save("data_bits_without_n", bits=BITS, **LABELS)
save("data_without_labels", X=X)

# What is no data.
save("bad_data_two", X=2 * X)
save("bad_data_half", X=X / 2)
save("data_spins", X=np.asfortranarray(2 * X.astype(np.int8) - 1))
save("bad_data_nan", X=np.where(X, np.nan, 0))
save("data_float16", X=X.astype(np.float16))
save("bad_data_1d", X=X[0])
save("bad_data_no_rows", X=X[:0])
save("bad_data_no_columns", X=X[:, :0])
save("bad_data_no_key", x=X)
save("bad_data_both_keys", X=X, bits=BITS)
save("bad_data_bits_dtype", bits=BITS.astype(np.int16), n=10)
save("bad_data_bits_n", bits=BITS, n=20)
save("bad_data_bits_padding", bits=BITS, n=9)
save("bad_data_n", bits=BITS, n=9.5)
save("bad_data_n_shape", bits=BITS, n=[10, 10])
save("bad_data_label_count", X=X, labels=[3, 0])
save("bad_data_label_names", X=X, labels=["three", "zero", "nine"])
save("bad_data_label_fraction", X=X, labels=[3, 0.5, 9])
