//! Chains and ladders.

use plefka::Method;

use super::runs::{holds, holds_in};

#[test]
fn ais() {
    holds(
        Method::Ais,
        &[
            "bits chains=40 rungs=30",
            "bits chains=130 rungs=20 kernel=block schedule=sigmoid",
            "spins chains=40 rungs=30 kernel=collapsed schedule=salakhutdinov-murray",
            "mixed chains=40 rungs=30 schedule=adaptive replicates=20",
            "modes chains=60 rungs=40 base=mean-field",
            "modes chains=60 rungs=40 base=data schedule=adaptive",
            "coupled chains=40 rungs=30 base=biases",
            "modes chains=60 rungs=40 path=trajectory kernel=block",
            "coupled chains=60 rungs=40 path=every-checkpoint schedule=adaptive",
            "ising chains=40 rungs=20",
            "ring chains=40 rungs=20 schedule=adaptive",
            "levels chains=40 rungs=20",
            "wide chains=40 rungs=20",
            "bits chains=40 rungs=30 betas=0,0.2,0.7,2",
            "modes chains=7 rungs=12 betas=0,1",
            "coupled chains=33 rungs=10 path=every-checkpoint betas=0.3,1",
            "spins chains=40 rungs=20 base=data",
            "ising chains=40 rungs=20 base=mean-field",
            "ring chains=40 rungs=20 base=mean-field",
            "ring chains=40 rungs=20 base=biases kernel=block",
            "phases chains=60 rungs=40",
            "modes chains=300 rungs=8 schedule=adaptive",
            "free chains=20 rungs=10",
            "free chains=20 rungs=10 base=biases",
        ],
    );
}

#[test]
fn ais_from_mixtures() {
    holds_in(
        "ais-mixture",
        Method::Ais,
        &[
            "modes chains=60 rungs=40 base=mixture",
            "wide chains=40 rungs=20 base=mixture",
            "mixed chains=40 rungs=25 base=mixture",
            "spins chains=40 rungs=25 base=mixture kernel=block",
            "strong chains=40 rungs=30 base=mixture betas=0,0.3,1",
        ],
    );
}

#[test]
fn reverse_ais() {
    holds(
        Method::ReverseAis,
        &[
            "bits chains=40 rungs=30",
            "coupled chains=60 rungs=30 start=gibbs burn_in=50",
            "modes chains=60 rungs=30 start=tempering burn_in=40 ladders=8 temperatures=6 sweeps=120 records=20",
            "modes chains=60 rungs=30 base=data",
            "modes chains=60 rungs=30 base=mixture",
            "coupled chains=40 rungs=30 base=mixture start=exact",
            "ring chains=40 rungs=20 start=gibbs burn_in=30",
            "levels chains=40 rungs=20",
            "phases chains=40 rungs=20 start=exact",
            "phases chains=40 rungs=20 start=gibbs burn_in=20",
            "modes chains=17 rungs=15 start=tempering ladders=3 temperatures=5 sweeps=60 records=20",
            "bits chains=40 rungs=20 betas=0,0.5,2",
            "spins chains=40 rungs=20 base=biases start=gibbs burn_in=20",
            "mixed chains=40 rungs=20 base=mean-field",
            "coupled chains=40 rungs=20 path=every-checkpoint start=exact",
            "modes chains=20 rungs=20 path=trajectory start=tempering ladders=8 temperatures=4 sweeps=40 records=20",
            "strong chains=300 rungs=20 betas=0.2,1",
            "free chains=20 rungs=10 base=biases",
        ],
    );
}

