//! The people, workflows and apps that work in the portal beside us: what each of them does, and what the witness expects of it.

use serde_json::{Value, json};

use crate::dice::Dice;
use crate::people::OWNERS;
use crate::town::{OBJECTS, Town, cell, shown};

/// What people type into contacts, besides what they choose from a list. The rule `always` is on none of them.
const TYPED: &[&str] =
    &["jobtitle", "jobtitle", "phone", "phone", "city", "hs_linkedin_url", "firstname", "mobilephone"];
/// The same for companies.
const TYPED_COMPANY: &[&str] = &["name", "city", "phone", "industry"];

impl Town {
    /// Somebody does something to a record of the portal, or to the portal.
    pub fn somebody_acts(&self, dice: &mut Dice) {
        let state = self.state();
        let object = if dice.permille(850) || state["companies"].is_empty() { "contacts" } else { "companies" };
        let ids: Vec<&String> = state[object].keys().collect();
        if ids.is_empty() {
            return;
        }
        let id = (*dice.pick(&ids)).clone();
        let record = &state[object][&id];
        let property = *dice.pick(if object == "contacts" { TYPED } else { TYPED_COMPANY });
        match dice.below(100) {
            0..40 => self.edits(object, &id, property, &typed(property, dice), "set by a person"),
            40..52 => self.edits(object, &id, property, "", "cleared by a person"),
            52..66 => self.retypes(object, &id, property, &shown(record, property)),
            66..72 if object == "contacts" => {
                let owner = *dice.pick(&OWNERS);
                self.edits(object, &id, "hubspot_owner_id", owner.0, "owner set by a person");
            }
            72..78 if object == "contacts" => {
                let stage = *dice.pick(&["subscriber", "marketingqualifiedlead", "salesqualifiedlead", "opportunity"]);
                self.edits(object, &id, "lifecyclestage", stage, "stage set by a person");
            }
            78..84 if object == "contacts" && ids.len() > 1 => {
                let other = (*dice.pick(&ids)).clone();
                if other != id {
                    self.merges(object, &id, &other);
                }
            }
            84..88 => self.deletes(object, &id),
            88..91 if object == "contacts" => self.edits(object, &id, "hs_email_optout", "true", "opted out"),
            _ => self.edits(object, &id, property, &typed(property, dice), "set by a person"),
        }
    }

