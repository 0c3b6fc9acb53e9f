//! The hot loops on the instruction sets of the machine.

use plefka::{
    hot_loops::hot_loops,
    instruction_set::{InstructionSet, use_instruction_set},
};

/// What each loop gives on one of them.
fn numbers_on(set: InstructionSet) -> Vec<(&'static str, f64)> {
    use_instruction_set(set);
    hot_loops().into_iter().map(|mut hot| (hot.name, (hot.call)())).collect()
}

/// AVX2 and AVX-512 both fuse multiplications with additions, and every sum is taken in the same
/// order: the numbers are the same to the last bit. The baseline does not fuse, and takes sums in
/// the same order all the same. (Which of them a process uses is one setting: hence one test.)
#[test]
fn every_instruction_set_gives_the_same_numbers() {
    let numbers: Vec<_> = InstructionSet::available().into_iter().map(|set| (set, numbers_on(set))).collect();
    let (_, widest) = numbers.last().unwrap();
    for (set, numbers) in &numbers {
        for ((name, number), (_, expected)) in numbers.iter().zip(widest) {
            let allowed = if *set == InstructionSet::Baseline { 1e-6 * expected.abs() } else { 0.0 };
            assert!((number - expected).abs() <= allowed, "{name} on {set:?}: {number}, not {expected}");
        }
    }
}
