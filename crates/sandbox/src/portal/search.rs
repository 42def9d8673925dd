//! Search over records: filter groups, one sort, free text, and the caps that make it unfit for look-ups before writing.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Value, json};

use super::Portal;
use super::errors::Refusal;
use super::objects::text;
use super::record::{Kind, Record};
use super::render::Slot;
use super::schema::Type;
use super::values::instant;
use crate::clock::Millis;
use crate::wire::Reply;

const PAGE_DEFAULT: usize = 10;
const PAGE_MAX: usize = 200;
const REACHABLE: usize = 10_000;
const GROUPS_MAX: usize = 5;
const FILTERS_PER_GROUP: usize = 6;
const FILTERS_MAX: usize = 18;
const BODY_MAX: usize = 3_000;

/// How two values of a property compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Text,
    Exact,
    Number,
    Instant,
}

#[derive(Debug)]
enum Subject {
    Value(Slot, Sense),
    /// `associations.company` and the like.
    Associated(Kind),
    /// The digits of a telephone number without its country code.
    Digits(Slot),
}

#[derive(Debug)]
struct Filter {
    subject: Subject,
    operator: String,
    value: String,
    high: String,
    values: Vec<String>,
}

impl Portal {
    pub(crate) fn search(&self, kind: Kind, body: &Value, at: Millis) -> Result<Reply, Refusal> {
        if !body.is_object() {
            return Err(Refusal::bad_json("the body is missing or not an object"));
        }
        let query = body["query"].as_str().unwrap_or_default().to_lowercase();
        if body.to_string().chars().count() > BODY_MAX || query.chars().count() > BODY_MAX {
            return Err(Refusal::invalid(format!(
                "The search request body is too long. The maximum is {BODY_MAX} characters."
            )));
        }
        let limit = match &body["limit"] {
            Value::Null => PAGE_DEFAULT,
            given => text(given)
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| Refusal::bad_json("limit must be a whole number"))?,
        };
        if limit > PAGE_MAX {
            return Err(Refusal::invalid(format!("limit must be less than or equal to {PAGE_MAX}")));
        }
        let after: usize = match text(&body["after"]).filter(|after| !after.is_empty()) {
            None => 0,
            Some(after) => after.parse().map_err(|_| Refusal::invalid("after must be an integer offset"))?,
        };
        if after.saturating_add(limit) > REACHABLE {
            return Err(Refusal::invalid("Paging through results beyond 10,000 is not supported by the search API."));
        }
        let groups = self.filter_groups(kind, body)?;
        let (lag, table) = (self.services.lag, self.table(kind));
        let mut hits: Vec<Cow<'_, Record>> = table
            .from(lowest_id(&groups).unwrap_or(0))
            .filter_map(|record| lag.indexed(self.seed, record, at))
            .filter(|record| record.archived.is_none())
            .filter(|record| {
                groups.is_empty()
                    || groups.iter().any(|group| group.iter().all(|filter| self.matches(kind, record, filter)))
            })
            .filter(|record| query.is_empty() || self.mentions(kind, record, &query))
            .collect();
        self.sort(kind, &mut hits, &body["sorts"])?;
        let names = body["properties"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let wanted = self.wanted(kind, names, []);
        let page: Vec<Value> = hits
            .iter()
            .skip(after)
            .take(limit)
            .map(|record| Value::Object(self.render(kind, record, &wanted)))
            .collect();
        let next = after + page.len();
        let mut answer = json!({"total": hits.len(), "results": page});
        if next < hits.len() && !page_is_empty(&answer) {
            answer["paging"] = json!({"next": {"after": next.to_string()}});
        }
        Ok(Reply::json(200, answer))
    }

    fn filter_groups(&self, kind: Kind, body: &Value) -> Result<Vec<Vec<Filter>>, Refusal> {
        let empty = Vec::new();
        let groups = match &body["filterGroups"] {
            Value::Null => &empty,
            given => given.as_array().ok_or_else(|| Refusal::bad_json("filterGroups must be a list"))?,
        };
        if groups.len() > GROUPS_MAX {
            return Err(Refusal::invalid(format!("There can be at most {GROUPS_MAX} filterGroups")));
        }
        let mut total = 0;
        groups
            .iter()
            .map(|group| {
                let filters = group["filters"].as_array().unwrap_or(&empty);
                total += filters.len();
                if filters.len() > FILTERS_PER_GROUP || total > FILTERS_MAX {
                    return Err(Refusal::invalid(format!(
                        "There can be at most {FILTERS_PER_GROUP} filters in a group and {FILTERS_MAX} in all"
                    )));
                }
                filters.iter().map(|filter| self.filter(kind, filter)).collect()
            })
            .collect()
    }

