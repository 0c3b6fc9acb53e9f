//! The hot loops on the instruction sets of the machine.

use plefka::{
    hot_loops::hot_loops,
    instruction_set::{InstructionSet, use_instruction_set},
};

/// AVX2 and AVX-512 both fuse multiplications with additions, and every sum is taken in the same
/// order: the numbers are the same to the last bit. (A machine that has one of them alone has
/// nothing to compare.)
#[test]
fn wider_vectors_give_the_same_numbers() {
    let on = |set| {
        use_instruction_set(set);
        hot_loops().into_iter().map(|mut hot| (hot.name, (hot.call)().to_bits())).collect::<Vec<_>>()
    };
    let numbers: Vec<_> = InstructionSet::available().into_iter().map(on).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] == pair[1]), "{numbers:?}");
    assert!(numbers.iter().flatten().all(|(_, bits)| f64::from_bits(*bits).is_finite()), "{numbers:?}");
}
