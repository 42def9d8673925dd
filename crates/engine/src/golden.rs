//! Golden values and match keys of a record, chosen anew from its evidence; values proven wrong are passed over.

use evergreen_model::evidence::Fields;
use evergreen_model::{Entity, Evidence, Record, RecordId};
use evergreen_resolve::survivorship;

use crate::world::World;

/// Chooses the golden values of a record anew; proven-wrong values are passed over.
pub(crate) fn recompute(world: &World, record: &mut Record, evidence: &[Evidence]) {
    record.values = survivorship::golden(record.entity, &sound(record, evidence), &world.config.resolve);
}

/// The evidence without values proven wrong.
pub(crate) fn sound(record: &Record, evidence: &[Evidence]) -> Vec<Evidence> {
    let mut evidence = evidence.to_vec();
    if !record.refuted.is_empty() {
        for piece in &mut evidence {
            piece.fields.retain(|_, value| !record.refuted.contains(value));
        }
    }
    evidence
}

/// The match keys of a record, with its own id among them.
pub(crate) fn keys_of(record: &Record) -> (RecordId, Entity, Vec<String>) {
    let mut keys = evergreen_resolve::keys(record.entity, &plain(record));
    keys.push(own_key(&record.evergreen_id));
    (record.id, record.entity, keys)
}

/// The key under which a record is found by its `evergreen_id`.
pub(crate) fn own_key(evergreen_id: &str) -> String {
    format!("g:{evergreen_id}")
}

/// Golden values without their provenance.
pub(crate) fn plain(record: &Record) -> Fields {
    record.values.iter().map(|(field, golden)| (field.clone(), golden.value.clone())).collect()
}
