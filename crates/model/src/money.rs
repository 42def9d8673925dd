//! Money and credits as whole micro-units, so that sums never drift.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// An amount of money in millionths of the project's currency. Never a float: ledgers must add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money {
    /// Millionths of one currency unit; 1,000,000 is one dollar.
    pub micros: i64,
}

/// An amount of a provider's own currency in millionths of one credit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credits {
    /// Millionths of one credit; Hunter's 0.2 credits are 200,000.
    pub micros: i64,
}

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money { micros: 0 };

    /// Money from millionths.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Money { micros }
    }

    /// Money from a decimal amount as people write it in settings, rounded to a millionth.
    #[must_use]
    pub fn from_units(units: f64) -> Self {
        Money { micros: (units * 1e6).round() as i64 }
    }

    /// The amount in whole units, for reports only.
    #[must_use]
    pub fn units(self) -> f64 {
        self.micros as f64 / 1e6
    }
}

impl Credits {
    /// Nothing.
    pub const ZERO: Credits = Credits { micros: 0 };

    /// Credits from millionths.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Credits { micros }
    }

    /// Credits from a decimal amount as a price list writes it, rounded to a millionth.
    #[must_use]
    pub fn from_units(units: f64) -> Self {
        Credits { micros: (units * 1e6).round() as i64 }
    }

    /// The amount in whole credits, for reports only.
    #[must_use]
    pub fn units(self) -> f64 {
        self.micros as f64 / 1e6
    }

    /// What these credits cost at a price per credit, rounded up so that a ceiling is never undershot.
    #[must_use]
    pub fn at(self, money_per_credit: Money) -> Money {
        let product = i128::from(self.micros) * i128::from(money_per_credit.micros);
        let micros = product.div_euclid(1_000_000) + i128::from(product.rem_euclid(1_000_000) > 0);
        Money { micros: i64::try_from(micros).unwrap_or(i64::MAX) }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${:.2}", self.units())
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.units())
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money { micros: self.micros.saturating_add(other.micros) }
    }
}
impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money { micros: self.micros.saturating_sub(other.micros) }
    }
}
impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        *self = *self + other;
    }
}
impl Add for Credits {
    type Output = Credits;
    fn add(self, other: Credits) -> Credits {
        Credits { micros: self.micros.saturating_add(other.micros) }
    }
}
impl AddAssign for Credits {
    fn add_assign(&mut self, other: Credits) {
        *self = *self + other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_a_credit_costs_a_fifth_rounded_up() {
        assert_eq!(Credits::from_units(0.2).at(Money::from_units(0.0245)), Money::from_micros(4_900));
        assert_eq!(Credits::from_micros(1).at(Money::from_micros(1)), Money::from_micros(1));
    }
}
