//! What is recognised and cannot be read here, by its name.

use super::{Error, Format, Reading, Source};
use crate::model::AnyModel;

/// What a file begins with, what it therefore is, and what to do about it.
const KNOWN: &[(&[u8], &str, &str)] = &[
    (b"\x93NUMPY", "this is a single array (.npy)", "save named arrays with numpy.savez"),
    #[cfg(not(feature = "formats"))]
    (b"\x89HDF\r\n\x1a\n", "this is an HDF5 file", WITHOUT),
    #[cfg(not(feature = "formats"))]
    (b"MATLAB 5.0", "this is a MATLAB file", WITHOUT),
    (b"\x1f\x8b", "this file is compressed with gzip", "unpack it first, with gunzip"),
    (b"BZh", "this file is compressed with bzip2", "unpack it first, with bunzip2"),
    (b"\xfd7zXZ", "this file is compressed with xz", "unpack it first, with unxz"),
    (b"\x28\xb5\x2f\xfd", "this file is compressed with zstd", "unpack it first, with unzstd"),
    (b"\x78\x01", COMPRESSED, JOBLIB),
    (b"\x78\x5e", COMPRESSED, JOBLIB),
    (b"\x78\x9c", COMPRESSED, JOBLIB),
    (b"\x78\xda", COMPRESSED, JOBLIB),
];

#[cfg(not(feature = "formats"))]
const WITHOUT: &str =
    "this program was built without the feature `formats`: build it with that feature, or save an .npz";

const COMPRESSED: &str = "this is zlib-compressed data, such as a compressed joblib file";

const JOBLIB: &str = "a pickle can run any program when it is opened, and is read by Python only: load it there and save the \
                      arrays, numpy.savez(\"m.npz\", components_=rbm.components_, intercept_visible_=rbm.intercept_visible_, \
                      intercept_hidden_=rbm.intercept_hidden_)";

/// The number that PyTorch's format before 1.6 begins with, as a pickle.
const OLD_TORCH: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

/// Files of formats that are known to us by name alone.
pub struct Foreign;

impl Format for Foreign {
    fn recognises(&self, bytes: &[u8]) -> bool {
        refusal(bytes).is_some()
    }

    fn read(&self, source: &Source<'_>) -> Result<(AnyModel, Reading), Error> {
        let (problem, remedy) = refusal(source.bytes).unwrap_or_default();
        Err(source.refuse(problem, remedy))
    }
}

fn refusal(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    if bytes.starts_with(OLD_TORCH) {
        return Some((
            "this is a PyTorch file in the format before version 1.6",
            "save it again with a newer PyTorch: torch.save(torch.load(\"m.pt\"), \"m.pt\")",
        ));
    }
    if let [0x80, 2..=5, ..] = bytes {
        return Some(("this is a Python pickle (pickle, joblib)", JOBLIB));
    }
    KNOWN.iter().find(|(start, ..)| bytes.starts_with(start)).map(|(_, problem, remedy)| (*problem, *remedy))
}
