//! What happens inside the portal without our API: people edit, merge and delete, workflows and imports write, administrators change things.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Portal;
use super::changes::What;
use super::errors::Refusal;
use super::record::{Kind, Stamp};
use super::source::Source;
use super::write::{Claims, Manner};
use crate::clock::Millis;

/// An edit a person makes in the web UI.
pub(crate) struct HumanEdit<'a> {
    pub kind: Kind,
    pub id: Option<&'a str>,
    pub email: Option<&'a str>,
    pub properties: &'a Map<String, Value>,
    pub user: Option<&'a str>,
}

impl Portal {
    /// A stamp for any writer.
    pub(crate) fn stamp(&mut self, source: &Source, at: Millis) -> Stamp {
        Stamp { at, writer: self.writers.id(source) }
    }

    /// Any writer changes a record: a person, an import, another app, a workflow, a form, the enrichment agent.
    /// Apps meet the API's rules, everybody else may also write read-only properties.
    pub(crate) fn write_as(
        &mut self,
        kind: Kind,
        id: u64,
        properties: &Map<String, Value>,
        source: &Source,
        at: Millis,
    ) -> Result<u64, Refusal> {
        let target = self.standing(kind, id)?;
        self.write_inside(kind, Some(target), properties, source, at)
    }

    /// Any writer adds a record.
    pub(crate) fn create_as(
        &mut self,
        kind: Kind,
        properties: &Map<String, Value>,
        source: &Source,
        at: Millis,
    ) -> Result<u64, Refusal> {
        self.write_inside(kind, None, properties, source, at)
    }

    fn write_inside(
        &mut self,
        kind: Kind,
        target: Option<u64>,
        properties: &Map<String, Value>,
        source: &Source,
        at: Millis,
    ) -> Result<u64, Refusal> {
        let manner = if source.through_api() { Manner::api(true, at) } else { Manner::inside(at) };
        let draft = self.prepare(kind, target, properties, manner, &mut Claims::default())?;
        let stamp = self.stamp(source, at);
        Ok(self.commit(kind, target, &draft, stamp))
    }

    /// The user behind an owner id, a user id or an address; the first owner when nothing fits.
    pub(crate) fn user(&self, who: &str) -> u32 {
        self.owners.user(who)
    }

    /// The contact that has the address.
    pub(crate) fn contact_of(&self, email: &str) -> Option<u64> {
        self.table(Kind::Contact).by_email(email)
    }

    /// A record that is there, or the one it was merged into.
    fn standing(&self, kind: Kind, id: u64) -> Result<u64, Refusal> {
        let table = self.table(kind);
        let found = table.live(id).map(|record| record.id).or_else(|| table.survivor(id));
        found.filter(|id| table.live(*id).is_some()).ok_or_else(|| Refusal::gone(kind, vec![id.to_string()]))
    }

    /// A person merges two records; answers with the id of what remains.
    pub(crate) fn merge_as(
        &mut self,
        kind: Kind,
        primary: u64,
        other: u64,
        source: &Source,
        at: Millis,
    ) -> Result<u64, Refusal> {
        let stamp = self.stamp(source, at);
        self.merge(kind, primary, other, stamp)
    }

    /// A person deletes a record; it goes into the recycle bin. False when it was not there.
    pub(crate) fn archive_as(&mut self, kind: Kind, id: u64, source: &Source, at: Millis) -> bool {
        let stamp = self.stamp(source, at);
        self.archive(kind, id, stamp)
    }

