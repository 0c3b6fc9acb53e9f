//! From gradients to steps: momentum and Adam.

use super::{Parameters, StepRule, Train, state::State};
use crate::Error;

/// Decay rates of Adam's two averages, and its ε (Kingma & Ba, ICLR 2015).
const ADAM: (f64, f64, f64) = (0.9, 0.999, 1e-8);

/// How the gradient of an update becomes a step, which is that many times the learning rate.
pub(super) trait Step: Send {
    /// Takes in a gradient and puts the direction to go in its place.
    fn turn(&mut self, gradient: &mut Parameters);

    /// The memory that has a direction of its own, which a limit on the norm must turn.
    fn velocity(&mut self) -> Option<&mut Parameters>;

    /// Adds the memory to what is saved.
    fn save(&self, state: &mut State);

    /// Takes the memory from what was saved.
    fn restore(&mut self, state: &mut State) -> Result<(), Error>;
}

impl Train {
    pub(super) fn new_step(&self, n_visible: usize) -> Box<dyn Step> {
        let zeros = || Parameters::zeros(n_visible, self.hidden);
        match self.step {
            StepRule::Sgd => Box::new(Momentum { factor: self.momentum, velocity: zeros() }),
            StepRule::Adam => Box::new(Adam { mean: zeros(), square: zeros(), steps: 0 }),
        }
    }
}

/// V ← μV + g; the step is V.
struct Momentum {
    factor: f64,
    velocity: Parameters,
}

impl Step for Momentum {
    fn turn(&mut self, gradient: &mut Parameters) {
        if self.factor != 0.0 {
            self.velocity.zip_apply(gradient, |v, g| *v = self.factor * *v + g);
            gradient.zip_apply(&self.velocity, |g, v| *g = v);
        }
    }

    fn velocity(&mut self) -> Option<&mut Parameters> {
        (self.factor != 0.0).then_some(&mut self.velocity)
    }

    fn save(&self, state: &mut State) {
        if self.factor != 0.0 {
            state.insert_parameters("velocity", &self.velocity);
        }
    }

    fn restore(&mut self, state: &mut State) -> Result<(), Error> {
        if self.factor == 0.0 { Ok(()) } else { state.take_parameters("velocity", &mut self.velocity) }
    }
}

/// The mean of the gradients over the root of the mean of their squares, both corrected for having
/// begun at 0.
struct Adam {
    mean: Parameters,
    square: Parameters,
    steps: i32,
}

impl Step for Adam {
    fn turn(&mut self, gradient: &mut Parameters) {
        let (b1, b2, epsilon) = ADAM;
        self.steps += 1;
        self.mean.zip_apply(gradient, |m, g| *m = b1 * *m + (1.0 - b1) * g);
        self.square.zip_apply(gradient, |s, g| *s = b2 * *s + (1.0 - b2) * g * g);
        // Without the corrections, which tend to 1, the first steps would be too short or too long.
        let (c1, c2) = (1.0 - b1.powi(self.steps), 1.0 - b2.powi(self.steps));
        gradient.zip_apply(&self.mean, |g, m| *g = m / c1);
        gradient.zip_apply(&self.square, |g, s| *g /= (s / c2).sqrt() + epsilon);
    }

    fn velocity(&mut self) -> Option<&mut Parameters> {
        Some(&mut self.mean)
    }

    fn save(&self, state: &mut State) {
        state.insert_parameters("mean", &self.mean);
        state.insert_parameters("square", &self.square);
        state.insert("steps", nalgebra::DMatrix::from_element(1, 1, f64::from(self.steps)));
    }

    fn restore(&mut self, state: &mut State) -> Result<(), Error> {
        state.take_parameters("mean", &mut self.mean)?;
        state.take_parameters("square", &mut self.square)?;
        self.steps = state.take("steps", (1, 1))?[(0, 0)] as i32;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a constant gradient every step of Adam is its sign, from the first on.
    ///
    /// Planted bug that fails: corrections that do not depend on the number of steps.
    #[test]
    fn steps_of_adam_have_unit_length_from_the_first_on() {
        let plan = Train { hidden: 1, step: StepRule::Adam, ..Train::default() };
        let (mut step, mut gradient) = (plan.new_step(1), Parameters::zeros(1, 1));
        gradient.weights[(0, 0)] = -0.3;
        gradient.visible[0] = 5.0;
        for _ in 0..20 {
            let mut direction = gradient.clone();
            step.turn(&mut direction);
            assert!((direction.weights[(0, 0)] + 1.0).abs() < 1e-6 && (direction.visible[0] - 1.0).abs() < 1e-6);
            assert_eq!(direction.hidden[0], 0.0);
        }
    }

    /// The velocity under a constant gradient is the geometric series.
    #[test]
    fn momentum_sums_the_gradients() {
        let plan = Train { hidden: 1, momentum: 0.5, ..Train::default() };
        let (mut step, mut gradient) = (plan.new_step(1), Parameters::zeros(1, 1));
        gradient.hidden[0] = 1.0;
        let mut next = || {
            let mut direction = gradient.clone();
            step.turn(&mut direction);
            direction.hidden[0]
        };
        let seen: Vec<f64> = (0..4).map(|_| next()).collect();
        assert_eq!(seen, [1.0, 1.5, 1.75, 1.875]);
    }
}