    /// Somebody edits one of the properties that the request is about to write, after we looked at it.
    pub fn somebody_slips_in(&self, path: &str, body: &Value, dice: &mut Dice) {
        let object = if path.contains("/companies/") { "companies" } else { "contacts" };
        let Some(inputs) = body["inputs"].as_array().filter(|inputs| !inputs.is_empty()) else { return };
        let input = dice.pick(inputs);
        let key = input["id"].as_str().unwrap_or_default();
        let state = self.state();
        let by_own_key = |(_, record): &(&String, &Value)| shown(record, "evergreen_id") == key;
        let known = if input["idProperty"].is_string() {
            state[object].iter().find(by_own_key).map(|(id, _)| id.clone())
        } else {
            state[object].contains_key(key).then(|| key.to_owned())
        };
        let Some(id) = known else { return };
        let writable: Vec<(&String, &Value)> = input["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| {
                TYPED.contains(&name.as_str()) || (object == "companies" && TYPED_COMPANY.contains(&name.as_str()))
            })
            .collect();
        if writable.is_empty() {
            return;
        }
        let (property, ours) = *dice.pick(&writable);
        match dice.below(10) {
            0..6 => self.edits(object, &id, property, &typed(property, dice), "slipped in: set"),
            6..8 => self.edits(object, &id, property, "", "slipped in: cleared"),
            8 => self.retypes(object, &id, property, &shown(&state[object][&id], property)),
            _ => self.edits(
                object,
                &id,
                property,
                ours.as_str().unwrap_or_default(),
                "slipped in: typed just what we write",
            ),
        }
        if dice.permille(200) {
            self.edits(object, &id, property, &typed(property, dice), "slipped in: and again");
        }
    }

    fn edits(&self, object: &str, id: &str, property: &str, value: &str, what: &'static str) {
        let before = self.read(object, id).map(|record| shown(&record, property));
        if before.as_deref() == Some(value) {
            return; // nothing that the portal would take note of
        }
        self.clock.pass_ms(3);
        let body = json!({"object": object, "id": id, "user_id": "9001", "properties": {property: value}});
        let (status, answer) = self.call("POST", "/__sandbox/human-edit", &body);
        if status != 200 {
            self.diary.write(|| format!("   refused to a person: {object} {id} {property}: {answer}"));
            return;
        }
        self.clock.pass_ms(3);
        let stands = self.read(object, id).map(|record| shown(&record, property)).unwrap_or_default();
        self.diary.write(|| format!("   ☻ {what}: {object} {id} {property} {before:?} → {stands:?}"));
        let mut book = self.book.lock().unwrap();
        book.count(what);
        book.edited(cell(object, id, property), &stands);
    }

    /// Somebody confirms a value by typing it again; it counts when the portal's history took note of it.
    fn retypes(&self, object: &str, id: &str, property: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        self.clock.pass_ms(3);
        let body = json!({"object": object, "id": id, "user_id": "9001", "properties": {property: value}});
        let (status, _) = self.call("POST", "/__sandbox/human-edit", &body);
        self.clock.pass_ms(3);
        let path = format!("{OBJECTS}/{object}/{id}?properties={property}&propertiesWithHistory={property}");
        let (_, record) = self.call("GET", &path, &Value::Null);
        let newest = &record["propertiesWithHistory"][property][0];
        if status == 200 && newest["sourceType"].as_str().is_some_and(|kind| kind.starts_with("CRM_UI")) {
            self.diary.write(|| format!("   ☻ typed again by a person: {object} {id} {property} {value:?}"));
            let mut book = self.book.lock().unwrap();
            book.count("typed again");
            book.edited(cell(object, id, property), value);
        }
    }

    fn deletes(&self, object: &str, id: &str) {
        let (status, _) = self.call("DELETE", &format!("{OBJECTS}/{object}/{id}"), &Value::Null);
        if status == 204 {
            self.diary.write(|| format!("   ☻ deleted by a person: {object} {id}"));
            let mut book = self.book.lock().unwrap();
            book.count("deleted");
            book.deleted(object, id);
        }
    }

    fn merges(&self, object: &str, primary: &str, other: &str) {
        let ended = [primary, other].map(|id| (id, self.read(object, id).unwrap_or(Value::Null)));
        let body = json!({"primaryObjectId": primary, "objectIdToMerge": other});
        let (status, answer) = self.call("POST", &format!("{OBJECTS}/{object}/merge"), &body);
        if status != 200 {
            return;
        }
        let into = answer["id"].as_str().unwrap_or(primary).to_owned();
        self.diary.write(|| format!("   ☻ merged by a person: {object} {other} into {primary}, now {into}"));
        let survivor = self.read(object, &into).unwrap_or(Value::Null);
        let mut book = self.book.lock().unwrap();
        book.count("merged");
        let calls = book.calls;
        for (id, record) in ended.into_iter().filter(|(id, _)| *id != into) {
            let theirs = book.expected.iter().filter(|((of, whose, _), _)| of == object && whose == id);
            let edits = theirs.map(|((_, _, property), (_, call))| (property.clone(), *call)).collect();
            book.ended.insert((object.to_owned(), id.to_owned()), (record, calls, edits));
        }
        book.merged(object, &[primary, other], &into, |property| shown(&survivor, property));
    }
}

fn typed(property: &str, dice: &mut Dice) -> String {
    let number = dice.below(9_000) + 1_000;
    match property {
        "phone" | "mobilephone" => format!("+1720555{number}"),
        "hs_linkedin_url" => format!("https://www.linkedin.com/in/typed-{number}"),
        "industry" => (*dice.pick(&["CONSTRUCTION", "BANKING", "RETAIL"])).to_owned(),
        _ => format!("Typed {number}"),
    }
}