    /// A person takes a record out of the recycle bin. Fails when somebody else has its address or unique value now.
    pub(crate) fn restore_as(&mut self, kind: Kind, id: u64, source: &Source, at: Millis) -> Result<(), Refusal> {
        let table = self.table(kind);
        let record = table
            .any(id)
            .filter(|record| record.archived.is_some())
            .ok_or_else(|| Refusal::gone(kind, vec![id.to_string()]))?;
        let known = table.schema.known;
        for (prop, value) in record.values().filter(|(_, value)| !value.is_empty()) {
            let address = Some(prop) == known.email || Some(prop) == known.more_emails;
            let owner = if address {
                value.split(';').find_map(|address| table.by_email(address))
            } else {
                table.by_unique(prop, value)
            };
            if let Some(owner) = owner {
                return Err(Refusal::email_taken(Some(owner)));
            }
        }
        let stamp = self.stamp(source, at);
        self.table_mut(kind).restore(id, at);
        self.note(kind, id, stamp, What::Restored);
        Ok(())
    }

    /// Removes a record for good and blocks its addresses. With an unknown address only the block remains.
    pub(crate) fn gdpr_delete(&mut self, kind: Kind, id: Option<u64>, email: Option<&str>, stamp: Stamp) -> bool {
        if let Some(email) = email.filter(|email| !email.trim().is_empty()) {
            self.blocked.insert(email.trim().to_lowercase().into());
        }
        let Some(id) = id.or_else(|| self.table(kind).by_email(email?)) else {
            return email.is_some();
        };
        for end in self.links.all((kind, id)) {
            self.dissociate((kind, id), end, stamp);
        }
        let known = self.table(kind).schema.known;
        let Some(record) = self.table_mut(kind).erase(id) else {
            return false;
        };
        for prop in [known.email, known.more_emails].into_iter().flatten().filter(|_| kind == Kind::Contact) {
            let addresses = record.get(prop).unwrap_or_default().split(';').filter(|address| !address.is_empty());
            self.blocked.extend(addresses.map(|address| address.to_lowercase().into()));
        }
        self.note(kind, id, stamp, What::Erased);
        true
    }

    /// An administrator deactivates a user; their records keep pointing at them. False when nobody has the id.
    pub(crate) fn deactivate_owner(&mut self, id: &str, at: Millis) -> bool {
        self.owners.set_archived(id, true, at)
    }

    /// A user comes back.
    pub(crate) fn reactivate_owner(&mut self, id: &str, at: Millis) -> bool {
        self.owners.set_archived(id, false, at)
    }

    /// An administrator replaces a property's options; values of records stay, even those no longer offered.
    pub(crate) fn change_options(
        &mut self,
        kind: Kind,
        property: &str,
        options: &Value,
        at: Millis,
    ) -> Result<(), Refusal> {
        let choices = super::properties::choices(options)?;
        let schema = &mut self.table_mut(kind).schema;
        let id = schema.id(property).ok_or_else(Refusal::not_found)?;
        let property = schema.get_mut(id);
        property.choices = choices;
        property.updated = at;
        Ok(())
    }

    /// An administrator renames a stage: its label changes, its value never does.
    pub(crate) fn rename_stage(&mut self, kind: Kind, value: &str, label: &str, at: Millis) -> Result<(), Refusal> {
        let schema = &mut self.table_mut(kind).schema;
        let id = schema.known.lifecycle.ok_or_else(Refusal::not_found)?;
        let property = schema.get_mut(id);
        let choice = property.choices.iter_mut().find(|one| one.value == value).ok_or_else(Refusal::not_found)?;
        label.clone_into(&mut choice.label);
        property.updated = at;
        Ok(())
    }

    /// An administrator puts the stages into another order (values, first to last); unnamed ones come after.
    pub(crate) fn order_stages(&mut self, kind: Kind, order: &[&str], at: Millis) -> Result<(), Refusal> {
        let schema = &mut self.table_mut(kind).schema;
        let id = schema.known.lifecycle.ok_or_else(Refusal::not_found)?;
        let property = schema.get_mut(id);
        let place: BTreeMap<&str, usize> = order.iter().enumerate().map(|(at, value)| (*value, at)).collect();
        property.choices.sort_by_key(|one| place.get(one.value.as_str()).copied().unwrap_or(order.len()));
        for (at, choice) in property.choices.iter_mut().enumerate() {
            choice.display_order = at as i64;
        }
        property.updated = at;
        Ok(())
    }

