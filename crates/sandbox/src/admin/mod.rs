//! The admin calls under `/__sandbox/`: edit as a person, order faults, look at everything, change the plan.

mod act;

use axum::http::Method;
use serde_json::{Value, json};

use crate::clock::{Millis, iso};
use crate::portal::HumanEdit;
use crate::portal::record::Kind;
use crate::state::State;
use crate::wire::{Call, Reply};

/// More records than anybody has memory for are a typing mistake.
const LOAD_MAX: u64 = 5_000_000;

impl State {
    pub(crate) fn admin(&mut self, call: &Call, at: Millis) -> Reply {
        let segments = call.segments();
        let ["__sandbox", rest @ ..] = segments.as_slice() else {
            return Reply::json(404, json!({"message": "nothing answers here", "path": call.path}));
        };
        if let Some(problem) = &call.body_problem {
            return refused(problem);
        }
        if let Some(reply) = self.service_admin(call, rest, at) {
            return reply;
        }
        match (&call.method, rest) {
            (&Method::POST, ["human-edit"]) => self.edit_as_person(&call.body, at),
            (&Method::POST, ["act"]) => self.act(&call.body, at),
            (&Method::POST, ["load"]) => self.load(&call.body, at),
            (&Method::POST, ["fault"]) => match self.faults.arm(&call.body) {
                Ok(()) => Reply::json(200, json!({"ok": true})),
                Err(problem) => refused(&problem),
            },
            (&Method::POST, ["smartlead", "unsubscribe"]) => match call.body["email"].as_str() {
                Some(email) => {
                    self.sequencer.unsubscribe(email);
                    Reply::json(200, json!({"ok": true})).changed()
                }
                None => refused("email is missing"),
            },
            (&Method::GET, ["state"]) => {
                let (times, ids) = (call.param("times") != Some("false"), call.param("ids") != Some("false"));
                let mut state = self.portal.snapshot(times, ids);
                state.insert("enrolments".to_owned(), self.sequencer.snapshot(times, ids));
                Reply::json(200, Value::Object(state))
            }
            (&Method::GET, ["ui", rest @ ..]) => crate::ui::page(self, call, rest),
            (&Method::GET, ["stats"]) => Reply::json(200, self.report()),
            (&Method::GET, ["health"]) => {
                let (contacts, companies) = self.portal.counts();
                Reply::json(200, json!({"ok": true, "now": iso(at), "contacts": contacts, "companies": companies}))
            }
            _ => Reply::json(
                404,
                json!({"message": "unknown admin call", "known": [
                    "POST human-edit", "POST act", "POST load", "POST fault", "POST limits", "POST smartlead/unsubscribe", "GET state",
                    "GET stats", "GET health", "POST portals", "GET portals", "POST portal-settings", "POST tokens",
                    "DELETE tokens/{token}", "POST apps", "GET apps", "POST index", "DELETE faults", "POST webhooks",
                    "GET webhooks", "GET clock", "POST clock", "GET requests", "POST requests", "DELETE requests",
                    "POST snapshot", "POST restore",
                ]}),
            ),
        }
    }

    /// Fills the first portal with made-up records; the order is remembered, not the records.
    fn load(&mut self, body: &Value, at: Millis) -> Reply {
        let count = |name: &str, most: u64| match &body[name] {
            Value::Null => Some(0),
            value => value.as_u64().filter(|count| *count <= most),
        };
        let (Some(contacts), Some(companies), Some(seed)) =
            (count("contacts", LOAD_MAX), count("companies", LOAD_MAX), count("seed", u64::MAX))
        else {
            return refused("contacts, companies and seed must be whole numbers; at most 5000000 records of a kind");
        };
        let (company, contact) = self.portal.load_many(contacts as usize, companies as usize, seed, at);
        let first = json!({
            "ok": true, "contacts": contacts, "companies": companies,
            "first_company": company.to_string(), "first_contact": contact.to_string(),
        });
        Reply::json(200, first).changed()
    }

    fn edit_as_person(&mut self, body: &Value, at: Millis) -> Reply {
        let Some(kind) = body["object"].as_str().map_or(Some(Kind::Contact), Kind::parse) else {
            return refused("object must be contacts or companies");
        };
        let Some(properties) = body["properties"].as_object() else {
            return refused("properties is missing");
        };
        let as_text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let (id, user) = (as_text(&body["id"]), as_text(&body["user_id"]));
        let edit =
            HumanEdit { kind, id: id.as_deref(), email: body["email"].as_str(), properties, user: user.as_deref() };
        match self.portal.human_edit(&edit, at) {
            Ok(id) => Reply::json(200, json!({"ok": true, "id": id.to_string()})).changed(),
            Err(refusal) => refusal.reply(""),
        }
    }
}

fn refused(problem: &str) -> Reply {
    Reply::json(400, json!({"ok": false, "message": problem}))
}