#[test]
fn bar() {
    holds(
        Method::Bar,
        &[
            "bits chains=40 rungs=30",
            "coupled chains=60 rungs=30 start=gibbs burn_in=50",
            "modes chains=60 rungs=30 start=tempering burn_in=40 ladders=8 temperatures=6 sweeps=120 records=20",
            "modes chains=60 rungs=30 base=data schedule=adaptive",
            "modes chains=60 rungs=30 base=mixture start=tempering ladders=4 temperatures=5 sweeps=120 records=40",
            "coupled chains=60 rungs=30 path=trajectory start=exact",
            "spins chains=40 rungs=20 start=tempering ladders=3 temperatures=4 sweeps=60 records=20 replicates=30",
            "ising chains=40 rungs=20 start=gibbs burn_in=30",
            "levels chains=40 rungs=20",
            "phases chains=40 rungs=20 start=exact",
            "bits chains=40 rungs=20 betas=0,0.5,2",
            "strong chains=40 rungs=10 start=gibbs burn_in=20",
            "modes chains=17 rungs=15 start=tempering ladders=3 temperatures=5 sweeps=60 records=20",
            "mixed chains=200 rungs=20 base=biases",
            "phases chains=40 rungs=20 start=tempering ladders=8 temperatures=4 sweeps=50 records=20",
            "free chains=20 rungs=10 base=biases",
            "free chains=20 rungs=10 base=uniform start=gibbs burn_in=5",
        ],
    );
}

#[test]
fn tempering() {
    holds(
        Method::Tempering,
        &[
            "bits temperatures=5 sweeps=200 records=50",
            "coupled temperatures=6 sweeps=400 records=40 ladders=3 kernel=collapsed",
            "modes temperatures=6 sweeps=300 records=60 kernel=block burn_in=30",
            "modes temperatures=5 sweeps=300 base=mixture replicates=20",
            "modes temperatures=5 sweeps=200 base=data",
            "spins temperatures=5 sweeps=200 base=mean-field",
            "modes temperatures=6 sweeps=200 path=trajectory",
            "coupled temperatures=7 sweeps=200 path=every-checkpoint ladders=9",
            "mixed temperatures=5 sweeps=200 base=biases",
            "ising temperatures=5 sweeps=200",
            "ring temperatures=5 sweeps=200",
            "levels temperatures=4 sweeps=200",
            "wide temperatures=5 sweeps=200 base=mixture",
            "phases temperatures=5 sweeps=200",
            "bits temperatures=5 sweeps=200 ladders=2 betas=0,0.25,2",
            "modes temperatures=5 sweeps=100 records=50 base=mixture betas=0,1",
            "bits temperatures=2 sweeps=60 records=30 burn_in=3 ladders=1",
            "coupled temperatures=4 sweeps=100 records=7",
            "strong temperatures=3 sweeps=300 records=100",
            "phases temperatures=2 sweeps=60 records=30",
            "strong temperatures=2 sweeps=40 records=40 betas=2",
            "golf temperatures=4 sweeps=50 records=25 betas=0,3",
            "hole temperatures=3 sweeps=40 records=20 burn_in=5",
            "ising temperatures=3 sweeps=70 records=35 base=mean-field kernel=block",
            "modes temperatures=3 sweeps=100 records=30 kernel=collapsed path=trajectory",
            "free temperatures=3 sweeps=40 records=20 base=biases",
            "free temperatures=3 sweeps=40 records=20",
        ],
    );
}

#[test]
fn integration() {
    holds(
        Method::Integration,
        &[
            "bits temperatures=5 sweeps=200 records=50",
            "modes temperatures=7 sweeps=300 burn_in=30 ladders=4",
            "wide temperatures=6 sweeps=200 burn_in=30",
            "modes temperatures=6 sweeps=200 replicates=20",
            "levels temperatures=5 sweeps=200",
            "phases temperatures=5 sweeps=200",
            "bits temperatures=5 sweeps=100 records=50 ladders=2 betas=0,0.25,2",
            "coupled temperatures=8 sweeps=200 ladders=9 records=40",
            "strong temperatures=5 sweeps=300 records=100",
            "free temperatures=5 sweeps=40 records=20",
        ],
    );
}
