//! Which instruction set the hot loops use: the best that the machine has, or for a benchmark a
//! lesser one.

use std::sync::atomic::{AtomicU8, Ordering};

use pulp::Arch;

/// Instruction sets that the loops are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstructionSet {
    /// What every x86-64 has: SSE2, without fused multiply-adds.
    Baseline,
    /// AVX2 and fused multiply-adds (x86-64-v3).
    Avx2,
    /// AVX-512 (x86-64-v4).
    Avx512,
    /// NEON, which every 64-bit ARM has.
    Neon,
}

/// 0: the best that there is.
static LIMIT: AtomicU8 = AtomicU8::new(0);

/// Makes every loop of the process use this instruction set from now on, if the machine has it.
///
/// For benchmarks: the last bits of results depend on it.
///
/// # Panics
/// If the machine has not got it.
pub fn use_instruction_set(set: InstructionSet) {
    assert!(InstructionSet::available().contains(&set), "this machine has no {set:?}");
    LIMIT.store(set as u8 + 1, Ordering::Relaxed);
}

impl InstructionSet {
    /// In the order of their declaration.
    const ALL: [Self; 4] = [Self::Baseline, Self::Avx2, Self::Avx512, Self::Neon];

    /// Those that the machine has, the widest vectors last.
    #[must_use]
    pub fn available() -> Vec<Self> {
        match best() {
            #[cfg(target_arch = "x86_64")]
            Arch::V4(_) => vec![Self::Baseline, Self::Avx2, Self::Avx512],
            #[cfg(target_arch = "x86_64")]
            Arch::V3(_) => vec![Self::Baseline, Self::Avx2],
            #[cfg(target_arch = "aarch64")]
            Arch::Neon(_) => vec![Self::Neon],
            _ => vec![Self::Baseline],
        }
    }

    /// What compiles a loop for it.
    #[must_use]
    pub fn arch(self) -> Arch {
        match self {
            Self::Baseline => Arch::Scalar,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => pulp::x86::V3::try_new().map_or_else(best, Arch::V3),
            _ => best(),
        }
    }
}

fn best() -> Arch {
    Arch::new()
}

/// What dispatches a loop.
#[inline]
pub(crate) fn arch() -> Arch {
    match LIMIT.load(Ordering::Relaxed) {
        0 => best(),
        limit => InstructionSet::ALL[usize::from(limit) - 1].arch(),
    }
}
