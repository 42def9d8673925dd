//! How much of the account's quotas is used: records, properties, pipelines, associations.

use axum::http::Method;
use serde_json::{Value, json};

use super::super::Portal;
use super::super::errors::Refusal;
use super::super::record::Kind;
use crate::wire::Reply;

const RECORDS_MAX: u64 = 15_000_000;
const PROPERTIES_MAX: u64 = 1_000;
const PIPELINES_MAX: u64 = 100;

fn of_kind(kind: Kind, usage: u64, limit: u64) -> Value {
    json!({
        "objectTypeId": kind.type_id(), "singularLabel": label(kind.singular()), "pluralLabel": label(kind.plural()),
        "usage": usage, "limit": limit, "percentage": percentage(usage, limit),
    })
}

fn label(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn percentage(usage: u64, limit: u64) -> f64 {
    usage as f64 * 100.0 / limit as f64
}

fn no_custom_objects() -> Value {
    json!({"byObjectType": [], "overallLimit": 0, "overallPercentage": 0.0, "overallUsage": 0})
}

impl Portal {
    pub(crate) fn limits(&self, method: &Method, rest: &[&str]) -> Result<Reply, Refusal> {
        if method != Method::GET {
            return Err(Refusal::wrong_method());
        }
        let kinds = [Kind::Contact, Kind::Company];
        let body = match rest {
            ["custom-properties"] => {
                let used: Vec<u64> =
                    kinds.iter().map(|kind| self.table(*kind).schema.custom().count() as u64).collect();
                let by_type: Vec<Value> =
                    kinds.iter().zip(&used).map(|(kind, used)| of_kind(*kind, *used, PROPERTIES_MAX)).collect();
                let (usage, limit) = (used.iter().sum::<u64>(), PROPERTIES_MAX * kinds.len() as u64);
                json!({
                    "byObjectType": by_type, "overallUsage": usage, "overallLimit": limit,
                    "overallPercentage": percentage(usage, limit),
                })
            }
            ["records"] => {
                let by_type: Vec<Value> =
                    kinds.iter().map(|kind| of_kind(*kind, self.table(*kind).len() as u64, RECORDS_MAX)).collect();
                json!({"hubspotDefinedObjectTypes": by_type, "customObjectTypes": no_custom_objects()})
            }
            ["calculated-properties"] => {
                json!({"byObjectType": [], "overallLimit": 25, "overallPercentage": 0.0, "overallUsage": 0})
            }
            ["custom-object-types"] => json!({"limit": 10, "percentage": 0.0, "usage": 0}),
            ["pipelines"] => {
                let of = |id: &str, name: &str, singular: &str, plural: &str| {
                    let usage = self.services.pipelines.count(name);
                    json!({
                        "objectTypeId": id, "singularLabel": singular, "pluralLabel": plural, "usage": usage,
                        "limit": PIPELINES_MAX, "percentage": percentage(usage, PIPELINES_MAX),
                    })
                };
                json!({
                    "hubspotDefinedObjectTypes": [of("0-3", "deals", "Deal", "Deals"), of("0-5", "tickets", "Ticket", "Tickets")],
                    "customObjectTypes": no_custom_objects(),
                })
            }
            ["associations", "labels"] | ["associations", "records", "from"] | ["associations", "records", _, "to"] => {
                json!({"results": []})
            }
            ["associations", "records", _, _] => json!({
                "atLimitFromRecordSamples": [], "nearLimitFromRecordSamples": [], "limit": 50_000,
                "totalRecordsAtLimit": 0, "totalRecordsNearLimit": 0,
            }),
            _ => return Err(Refusal::not_found()),
        };
        Ok(Reply::json(200, body))
    }
}
