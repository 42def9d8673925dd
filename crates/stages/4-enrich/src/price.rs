//! What enriching some records may cost, said before anything is spent.

use evergreen_model::{Entity, Money};

use crate::waterfall::Waterfalls;

/// The least and the most something can cost, in the project's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PriceRange {
    /// Nothing is charged where everything is there, cached or missed for free.
    pub least: Money,
    /// Every source is asked once for every record at its highest price.
    pub most: Money,
}

/// The price range of enriching `records` records of an entity, ceilings aside.
#[must_use]
pub fn price_range(waterfalls: &Waterfalls, entity: Entity, records: u64) -> PriceRange {
    let each = waterfalls.most_per_record(entity);
    let most = i128::from(each.micros) * i128::from(records);
    PriceRange { least: Money::ZERO, most: Money::from_micros(i64::try_from(most).unwrap_or(i64::MAX)) }
}
