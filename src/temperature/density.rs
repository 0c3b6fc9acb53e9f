//! Temperatures from the number of states: β = d ln g/dE, and 1/T = dS/dU.

use crate::{
    curve::{Claim, Curve, Series},
    sample::ConditionalEnergy,
    stats::{mean, std_dev},
    temperature::{
        energy_curve::entropy_slopes,
        estimate::{Estimate, Estimator, Influence},
        independence::effective_size,
        root::between,
    },
};

/// The bins are this share of the standard deviation of the energies wide: for a Gaussian
/// distribution the finite difference is then 2 % off in β − β₀.
const BIN_SHARE: f64 = 0.5;

/// β = Δ ln g/ΔE at the mean energy of the data, with g(E) the number of states, from two
/// neighbouring bins of a histogram.
///
/// # Formula
/// In a sample at β₀ the counts are n(E) ∝ g(E) e^{−β₀E}. With the bins
/// [E − w, E) and [E, E + w) about the mean energy E of the data, β = β₀ + ln[n₊/n₋]/w, with the
/// variance (1/n₊ + 1/n₋)/w² and that of E.
///
/// It is the temperature of the micro-canonical ensemble. In a small system it differs from that of
/// the canonical one by −κ₃(E)/(2 Var² E), which no number of samples takes away, and the finite
/// width adds its own error: the standard error is that of the finite difference.
///
/// `joint` are energies E(v, h) of the sample at β₀ in the order of sampling, `at` the energies of
/// the data, `width` the width of a bin (if none, half of their standard deviation); it is
/// reported as `bin_width`.
///
/// # Errors
/// A reason in words where the sample does not reach the energy of the data, or does not vary.
pub fn microcanonical(joint: &[f64], second_beta: f64, at: &[f64], width: Option<f64>) -> Result<Estimate, String> {
    let spread = std_dev(joint);
    let width = width.unwrap_or(BIN_SHARE * spread);
    if !(width > 0.0 && width.is_finite() && spread > 0.0) {
        return Err("the energies of the sample at a known β do not vary, so there are no two bins".into());
    }
    let energy = mean(at);
    let indicator = |from: f64| joint.iter().map(move |e| f64::from(u8::from((from..from + width).contains(e))));
    let (below, above) = (indicator(energy - width).collect::<Vec<_>>(), indicator(energy).collect::<Vec<_>>());
    let [n_below, n_above] = [&below, &above].map(|bin| bin.iter().sum::<f64>());
    if n_below < 5.0 || n_above < 5.0 {
        return Err(format!(
            "the sample at β = {second_beta} has {n_below} and {n_above} states in the bins at the energy of the data \
             ({energy:.3}); sample nearer to them, or more"
        ));
    }
    // ln n₊ − ln n₋ moves with each state of the sample by this.
    let n = joint.len() as f64;
    let of_sample: Vec<f64> = below.iter().zip(&above).map(|(b, a)| (a / n_above - b / n_below) * n / width).collect();
    let influence = Influence {
        rows: at.iter().map(|e| (energy - e) / (spread * spread)).collect(),
        other: std_dev(&of_sample).powi(2) / effective_size(&of_sample),
    };
    let beta = second_beta + (n_above / n_below).ln() / width;
    Ok(Estimate::sampled(Estimator::Microcanonical, beta, influence)?
        .with("bin_width", width)
        .with("energy", energy)
        .with("second_beta", second_beta))
}

/// 1/T = dS/dU along the curve of any estimator of ln Z, where U is the energy of the data.
///
/// # Formula
/// Between two points of the curve (S₂ − S₁)/(U₂ − U₁) lies between their β, because dS = β dU; it
/// is taken as dS/dU at the middle of U, and interpolated in a straight line. Where the data are
/// visible states their energy ⟨E | v⟩ depends on β, and the equation is solved for it.
///
/// On an exact curve this is [`max_likelihood`](super::max_likelihood) again, up to the spacing of
/// the points: what it tests is the curve. From an estimator whose U is not the derivative of its
/// ln Z, or whose error bars are too small, the two differ.
///
/// # Errors
/// A reason in words where the data lie beyond the curve, or U does not fall along it.
pub fn entropic(energies: impl Fn(f64) -> Vec<ConditionalEnergy>, curve: &Curve) -> Result<Estimate, String> {
    let betas = &curve.betas[..curve.reached.len()];
    let mean_energy = |beta: f64| mean(&energies(beta).iter().map(|e| e.energy).collect::<Vec<_>>());
    let at_beta = |series: &Series| solve(betas, series, &mean_energy);
    let Some((beta, slope)) = at_beta(&curve.values) else {
        return Err("the energy of the data is not within the curve, or U does not fall along it; \
                    give --betas that reach further, or more samples"
            .into());
    };
    let at_root = energies(beta);
    let (energy, inner) = (
        mean(&at_root.iter().map(|e| e.energy).collect::<Vec<_>>()),
        mean(&at_root.iter().map(|e| e.energy_variance).collect::<Vec<_>>()),
    );
    // β = β(e), and e falls with β by the mean of Var(E | v) for each row held fixed.
    let response = slope / (1.0 + slope * inner);
    let replicates: Vec<f64> = curve.replicates.iter().filter_map(|s| at_beta(s).map(|(beta, _)| beta)).collect();
    if replicates.len() < curve.replicates.len() {
        return Err("the entropy of the curve is too noisy for a derivative; give its estimator more samples".into());
    }
    let influence = Influence {
        rows: at_root.iter().map(|e| response * (e.energy - energy)).collect(),
        other: std_dev(&replicates).powi(2),
    };
    let estimate = Estimate::sampled(Estimator::Entropic, beta, influence)?.with("energy", energy);
    let exact = matches!(curve.log_z_claim, Claim::Exact) || !curve.replicates.is_empty();
    Ok(if exact { estimate } else { estimate.without_error_control() })
}

/// The β with β = dS/dU(ē(β)) within the curve, and d(dS/dU)/dU there.
fn solve(betas: &[f64], series: &Series, mean_energy: &impl Fn(f64) -> f64) -> Option<(f64, f64)> {
    let slopes = entropy_slopes(betas, series);
    let (first, last) = (slopes.first()?, slopes.last()?);
    // U falls along the list. Outside of it the nearest piece is continued, for the sake of the
    // root finder alone.
    let piece = |energy: f64| slopes.partition_point(|s| s.0 > energy).clamp(1, slopes.len().max(2) - 1);
    let steepness = |k: usize| (slopes[k].1 - slopes[k - 1].1) / (slopes[k].0 - slopes[k - 1].0);
    if slopes.len() < 2 {
        return None;
    }
    let at = |energy: f64| {
        let k = piece(energy);
        slopes[k].1 + steepness(k) * (energy - slopes[k].0)
    };
    let gap = |beta: f64| at(mean_energy(beta)) - beta;
    let (low, high) = (betas[0], betas[betas.len() - 1]);
    if gap(low) < 0.0 || gap(high) > 0.0 {
        return None;
    }
    let beta = between(gap, low, high);
    let energy = mean_energy(beta);
    (energy <= first.0 && energy >= last.0).then(|| (beta, steepness(piece(energy))))
}
