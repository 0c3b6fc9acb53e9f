//! Numbers with their first two derivatives.

use std::ops::{Add, Div, Mul, Sub};

/// f, f′ and f″ with respect to one variable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jet(pub f64, pub f64, pub f64);

impl Jet {
    /// A number that does not vary.
    pub fn constant(x: f64) -> Self {
        Self(x, 0.0, 0.0)
    }

    /// F(f), from F and its first two derivatives at f.
    fn chain(self, [f, first, second]: [f64; 3]) -> Self {
        Self(f, first * self.1, first * self.2 + second * self.1 * self.1)
    }

    pub fn sqrt(self) -> Self {
        let root = self.0.sqrt();
        self.chain([root, 0.5 / root, -0.25 / (root * self.0)])
    }

    pub fn ln(self) -> Self {
        self.chain([self.0.ln(), self.0.recip(), -self.0.powi(-2)])
    }

    pub fn exp(self) -> Self {
        self.chain([self.0.exp(); 3])
    }

    /// ln(1 + f)
    pub fn ln_1p(self) -> Self {
        let slope = (1.0 + self.0).recip();
        self.chain([self.0.ln_1p(), slope, -slope * slope])
    }

    /// f^m for a positive whole m.
    pub fn powi(self, m: i32) -> Self {
        let second = if m > 1 { f64::from(m * (m - 1)) * self.0.powi(m - 2) } else { 0.0 };
        self.chain([self.0.powi(m), f64::from(m) * self.0.powi(m - 1), second])
    }
}

impl Add for Jet {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self(self.0 + o.0, self.1 + o.1, self.2 + o.2)
    }
}

impl Sub for Jet {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Self(self.0 - o.0, self.1 - o.1, self.2 - o.2)
    }
}

impl Mul for Jet {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        Self(self.0 * o.0, self.1 * o.0 + self.0 * o.1, self.2 * o.0 + 2.0 * self.1 * o.1 + self.0 * o.2)
    }
}

impl Mul<Jet> for f64 {
    type Output = Jet;
    fn mul(self, o: Jet) -> Jet {
        Jet(self * o.0, self * o.1, self * o.2)
    }
}

impl Div for Jet {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        self * o.chain([o.0.recip(), -o.0.powi(-2), 2.0 * o.0.powi(-3)])
    }
}
