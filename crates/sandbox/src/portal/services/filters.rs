//! The filters of active lists: which records belong, by the values of their properties.

use serde_json::Value;

use super::super::Portal;
use super::super::errors::Refusal;
use super::super::record::{Kind, Record};

/// Refuses what the sandbox cannot work out, so that no list is silently empty.
pub(super) fn understood(branch: &Value) -> Result<(), Refusal> {
    let kind = branch["filterBranchType"].as_str().unwrap_or_default();
    if !matches!(kind, "OR" | "AND") {
        return Err(Refusal::invalid(format!("The sandbox does not evaluate filter branches of type \"{kind}\"")));
    }
    for filter in branch["filters"].as_array().into_iter().flatten() {
        let kind = filter["filterType"].as_str().unwrap_or_default();
        if kind != "PROPERTY" {
            return Err(Refusal::invalid(format!("The sandbox does not evaluate filters of type \"{kind}\"")));
        }
        let operator = filter["operation"]["operator"].as_str().unwrap_or_default();
        if holds(operator, &filter["operation"], Some("")).is_none() {
            return Err(Refusal::invalid(format!("The sandbox does not evaluate the operator \"{operator}\"")));
        }
    }
    branch["filterBranches"].as_array().into_iter().flatten().try_for_each(understood)
}

impl Portal {
    pub(super) fn belongs(&self, kind: Kind, record: &Record, branch: &Value) -> bool {
        let filters = branch["filters"].as_array().into_iter().flatten();
        let branches = branch["filterBranches"].as_array().into_iter().flatten();
        let mut verdicts = filters
            .map(|filter| self.passes(kind, record, filter))
            .chain(branches.map(|branch| self.belongs(kind, record, branch)));
        if branch["filterBranchType"] == "AND" { verdicts.all(|one| one) } else { verdicts.any(|one| one) }
    }

    fn passes(&self, kind: Kind, record: &Record, filter: &Value) -> bool {
        let name = filter["property"].as_str().unwrap_or_default();
        let value = self.slot(kind, name).and_then(|slot| self.value(kind, record, slot));
        let operation = &filter["operation"];
        let operator = operation["operator"].as_str().unwrap_or_default();
        if value.is_none() && operation["includeObjectsWithNoValueSet"] == true {
            return true;
        }
        holds(operator, operation, value.as_deref()).unwrap_or(false)
    }
}

/// Whether an operation holds for a value; none when the operator is not known.
fn holds(operator: &str, operation: &Value, value: Option<&str>) -> Option<bool> {
    let one = |value: &Value| match value {
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    };
    let wanted: Vec<String> = match operation["values"].as_array() {
        Some(list) => list.iter().map(one).collect(),
        None => vec![one(&operation["value"])],
    };
    let known = value.is_some_and(|value| !value.is_empty());
    let value = value.unwrap_or_default().to_lowercase();
    let number = |text: &str| text.parse::<f64>().ok();
    let compare = |fits: fn(f64, f64) -> bool| {
        known && wanted.iter().any(|limit| number(&value).zip(number(limit)).is_some_and(|(a, b)| fits(a, b)))
    };
    let equal = |limit: &String| value == *limit || number(&value).is_some_and(|own| number(limit) == Some(own));
    // Checkboxes hold several values.
    let among = || value.split(';').any(|part| wanted.iter().any(|limit| limit == part)) || wanted.iter().any(equal);
    Some(match operator {
        "IS_KNOWN" => known,
        "IS_UNKNOWN" => !known,
        "IS_EQUAL_TO" | "IS" => known && wanted.iter().any(equal),
        "IS_NOT_EQUAL_TO" | "IS_NOT" => known && !wanted.iter().any(equal),
        "IS_ANY_OF" => known && among(),
        "IS_NONE_OF" => known && !among(),
        "CONTAINS" => known && wanted.iter().any(|part| value.contains(part)),
        "DOES_NOT_CONTAIN" => known && !wanted.iter().any(|part| value.contains(part)),
        "STARTS_WITH" => known && wanted.iter().any(|part| value.starts_with(part)),
        "ENDS_WITH" => known && wanted.iter().any(|part| value.ends_with(part)),
        "IS_GREATER_THAN" => compare(|a, b| a > b),
        "IS_GREATER_THAN_OR_EQUAL_TO" => compare(|a, b| a >= b),
        "IS_LESS_THAN" => compare(|a, b| a < b),
        "IS_LESS_THAN_OR_EQUAL_TO" => compare(|a, b| a <= b),
        _ => return None,
    })
}
