//! Whether what is printed can arrive anywhere.
//!
//! A process that begins without a stdout (`>&-`) is given `/dev/null` for it by the runtime, for
//! reading and writing, and what cannot be written to a stdout that is open for reading alone is
//! dropped there, too. Either way a result would be lost with exit status 0. Linux says how the file
//! was opened; elsewhere this cannot be known without unsafe code.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::bail;

/// Refuses, before any work, a stdout on which the only copy of a result would be lost.
///
/// A shell opens `>/dev/null` for writing alone, and then that is wanted. A parent that opens it for
/// reading and writing (`subprocess.DEVNULL` of Python) cannot be told from a closed stdout, so that
/// only what has nowhere else to go is refused.
pub fn must_be_open() -> anyhow::Result<()> {
    let info = fs::read_to_string("/proc/self/fdinfo/1").unwrap_or_default();
    let target = fs::read_link("/proc/self/fd/1").unwrap_or_else(|_| PathBuf::new());
    match lost(&info, &target) {
        Some(problem) => bail!(
            "stdout: {problem}, and the result would be lost; redirect it to a file, or to /dev/null for writing alone"
        ),
        None => Ok(()),
    }
}

/// What is wrong with a stdout, from what Linux says of it.
fn lost(info: &str, target: &Path) -> Option<&'static str> {
    const ACCESS: u32 = 0o3;
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
    match u32::from_str_radix(flags.trim(), 8).ok()? & ACCESS {
        0 => Some("it is open for reading alone"),
        2 if target == Path::new("/dev/null") => Some("it is closed, or is /dev/null opened for reading and writing"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_stdout_is_known_from_one_that_is_thrown_away() {
        let info = |flags: &str| format!("pos:\t0\nflags:\t{flags}\nmnt_id:\t6\n");
        let of = |flags: &str, target: &str| lost(&info(flags), target.as_ref()).is_some();
        assert!(of("0100002", "/dev/null") && of("0100000", "/tmp/x"));
        // A shell's `>/dev/null`, a terminal, a pipe, and a system that says nothing.
        assert!(!of("0100001", "/dev/null") && !of("0100002", "/dev/pts/0") && !of("01", "pipe:[7]"));
        assert_eq!(lost("", "".as_ref()), None);
    }
}
