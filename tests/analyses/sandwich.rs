//! Annealing up and down, shorter.

#[path = "../../analyses/sandwich/main.rs"]
#[allow(dead_code)] // its `main`
mod analysis;

/// A shorter run on fewer chains. Where the two directions overlap, Bennett's ratio agrees with the
/// exact value within five standard errors (false-alarm rate 6e−7 for each of at most three
/// numbers, and the seed is fixed); no direction crosses the other by more than that.
#[test]
fn sandwich_brackets_the_truth_again() {
    let (exact, rows) = (analysis::exact().unwrap(), analysis::sandwich(120, 200).unwrap());
    let mut compared = 0;
    for row in &rows {
        let [up, down, both] = row.log_z;
        println!("{}: {up:?} up, {down:?} down, {both:?}, overlap {}", row.base, row.overlap);
        assert!(up.0 <= down.0 + 5.0 * up.1.hypot(down.1), "{}: up {up:?} and down {down:?}", row.base);
        if row.overlap > 0.1 {
            assert!(
                both.1 < 0.5 && (both.0 - exact).abs() < 5.0 * both.1,
                "{}: {both:?}, but {exact} is exact",
                row.base
            );
            compared += 1;
        }
    }
    assert!(compared > 0, "no two directions overlap");
}
