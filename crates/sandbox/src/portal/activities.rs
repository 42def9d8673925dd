//! Logged activities: what each must have, what HubSpot derives from it, and what rolls up onto the records it is about.

use serde_json::Value;

use super::Portal;
use super::changes::What;
use super::links::Ref;
use super::record::{Kind, Stamp};
use super::source::Source;
use super::values::instant;
use crate::clock::{Millis, iso};

/// Properties without which an activity is refused.
pub(crate) fn required(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Email => &["hs_timestamp", "hs_email_direction"],
        Kind::Communication => &["hs_timestamp", "hs_communication_channel_type"],
        Kind::Note | Kind::Task | Kind::Call | Kind::Meeting => &["hs_timestamp"],
        Kind::Deal => &["dealname"],
        Kind::Ticket => &["subject"],
        Kind::Lead => &["hs_lead_name"],
        Kind::Contact | Kind::Company => &[],
    }
}

const ACTIVITIES: [Kind; 6] = [Kind::Note, Kind::Email, Kind::Task, Kind::Call, Kind::Meeting, Kind::Communication];

impl Portal {
    fn stamp_of(&mut self, source: &Source, at: Millis) -> Stamp {
        Stamp { at, writer: self.writers.id(source) }
    }

    /// After an activity was created or changed: its derived values, then the records it is about.
    pub(super) fn activity_written(&mut self, kind: Kind, id: u64, stamp: Stamp) {
        if !kind.is_activity() {
            return;
        }
        if kind == Kind::Email {
            self.derive_addresses(id, stamp.at);
        }
        for about in self.links.all((kind, id)) {
            self.roll_up(about, stamp.at);
        }
    }

    /// The read-only from and to properties come from the headers text.
    fn derive_addresses(&mut self, id: u64, at: Millis) {
        let schema = &self.table(Kind::Email).schema;
        let Some(headers) = schema.id("hs_email_headers").and_then(|prop| self.table(Kind::Email).live(id)?.get(prop))
        else {
            return;
        };
        let headers: Value = serde_json::from_str(headers).unwrap_or_default();
        let all = |field: &str, key: &str| -> String {
            let people = headers[field].as_array().map(Vec::as_slice).unwrap_or_default();
            people.iter().filter_map(|one| one[key].as_str()).collect::<Vec<_>>().join(";")
        };
        let from = |key: &str| headers["from"][key].as_str().unwrap_or_default().to_owned();
        let derived = [
            ("hs_email_from_email", from("email")),
            ("hs_email_from_firstname", from("firstName")),
            ("hs_email_from_lastname", from("lastName")),
            ("hs_email_to_email", all("to", "email")),
            ("hs_email_to_firstname", all("to", "firstName")),
            ("hs_email_to_lastname", all("to", "lastName")),
            ("hs_email_cc_email", all("cc", "email")),
            ("hs_email_bcc_email", all("bcc", "email")),
        ];
        let stamp = self.stamp_of(&Source::calculated(), at);
        for (name, value) in derived {
            if let Some(prop) = self.table(Kind::Email).schema.id(name) {
                self.put(Kind::Email, id, prop, &value, stamp);
            }
        }
    }

    fn activity_text(&self, kind: Kind, id: u64, name: &str) -> &str {
        let table = self.table(kind);
        table.schema.id(name).and_then(|prop| table.live(id)?.get(prop)).unwrap_or_default()
    }

    /// Works out a record's activity summary anew: last contacted, last updated, how many. The record counts
    /// as modified, which is why cadence rules must not look at its modification date.
    pub(super) fn roll_up(&mut self, about: Ref, at: Millis) {
        let (kind, id) = about;
        if !matches!(kind, Kind::Contact | Kind::Company | Kind::Deal) || self.table(kind).live(id).is_none() {
            return;
        }
        let (mut updated, mut contacted, mut replied) = (None, None, None);
        let (mut all, mut contacts) = (0u32, 0u32);
        for activity in ACTIVITIES {
            for one in self.links.of(about, activity) {
                let text = |name: &str| self.activity_text(activity, one, name);
                // What lies ahead (a task due, a meeting planned) has not happened yet.
                let when = instant(text("hs_timestamp")).filter(|when| *when <= at);
                let done = activity != Kind::Task || text("hs_task_status") == "COMPLETED";
                let incoming = text("hs_email_direction") == "INCOMING_EMAIL";
                let spoken = !matches!(activity, Kind::Note | Kind::Task) && !incoming;
                all += 1;
                contacts += u32::from(spoken);
                let Some(when) = when.filter(|_| done) else {
                    continue;
                };
                updated = updated.max(Some(when));
                if spoken {
                    contacted = contacted.max(Some(when));
                }
                if incoming {
                    replied = replied.max(Some(when));
                }
            }
        }
        let moment = |when: Option<Millis>| when.map_or_else(String::new, iso);
        let summary = [
            ("notes_last_updated", moment(updated)),
            ("notes_last_contacted", moment(contacted)),
            ("hs_last_sales_activity_timestamp", moment(contacted.max(replied))),
            ("hs_sales_email_last_replied", moment(replied)),
            ("num_notes", all.to_string()),
            ("num_contacted_notes", contacts.to_string()),
        ];
        let stamp = self.stamp_of(&Source::calculated(), at);
        for (name, value) in summary {
            if let Some(prop) = self.table(kind).schema.id(name) {
                self.put(kind, id, prop, &value, stamp);
            }
        }
        self.table_mut(kind).touch(id, at);
        self.note(kind, id, stamp, What::Touched);
    }
}
