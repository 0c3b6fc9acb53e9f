//! Memory that a command will take, refused beforehand where there is not so much.

use std::fs;

use anyhow::bail;

/// What must stay free for the program itself and everybody else.
const RESERVE: f64 = 64e6;

/// Refuses work that takes more bytes than there are. `what` is at fault, `remedy` is what to do.
pub fn check(what: &str, bytes: f64, remedy: &str) -> anyhow::Result<()> {
    match available() {
        Some(free) if bytes > free - RESERVE => bail!(
            "{what}: it would take about {} of memory, and {} are free; {remedy}",
            in_words(bytes),
            in_words((free - RESERVE).max(0.0)),
        ),
        _ => Ok(()),
    }
}

/// A number of bytes as a person would say it.
pub fn in_words(bytes: f64) -> String {
    match bytes {
        bytes if bytes < 1e9 => format!("{:.0} MB", (bytes / 1e6).ceil()),
        bytes if bytes < 1e15 => format!("{:.1} GB", bytes / 1e9),
        bytes => format!("{:.1e} GB", bytes / 1e9),
    }
}

/// The bytes that can be had without swapping: of the machine, or of the control group where that
/// has a limit. Only Linux says so.
fn available() -> Option<f64> {
    let read = |path: &str| fs::read_to_string(path).ok();
    let machine = read("/proc/meminfo").and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        Some(1024.0 * line.trim().strip_suffix(" kB")?.parse::<f64>().ok()?)
    });
    let number = |path: &str| read(path).and_then(|text| text.trim().parse::<f64>().ok());
    let group = number("/sys/fs/cgroup/memory.max")
        .zip(number("/sys/fs/cgroup/memory.current"))
        .map(|(limit, used)| (limit - used).max(0.0) + number_of_cache());
    match (machine, group) {
        (Some(machine), Some(group)) => Some(machine.min(group)),
        (machine, group) => machine.or(group),
    }
}

/// What the group holds of files, which is given up when memory is asked for.
fn number_of_cache() -> f64 {
    let text = fs::read_to_string("/sys/fs/cgroup/memory.stat").unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix("file ")?.parse().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_the_number() {
        assert!(check("x", 1.0, "").is_ok());
        if available().is_some() {
            let refusal = check("--betas", 5e15, "ask for fewer").unwrap_err().to_string();
            assert!(refusal.starts_with("--betas: it would take about 5.0e6 GB of memory"), "{refusal}");
        }
        assert_eq!([2.5e6, 3.5e9].map(in_words), ["3 MB", "3.5 GB"]);
    }
}