    fn filter(&self, kind: Kind, body: &Value) -> Result<Filter, Refusal> {
        let name = body["propertyName"].as_str().unwrap_or_default();
        let subject = match name.strip_prefix("associations.").and_then(Kind::parse) {
            Some(to) => Subject::Associated(to),
            None if name == "hs_searchable_calculated_phone_number" => {
                Subject::Digits(self.searchable(kind, "phone")?.0)
            }
            None if kind == Kind::Contact && name == "hs_searchable_calculated_mobile_number" => {
                Subject::Digits(self.searchable(kind, "mobilephone")?.0)
            }
            None => {
                let (slot, sense) = self.searchable(kind, name)?;
                Subject::Value(slot, sense)
            }
        };
        let operator = body["operator"].as_str().unwrap_or_default();
        const KNOWN: &[&str] = &[
            "LT",
            "LTE",
            "GT",
            "GTE",
            "EQ",
            "NEQ",
            "BETWEEN",
            "IN",
            "NOT_IN",
            "HAS_PROPERTY",
            "NOT_HAS_PROPERTY",
            "CONTAINS_TOKEN",
            "NOT_CONTAINS_TOKEN",
        ];
        if !KNOWN.contains(&operator) {
            return Err(Refusal::invalid(format!("Unknown operator: {operator}")));
        }
        let filter = Filter {
            subject,
            operator: operator.to_owned(),
            value: text(&body["value"]).unwrap_or_default(),
            high: text(&body["highValue"]).unwrap_or_default(),
            values: body["values"].as_array().into_iter().flatten().filter_map(text).collect(),
        };
        let lacks = match operator {
            "HAS_PROPERTY" | "NOT_HAS_PROPERTY" => None,
            "IN" | "NOT_IN" if filter.values.is_empty() => Some("values"),
            "IN" | "NOT_IN" => None,
            "BETWEEN" if filter.high.is_empty() => Some("highValue"),
            _ if filter.value.is_empty() => Some("value"),
            _ => None,
        };
        match lacks {
            Some(what) => Err(Refusal::invalid(format!(
                "There was a problem with the request. The operator {operator} on {name} needs {what}"
            ))),
            None => Ok(filter),
        }
    }

    fn searchable(&self, kind: Kind, name: &str) -> Result<(Slot, Sense), Refusal> {
        let slot = self.slot(kind, name).ok_or_else(|| {
            Refusal::invalid(format!("There was a problem with the request. Property \"{name}\" does not exist"))
        })?;
        let schema = &self.table(kind).schema;
        let sense = match schema.id(name).map(|prop| schema.get(prop).kind) {
            Some(Type::Number) => Sense::Number,
            Some(Type::Date | Type::DateTime) => Sense::Instant,
            Some(Type::Enumeration | Type::Bool) => Sense::Exact,
            _ => Sense::Text,
        };
        Ok((slot, sense))
    }

    fn matches(&self, kind: Kind, record: &Record, filter: &Filter) -> bool {
        let (slot, sense) = match &filter.subject {
            Subject::Value(slot, sense) => (*slot, *sense),
            Subject::Digits(slot) => (*slot, Sense::Text),
            Subject::Associated(to) => {
                let id = filter.value.parse::<u64>();
                return id.is_ok_and(|id| self.links.labels((kind, record.id), (*to, id)).is_some());
            }
        };
        if let Some(verdict) = by_number(record, slot, filter) {
            return verdict;
        }
        let digits = matches!(filter.subject, Subject::Digits(_));
        let value = self.value(kind, record, slot);
        let value = if digits { value.map(|text| Cow::Owned(national(&text))) } else { value };
        let Some(value) = value else {
            // Empty values match nothing but their absence.
            return matches!(filter.operator.as_str(), "NOT_HAS_PROPERTY" | "NOT_CONTAINS_TOKEN");
        };
        let order = |other: &str| compare(sense, &value, other);
        match filter.operator.as_str() {
            "EQ" => order(&filter.value) == Some(Ordering::Equal),
            "NEQ" => order(&filter.value) != Some(Ordering::Equal),
            "LT" => order(&filter.value) == Some(Ordering::Less),
            "LTE" => order(&filter.value).is_some_and(Ordering::is_le),
            "GT" => order(&filter.value) == Some(Ordering::Greater),
            "GTE" => order(&filter.value).is_some_and(Ordering::is_ge),
            "BETWEEN" => {
                order(&filter.value).is_some_and(Ordering::is_ge) && order(&filter.high).is_some_and(Ordering::is_le)
            }
            "IN" => filter.values.iter().any(|one| listed(sense, &value, one)),
            "NOT_IN" => !filter.values.iter().any(|one| listed(sense, &value, one)),
            "HAS_PROPERTY" => true,
            "CONTAINS_TOKEN" => contains_token(&value, &filter.value),
            "NOT_CONTAINS_TOKEN" => !contains_token(&value, &filter.value),
            _ => false,
        }
    }

