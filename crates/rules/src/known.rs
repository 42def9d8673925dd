//! Which objects and fields a rule may name, and what kind of value each holds.

use std::collections::BTreeMap;

use evergreen_model::Entity;
use evergreen_model::field::{self, FieldKind};

/// The objects and fields a rule may name.
#[derive(Clone, Debug, Default)]
pub struct Known {
    objects: BTreeMap<String, BTreeMap<String, FieldKind>>,
}

impl Known {
    /// Nothing at all; the base of a vocabulary of one's own.
    #[must_use]
    pub fn nothing() -> Self {
        Known::default()
    }

    /// Everything the pipeline knows of a record: `contact.*`, `company.*`, `record.source` (the lead source), and
    /// `verification.email` (the verdict's word, `valid`), `verification.score` (0 to 100) and `verification.phone` (the line
    /// type, or `invalid`).
    #[must_use]
    pub fn standard() -> Self {
        let of = |entity| field::fields(entity).iter().map(|field| (field.name, field.kind)).collect::<Vec<_>>();
        Known::nothing()
            .with("contact", &of(Entity::Contact))
            .with("company", &of(Entity::Company))
            .with("record", &[("source", FieldKind::Text)])
            .with(
                "verification",
                &[("email", FieldKind::Text), ("score", FieldKind::Number), ("phone", FieldKind::Text)],
            )
    }

    /// Adds fields to an object, making the object if it is new.
    #[must_use]
    pub fn with(mut self, object: &str, fields: &[(&str, FieldKind)]) -> Self {
        let known = self.objects.entry(object.to_owned()).or_default();
        known.extend(fields.iter().map(|(name, kind)| ((*name).to_owned(), *kind)));
        self
    }

    /// The same vocabulary without one object.
    #[must_use]
    pub fn without(mut self, object: &str) -> Self {
        self.objects.remove(object);
        self
    }

    /// The kind of a field, if it is known.
    #[must_use]
    pub fn kind(&self, object: &str, field: &str) -> Option<FieldKind> {
        self.objects.get(object)?.get(field).copied()
    }

    /// The names of the objects.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        self.objects.keys().map(String::as_str)
    }

    /// The names of an object's fields; none for an unknown object.
    pub fn fields(&self, object: &str) -> impl Iterator<Item = &str> {
        self.objects.get(object).into_iter().flat_map(|fields| fields.keys().map(String::as_str))
    }
}
