//! `POST /__sandbox/act`: anybody but our own program does something in the portal, as a person, a workflow or an import would.

use serde_json::{Map, Value, json};

use crate::clock::Millis;
use crate::portal::errors::PORTAL_ID;
use crate::portal::record::Kind;
use crate::portal::source::Source;
use crate::portal::{Portal, text};
use crate::state::State;
use crate::wire::Reply;

const DEEDS: &[&str] = &[
    "write",
    "create",
    "merge",
    "archive",
    "restore",
    "gdpr-delete",
    "opt-out",
    "deactivate-owner",
    "reactivate-owner",
    "change-options",
    "rename-stage",
    "order-stages",
    "delete-property",
    "rules",
    "settings",
];
/// Who can act, by the word a tester would use, and what the history calls them.
const ACTORS: &[(&str, &str)] = &[
    ("user", "CRM_UI"),
    ("bulk", "CRM_UI_BULK_ACTION"),
    ("mobile", "MOBILE_IOS"),
    ("import", "IMPORT"),
    ("workflow", "AUTOMATION_PLATFORM"),
    ("form", "FORM"),
    ("enrichment", "DATA_ENRICHMENT"),
    ("app", "INTEGRATION"),
];

impl State {
    /// Carries one deed out; the answer names what is known when the order cannot be understood.
    pub(super) fn act(&mut self, body: &Value, at: Millis) -> Reply {
        let portal = body["portal"].as_u64().unwrap_or(PORTAL_ID);
        let Some(portal) = self.portal_mut(portal) else {
            return super::refused(&format!("there is no portal {portal}"));
        };
        match deed(portal, body, at) {
            Ok(mut answer) => {
                answer["ok"] = json!(true);
                Reply::json(200, answer).changed()
            }
            Err(Trouble::Order(problem)) => {
                let actors: Vec<&str> = ACTORS.iter().map(|(word, _)| *word).collect();
                Reply::json(400, json!({"ok": false, "message": problem, "deeds": DEEDS, "actors": actors}))
            }
            Err(Trouble::Answered(reply)) => reply,
        }
    }
}

enum Trouble {
    /// The order itself is wrong.
    Order(String),
    /// The portal said no.
    Answered(Reply),
}

impl From<String> for Trouble {
    fn from(problem: String) -> Trouble {
        Trouble::Order(problem)
    }
}

impl From<crate::portal::errors::Refusal> for Trouble {
    fn from(refusal: crate::portal::errors::Refusal) -> Trouble {
        Trouble::Answered(refusal.reply(""))
    }
}

fn actor(portal: &Portal, body: &Value) -> Result<Source, String> {
    let word = body["as"].as_str().unwrap_or("user");
    let kind = ACTORS.iter().find(|(known, _)| *known == word).map_or(word, |(_, kind)| kind);
    let user = scalar(&body["user_id"]);
    let user = match (kind, user) {
        ("IMPORT", None) => None,
        (_, user) => Some(portal.user(&user.unwrap_or_default())),
    };
    let id = scalar(&body["source_id"]);
    Source::named(kind, id.as_deref(), user).ok_or_else(|| format!("nobody acts as \"{word}\""))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Number(_) | Value::String(_) => text(value),
        _ => None,
    }
}

fn word<'a>(body: &'a Value, name: &str) -> Result<&'a str, String> {
    body[name].as_str().filter(|text| !text.is_empty()).ok_or_else(|| format!("{name} is missing"))
}

fn properties(body: &Value) -> Result<&Map<String, Value>, String> {
    body["properties"].as_object().ok_or_else(|| "properties is missing".to_owned())
}

fn deed(portal: &mut Portal, body: &Value, at: Millis) -> Result<Value, Trouble> {
    let kind = match body["object"].as_str() {
        None => Kind::Contact,
        Some(name) => Kind::parse(name).ok_or_else(|| format!("there is no object \"{name}\""))?,
    };
    let source = actor(portal, body)?;
    let number = |name: &str| -> Result<u64, String> {
        let id = scalar(&body[name]).ok_or_else(|| format!("{name} is missing"))?;
        id.parse().map_err(|_| format!("{name} \"{id}\" is not a record id"))
    };
    let happened = |done: bool, what: &str| if done { Ok(json!({})) } else { Err(Trouble::Order(what.to_owned())) };
    Ok(match body["do"].as_str().unwrap_or_default() {
        "write" => {
            let id = match body["email"].as_str() {
                Some(email) => portal.contact_of(email).ok_or_else(|| format!("no contact has the address {email}"))?,
                None => number("id")?,
            };
            json!({"id": portal.write_as(kind, id, properties(body)?, &source, at)?.to_string()})
        }
        "create" => json!({"id": portal.create_as(kind, properties(body)?, &source, at)?.to_string()}),
        "merge" => {
            let (primary, other) = (number("id")?, number("other")?);
            json!({"id": portal.merge_as(kind, primary, other, &source, at)?.to_string()})
        }
        "archive" => happened(portal.archive_as(kind, number("id")?, &source, at), "there is no such record")?,
        "restore" => {
            portal.restore_as(kind, number("id")?, &source, at)?;
            json!({})
        }
        "gdpr-delete" => {
            let id = if body["id"].is_null() { None } else { Some(number("id")?) };
            let email = body["email"].as_str();
            let stamp = portal.stamp(&source, at);
            happened(portal.gdpr_delete(kind, id, email, stamp), "there is no such record; give id or email")?
        }
        "opt-out" => {
            portal.opt_out(word(body, "email")?, at);
            json!({})
        }
        "deactivate-owner" => happened(portal.deactivate_owner(&number("id")?.to_string(), at), "no such owner")?,
        "reactivate-owner" => happened(portal.reactivate_owner(&number("id")?.to_string(), at), "no such owner")?,
        "change-options" => {
            portal.change_options(kind, word(body, "property")?, &body["options"], at)?;
            json!({})
        }
        "rename-stage" => {
            portal.rename_stage(kind, word(body, "stage")?, word(body, "label")?, at)?;
            json!({})
        }
        "order-stages" => {
            let stages = body["stages"].as_array().ok_or_else(|| "stages is missing".to_owned())?;
            let stages: Vec<&str> = stages.iter().filter_map(Value::as_str).collect();
            portal.order_stages(kind, &stages, at)?;
            json!({})
        }
        "delete-property" => {
            happened(portal.delete_property(kind, word(body, "property")?, at)?, "the property was already gone")?
        }
        "rules" => {
            portal.change_rules(kind, &body["rules"])?;
            json!({})
        }
        "settings" => {
            portal.configure(&body["settings"])?;
            json!({})
        }
        other => return Err(Trouble::Order(format!("nobody can do \"{other}\""))),
    })
}