    fn mentions(&self, kind: Kind, record: &Record, query: &str) -> bool {
        let fields: &[&str] = match kind {
            Kind::Contact => {
                &["firstname", "lastname", "email", "phone", "hs_additional_emails", "mobilephone", "company"]
            }
            Kind::Company => &["website", "phone", "name", "domain"],
            Kind::Deal => &["dealname", "dealstage", "pipeline", "description"],
            Kind::Note => &["hs_note_body"],
            Kind::Email => &["hs_email_subject"],
            Kind::Task => &["hs_task_subject", "hs_task_body"],
            Kind::Call => &["hs_call_title", "hs_call_body"],
            Kind::Meeting => &["hs_meeting_title", "hs_meeting_body"],
            Kind::Communication => &["hs_communication_body"],
            Kind::Ticket => &["subject", "content"],
            Kind::Lead => &["hs_lead_name"],
        };
        let all: Vec<String> = fields
            .iter()
            .filter_map(|name| self.value(kind, record, self.slot(kind, name)?))
            .map(|value: Cow<'_, str>| value.to_lowercase())
            .collect();
        query.split_whitespace().all(|word| all.iter().any(|value| value.contains(word)))
    }

    fn sort(&self, kind: Kind, hits: &mut [Cow<'_, Record>], sorts: &Value) -> Result<(), Refusal> {
        let Some(sorts) = sorts.as_array().filter(|sorts| !sorts.is_empty()) else {
            return Ok(());
        };
        if sorts.len() > 1 {
            return Err(Refusal::invalid("There can be at most 1 sort"));
        }
        let (name, descending) = match &sorts[0] {
            Value::String(text) => match text.strip_prefix('-') {
                Some(name) => (name, true),
                None => (text.as_str(), false),
            },
            rule => {
                (rule["propertyName"].as_str().unwrap_or_default(), rule["direction"].as_str() == Some("DESCENDING"))
            }
        };
        let (slot, sense) = self.searchable(kind, name)?;
        if name == "hs_object_id" {
            hits.sort_by_key(|record| record.id);
            if descending {
                hits.reverse();
            }
            return Ok(());
        }
        hits.sort_by(|a, b| {
            let (a, b) = (self.value(kind, a, slot), self.value(kind, b, slot));
            let order = match (a, b) {
                (Some(a), Some(b)) => compare(sense, &a, &b).unwrap_or(Ordering::Equal),
                (a, b) => a.is_some().cmp(&b.is_some()),
            };
            if descending { order.reverse() } else { order }
        });
        Ok(())
    }
}

/// Ids and the record's own dates are compared as numbers: a million of them cannot be written out for each search.
fn by_number(record: &Record, slot: Slot, filter: &Filter) -> Option<bool> {
    let own = match slot {
        Slot::Id => i64::try_from(record.id).ok()?,
        Slot::Created => record.created,
        Slot::Modified => record.updated,
        _ => return None,
    };
    let limit = |text: &str| if matches!(slot, Slot::Id) { text.parse().ok() } else { instant(text) };
    let value = limit(&filter.value);
    Some(match filter.operator.as_str() {
        "LT" => own < value?,
        "LTE" => own <= value?,
        "GT" => own > value?,
        "GTE" => own >= value?,
        "BETWEEN" => (value?..=limit(&filter.high)?).contains(&own),
        _ => return None,
    })
}

/// Where the scan may begin when every group asks for ids above something.
fn lowest_id(groups: &[Vec<Filter>]) -> Option<u64> {
    let floor = |group: &Vec<Filter>| {
        group
            .iter()
            .filter(|filter| matches!(filter.subject, Subject::Value(Slot::Id, _)) && filter.operator == "GT")
            .filter_map(|filter| filter.value.parse::<u64>().ok())
            .max()
    };
    groups.iter().map(floor).min().flatten()
}

/// Lists of texts are compared with the lower-cased value: an upper-case entry never fits.
fn listed(sense: Sense, value: &str, one: &str) -> bool {
    match sense {
        Sense::Text => value.to_lowercase() == one,
        _ => compare(sense, value, one) == Some(Ordering::Equal),
    }
}

/// The digits of a number without its country code, as the portal indexes them.
fn national(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(10)..].to_owned()
}

fn page_is_empty(answer: &Value) -> bool {
    answer["results"].as_array().is_none_or(Vec::is_empty)
}

fn compare(sense: Sense, value: &str, other: &str) -> Option<Ordering> {
    match sense {
        Sense::Exact => Some(value.cmp(other)),
        Sense::Text => Some(value.to_lowercase().cmp(&other.to_lowercase())),
        Sense::Number => value.parse::<f64>().ok()?.partial_cmp(&other.parse::<f64>().ok()?),
        Sense::Instant => {
            let at = |text: &str| instant(text).or_else(|| instant(&format!("{text}T00:00:00Z")));
            Some(at(value)?.cmp(&at(other)?))
        }
    }
}

/// Words of the value; `*` at either end of the token is a wildcard.
fn contains_token(value: &str, token: &str) -> bool {
    let token = token.to_lowercase();
    let bare = token.trim_matches('*');
    let (open_start, open_end) = (token.starts_with('*'), token.ends_with('*'));
    let fits = |word: &str| match (open_start, open_end) {
        (true, true) => word.contains(bare),
        (true, false) => word.ends_with(bare),
        (false, true) => word.starts_with(bare),
        (false, false) => word == bare,
    };
    let value = value.to_lowercase();
    fits(&value) || value.split(|c: char| !c.is_alphanumeric()).any(fits)
}