    /// An administrator deletes a property; its name answers as unknown from now on.
    pub(crate) fn delete_property(&mut self, kind: Kind, property: &str, at: Millis) -> Result<bool, Refusal> {
        self.archive_property(kind, property, at)
    }

    /// A person edits a record in the web UI; people may move stages back.
    pub(crate) fn human_edit(&mut self, edit: &HumanEdit<'_>, at: Millis) -> Result<u64, Refusal> {
        let table = self.table(edit.kind);
        let id = match (edit.id, edit.email) {
            (Some(id), _) => table.resolve_merged(id, None).ok().flatten(),
            (None, Some(email)) => table.by_email(email),
            (None, None) => None,
        }
        .ok_or_else(Refusal::not_found)?;
        let user = match edit.user {
            Some(user) => self.owners.user(user),
            None => {
                let owner = table.schema.known.owner.and_then(|prop| table.live(id)?.get(prop)).unwrap_or_default();
                self.owners.user(owner)
            }
        };
        self.write_as(edit.kind, id, edit.properties, &Source::user(user), at)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn portal() -> Portal {
        Portal::new(1, 1_790_000_000_000, Vec::new(), Vec::new(), Vec::new()).unwrap()
    }

    fn values(list: &[(&str, &str)]) -> Map<String, Value> {
        list.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
    }

    fn text(portal: &Portal, kind: Kind, id: u64, name: &str) -> String {
        let table = portal.table(kind);
        table.schema.id(name).and_then(|prop| table.live(id)?.get(prop)).unwrap_or_default().to_owned()
    }

    #[test]
    fn a_merge_gets_a_new_id_keeps_both_histories_and_redirects_both() {
        let mut portal = portal();
        let person = Source::user(9001);
        let make = |portal: &mut Portal, list: &[(&str, &str)], at| {
            portal.create_as(Kind::Contact, &values(list), &Source::app(7), at).unwrap()
        };
        let one = make(&mut portal, &[("email", "a@x.example"), ("city", "Lyon")], 10);
        let two = make(&mut portal, &[("email", "b@x.example"), ("city", "Rome"), ("zip", "1")], 20);
        let survivor = portal.merge_as(Kind::Contact, one, two, &person, 30).unwrap();
        assert!(survivor != one && survivor != two);
        assert_eq!(text(&portal, Kind::Contact, survivor, "city"), "Lyon");
        assert_eq!(text(&portal, Kind::Contact, survivor, "zip"), "1");
        assert_eq!(text(&portal, Kind::Contact, survivor, "hs_additional_emails"), "b@x.example");
        assert_eq!(text(&portal, Kind::Contact, survivor, "hs_merged_object_ids"), format!("{one};{two}"));
        let table = portal.table(Kind::Contact);
        for old in [one, two] {
            assert_eq!(table.resolve_merged(&old.to_string(), None), Ok(Some(survivor)));
            assert_eq!(table.resolve(&old.to_string(), None), Ok(None));
        }
        let city = table.schema.id("city").unwrap();
        let history: Vec<(&str, &str)> = table
            .live(survivor)
            .unwrap()
            .history(city)
            .map(|entry| (entry.value, &*portal.writer(entry.stamp).kind))
            .collect();
        assert_eq!(history, [("Lyon", "MERGE_CONTACTS"), ("Rome", "INTEGRATION"), ("Lyon", "INTEGRATION")]);
    }

    #[test]
    fn a_portal_that_preserves_primary_ids_keeps_the_primary_one() {
        let mut portal = portal();
        portal.configure(&json!({"preserve_primary_id": true})).unwrap();
        let make = |portal: &mut Portal, name: &str| {
            portal.create_as(Kind::Company, &values(&[("name", name)]), &Source::app(7), 10).unwrap()
        };
        let (one, two) = (make(&mut portal, "One"), make(&mut portal, "Two"));
        assert_eq!(portal.merge_as(Kind::Company, one, two, &Source::user(1), 20).unwrap(), one);
        assert!(portal.configure(&json!({"no_such_switch": true})).is_err());
    }

    #[test]
    fn programs_cannot_move_a_stage_back_but_people_can() {
        let mut portal = portal();
        let app = Source::app(7);
        let id = portal
            .create_as(Kind::Contact, &values(&[("firstname", "A"), ("lifecyclestage", "customer")]), &app, 1)
            .unwrap();
        let back = values(&[("lifecyclestage", "lead")]);
        let workflow = Source::named("AUTOMATION_PLATFORM", Some("55"), None).unwrap();
        for source in [&app, &workflow] {
            portal.write_as(Kind::Contact, id, &back, source, 2).unwrap();
            assert_eq!(text(&portal, Kind::Contact, id, "lifecyclestage"), "customer");
        }
        portal.write_as(Kind::Contact, id, &back, &Source::user(1), 3).unwrap();
        assert_eq!(text(&portal, Kind::Contact, id, "lifecyclestage"), "lead");
    }

    #[test]
    fn a_privacy_delete_is_for_good_and_blocks_the_address() {
        let mut portal = portal();
        let app = Source::app(7);
        let made = values(&[("email", "a@x.example")]);
        let id = portal.create_as(Kind::Contact, &made, &app, 1).unwrap();
        let stamp = portal.stamp(&app, 2);
        assert!(portal.gdpr_delete(Kind::Contact, Some(id), None, stamp));
        assert!(portal.table(Kind::Contact).any(id).is_none());
        assert_eq!(portal.create_as(Kind::Contact, &made, &app, 3).unwrap_err().status, 400);
    }

    #[test]
    fn a_restored_record_has_its_address_again_unless_it_was_taken() {
        let mut portal = portal();
        let app = Source::app(7);
        let made = values(&[("email", "a@x.example")]);
        let id = portal.create_as(Kind::Contact, &made, &app, 1).unwrap();
        assert!(portal.archive_as(Kind::Contact, id, &app, 2));
        portal.restore_as(Kind::Contact, id, &Source::user(1), 3).unwrap();
        assert_eq!(portal.table(Kind::Contact).by_email("a@x.example"), Some(id));
        portal.archive_as(Kind::Contact, id, &app, 4);
        portal.create_as(Kind::Contact, &made, &app, 5).unwrap();
        assert_eq!(portal.restore_as(Kind::Contact, id, &Source::user(1), 6).unwrap_err().status, 409);
    }

    #[test]
    fn the_company_worker_comes_later_and_makes_one_company_per_domain() {
        let mut portal = portal();
        portal.configure(&json!({"auto_company_delay_ms": 100})).unwrap();
        let app = Source::app(7);
        for name in ["a", "b"] {
            let made = values(&[("email", &format!("{name}@firm.example"))]);
            portal.create_as(Kind::Contact, &made, &app, 1_000).unwrap();
        }
        assert!(!portal.catch_up(1_099));
        assert!(portal.catch_up(1_100));
        assert_eq!(portal.table(Kind::Company).len(), 1);
        let company = portal.table(Kind::Company).by_domain("firm.example").unwrap();
        assert_eq!(portal.links.contacts_of(company).count(), 2);
    }

    #[test]
    fn required_rules_hold_on_the_newest_version_only() {
        let mut portal = portal();
        portal.change_rules(Kind::Contact, &json!({"requiredOnCreate": ["city"]})).unwrap();
        let check = |dated| {
            portal.prepare(
                Kind::Contact,
                None,
                &values(&[("firstname", "A")]),
                Manner::api(dated, 1),
                &mut Claims::default(),
            )
        };
        assert!(check(false).is_ok());
        let refusal = check(true).unwrap_err();
        assert_eq!(refusal.details[0]["code"], "MISSING_REQUIRED_PROPERTY");
        assert!(portal.delete_property(Kind::Contact, "city", 2).is_err());
    }
}
