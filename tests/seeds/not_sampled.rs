//! Enumeration, bounds, and solutions of equations.

use plefka::Method;

use super::runs::holds;

#[test]
fn exact() {
    holds(
        Method::Exact,
        &[
            "bits",
            "coupled log_z_only=true",
            "spins",
            "mixed",
            "ising",
            "ring",
            "levels",
            "bits log_z_only=true betas=0,2",
            "coupled betas=0,0.2,3",
            "strong",
        ],
    );
}

#[test]
fn data_bound() {
    holds(Method::DataBound, &["bits", "modes", "spins", "mixed", "modes betas=0,0.1,2", "strong"]);
}

#[test]
fn mean_field() {
    holds(
        Method::MeanField,
        &[
            "bits",
            "modes starts=20",
            "modes starts=12 start_from=gibbs",
            "spins starts=8",
            "ising starts=5",
            "ring",
            "strong starts=12",
            "glass starts=10",
            "coupled starts=8 betas=0,0.1,3",
            "wide starts=4",
            "phases starts=6",
        ],
    );
}

#[test]
fn tap2() {
    holds(
        Method::Tap2,
        &[
            "bits",
            "modes starts=20",
            "modes starts=12 start_from=gibbs report=sum",
            "modes starts=12 start_from=data report=uniform-start",
            "modes",
            "wide",
            "modes report=annealed",
            "coupled starts=10 solver=ascent",
            "coupled starts=10 solver=damped damping=0.7",
            "coupled starts=10 solver=anderson",
            "coupled starts=10 solver=memory damping=0.2",
            "coupled starts=6 solver=anneal",
            "coupled starts=10 solver=minimize",
            "coupled starts=4 solver=damped max_iterations=5",
            "modes starts=6 tolerance=1e-4",
            "spins starts=8",
            "mixed starts=8",
            "ising starts=5",
            "ring starts=5",
            "strong starts=12 betas=0,0.2,0.5,1",
            "strong report=annealed betas=0.1:1:4",
            "strong starts=8 report=sum",
            "glass starts=10",
            "glass starts=4 solver=minimize",
            "glass starts=5 solver=damped",
            "strong starts=4 max_iterations=12",
            "coupled starts=3 max_iterations=6",
            "glass starts=3 max_iterations=9 betas=3",
            "glass starts=5 solver=anderson max_iterations=40",
            "strong starts=5 solver=ascent max_iterations=30",
            "strong starts=5 solver=memory",
            "coupled starts=8 betas=0,0.1,3",
            "phases starts=6 betas=0.9,1",
            "wide betas=0,1.5",
            "mixed starts=10 start_from=data",
            "spins starts=10 start_from=gibbs report=sum",
            "free starts=3",
        ],
    );
}

#[test]
fn tap3() {
    holds(
        Method::Tap3,
        &[
            "bits",
            "modes starts=12",
            "spins starts=8",
            "coupled starts=5 solver=minimize",
            "strong starts=8 betas=0,0.2,0.5,1",
            "coupled starts=8 betas=0,0.1,3",
            "mixed starts=6 report=sum",
            "strong starts=4 solver=damped",
        ],
    );
}

#[test]
fn bethe() {
    holds(
        Method::Bethe,
        &[
            "bits",
            "modes",
            "spins",
            "ising damping=0.8",
            "ring",
            "coupled max_iterations=6",
            "mixed tolerance=1e-5",
            "strong",
            "strong damping=0.9 max_iterations=2000",
            "glass damping=0.5",
            "coupled betas=0,0.1,3",
            "phases",
            "free",
        ],
    );
}

#[test]
fn mixture() {
    holds(
        Method::Mixture,
        &[
            "bits starts=20",
            "modes starts=40",
            "modes starts=3 max_iterations=7",
            "coupled starts=64 tolerance=1e-3",
            "wide starts=40",
            "spins starts=30",
            "mixed starts=30",
            "ising starts=20",
            "ring starts=20",
            "strong starts=40 betas=0,0.3,1",
            "phases starts=20",
            "coupled starts=20 betas=0,0.1,3",
            "free starts=5",
        ],
    );
}
