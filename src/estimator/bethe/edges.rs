//! The messages of belief propagation between spins that are coupled in pairs, on any graph.

use super::messages::{Passing, log_sum_exp, message};
use crate::{
    model::{Model, SparseIsing},
    stats::{sigmoid, softplus},
};

/// Spins as bits, s = 2x − 1: E = −constant − Σ aᵢxᵢ − Σ Wᵢⱼxᵢxⱼ with W = 4J, a = 2f − 2 Σⱼ Jᵢⱼ.
pub(super) struct BitGraph<'m> {
    spins: &'m SparseIsing,
    bias: Vec<f64>,
    constant: f64,
    /// Of each end of a bond, in the order of the lists of neighbours: the other end.
    reverse: Vec<u32>,
}

/// The messages at one β.
#[derive(Clone)]
pub(super) struct EdgeMessages<'a> {
    graph: &'a BitGraph<'a>,
    beta: f64,
    /// What arrives at each spin from each of its neighbours: log-odds.
    arriving: Vec<f64>,
}

impl<'m> BitGraph<'m> {
    pub(super) fn new(spins: &'m SparseIsing) -> Self {
        let (neighbours, strengths) = spins.ends();
        let sum = |i: usize| spins.neighbours(i).map(|(_, j)| j).sum::<f64>();
        let bias = (0..spins.n_units()).map(|i| 2.0 * spins.field()[i] - 2.0 * sum(i)).collect();
        // Both ends of a bond in ascending order of (from, to): the k-th arrival from j at the spins
        // in ascending order is the k-th neighbour of j.
        let mut next = spins.starts().to_vec();
        let mut reverse = vec![0; neighbours.len()];
        for (end, from) in neighbours.iter().enumerate() {
            let other = &mut next[*from as usize];
            reverse[end] = *other as u32;
            *other += 1;
        }
        let constant = 0.5 * strengths.iter().sum::<f64>() - spins.field().sum() - spins.constant();
        Self { spins, bias, constant, reverse }
    }

    pub(super) fn no_messages(&self, beta: f64) -> EdgeMessages<'_> {
        let arriving = vec![0.0; self.reverse.len()];
        EdgeMessages { graph: self, beta, arriving }
    }
}

impl EdgeMessages<'_> {
    /// xᵢ from what arrives.
    fn field_of(&self, i: usize) -> f64 {
        let starts = self.graph.spins.starts();
        self.beta * self.graph.bias[i] + self.arriving[starts[i]..starts[i + 1]].iter().sum::<f64>()
    }
}

impl Passing for EdgeMessages<'_> {
    fn at(&self, step: f64) -> Self {
        Self { beta: self.beta + step, ..self.clone() }
    }

    /// The spins in turn: each sends what it knows by then.
    fn update(&mut self, damping: f64) -> f64 {
        let graph = self.graph;
        let (starts, (_, strengths)) = (graph.spins.starts(), graph.spins.ends());
        let mut change = 0.0_f64;
        for i in 0..starts.len() - 1 {
            let x = self.field_of(i);
            for end in starts[i]..starts[i + 1] {
                let cavity = x - self.arriving[end];
                let next = message(cavity, 4.0 * self.beta * strengths[end]);
                let there = graph.reverse[end] as usize;
                let old = self.arriving[there];
                // Written so that a NaN, should one arise, is not lost: it then fails every
                // tolerance.
                let step = (next - old).abs();
                change = if step <= change { change } else { step };
                self.arriving[there] = damping * old + (1.0 - damping) * next;
            }
        }
        change
    }

    fn log_z_and_energy(&self) -> (f64, f64) {
        let graph = self.graph;
        let (starts, (neighbours, strengths)) = (graph.spins.starts(), graph.spins.ends());
        let field: Vec<f64> = (0..starts.len() - 1).map(|i| self.field_of(i)).collect();
        let (mut log_z, mut energy) = (self.beta * graph.constant, -graph.constant);
        for (i, x) in field.iter().enumerate() {
            log_z += softplus(*x);
            energy -= graph.bias[i] * sigmoid(*x);
            for end in starts[i]..starts[i + 1] {
                let j = neighbours[end] as usize;
                if i < j {
                    let weight = 4.0 * strengths[end];
                    let cavities = (x - self.arriving[end], field[j] - self.arriving[graph.reverse[end] as usize]);
                    let both = cavities.0 + cavities.1 + self.beta * weight;
                    let pair = log_sum_exp([0.0, cavities.0, cavities.1, both]);
                    log_z -= pair - softplus(cavities.0) - softplus(cavities.1);
                    energy -= weight * (both - pair).exp();
                }
            }
        }
        (log_z, energy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DVector;

    #[test]
    fn the_other_end_of_the_other_end_is_the_end_itself() {
        let bonds = [(0, 3, 1.0), (1, 3, 2.0), (0, 1, 3.0), (2, 4, 4.0), (4, 0, 5.0)];
        let spins = SparseIsing::new(&bonds, DVector::zeros(5)).unwrap();
        let graph = BitGraph::new(&spins);
        let (neighbours, strengths) = spins.ends();
        for (end, other) in graph.reverse.iter().enumerate() {
            let other = *other as usize;
            assert_eq!(graph.reverse[other] as usize, end);
            assert_eq!(strengths[other], strengths[end]);
            let owner = spins.starts().partition_point(|start| *start <= end) - 1;
            assert_eq!(neighbours[other] as usize, owner);
        }
    }
}
