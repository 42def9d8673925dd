//! Records of the portal as fields: what to ask for, and what of the answer we know.

use evergreen_model::{Entity, Fields, PortalRecord, field};

/// The known, non-empty values of a record, under our field names, which are HubSpot's.
#[must_use]
pub fn fields(record: &PortalRecord) -> Fields {
    field::fields(record.entity)
        .iter()
        .filter(|field| field.in_portal)
        .filter_map(|field| {
            let value = record.properties.get(field.name)?.trim();
            (!value.is_empty()).then(|| (field.name.to_owned(), value.to_owned()))
        })
        .collect()
}

/// The properties to ask the portal for.
#[must_use]
pub fn properties(entity: Entity) -> Vec<String> {
    field::fields(entity).iter().filter(|field| field.in_portal).map(|field| field.name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_values_become_fields() {
        let record = PortalRecord {
            id: "1".into(),
            entity: Entity::Contact,
            properties: [("email", "a@b.co"), ("firstname", " "), ("hs_object_id", "1"), ("seniority", "ours")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            history: Default::default(),
            created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            updated_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            archived: false,
        };
        assert_eq!(fields(&record), Fields::from([("email".to_owned(), "a@b.co".to_owned())]));
        let asked = properties(Entity::Contact);
        assert!(asked.contains(&"jobtitle".to_owned()) && !asked.contains(&"seniority".to_owned()));
    }
}
