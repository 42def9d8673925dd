//! Reading: pages of all records, records by id with history, owners, properties.

use std::collections::BTreeSet;

use evergreen_model::portal::PropertyOption;
use evergreen_model::{Account, DailyUsage, Entity, Owner, PortalProperty, PortalRecord};
use evergreen_ports::{Page, PortalError};
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::call::{Ask, Line, Reply};
use crate::problem;
use crate::versions::{self, BATCH_MAX, BATCH_MAX_WITH_HISTORY, OWNERS_PAGE_MAX, SEARCH_PAGE_MAX};
use crate::wire::{self, Refusal, str_of};

/// Batches on their way at the same time.
pub(crate) const ABREAST: usize = 4;

/// The account, and what the token may do there.
pub(crate) async fn account(line: &Line) -> Result<Account, PortalError> {
    let path = versions::account();
    let body = line.expect(&Ask::get(&path, &[])).await?;
    let text = |key: &str| str_of(&body[key]).unwrap_or_default();
    let portal_id =
        str_of(&body["portalId"]).ok_or_else(|| problem::odd(&path, "the account details name no portalId"))?;
    Ok(Account {
        portal_id,
        account_type: text("accountType"),
        time_zone: text("timeZone"),
        ui_domain: text("uiDomain"),
        scopes: None,
        app_id: None,
    })
}

/// Calls used of the day's allowance.
pub(crate) async fn usage(line: &Line) -> Result<Option<DailyUsage>, PortalError> {
    let path = versions::usage();
    let body = line.expect(&Ask::get(&path, &[])).await?;
    let number = |value: &Value| str_of(value).and_then(|text| text.parse().ok());
    Ok(results(&body, &path)?.first().and_then(|usage| {
        Some(DailyUsage {
            limit: number(&usage["usageLimit"])?,
            used: number(&usage["currentUsage"])?,
            resets_at: str_of(&usage["resetsAt"]).and_then(|text| text.parse().ok()),
        })
    }))
}

/// A page of the records changed since, by the search index.
pub(crate) async fn changed(
    line: &Line,
    entity: Entity,
    since: Timestamp,
    properties: &[String],
    after: Option<&str>,
) -> Result<Page, PortalError> {
    let path = versions::search(entity);
    let modified = match entity {
        Entity::Contact => "lastmodifieddate",
        Entity::Company => "hs_lastmodifieddate",
    };
    let body = json!({
        "filterGroups": [{"filters": [
            {"propertyName": modified, "operator": "GTE", "value": since.as_millisecond().to_string()},
        ]}],
        "sorts": [{"propertyName": modified, "direction": "ASCENDING"}],
        "properties": properties, "limit": SEARCH_PAGE_MAX, "after": after.unwrap_or("0"),
    });
    let body = line.expect(&Ask::post(&path, body)).await?;
    let records = results(&body, &path)?.iter().filter_map(|value| wire::record(entity, value)).collect();
    Ok(Page { records, companies: Vec::new(), after: wire::next_page(&body) })
}

/// Where ids went that a batch did not answer: a merged record is found under its new id, asked singly.
pub(crate) async fn locate(
    line: &Line,
    entity: Entity,
    id: &str,
    properties: &[String],
    history: &[String],
) -> Result<Option<PortalRecord>, PortalError> {
    let path = format!("{}/{id}", versions::objects(entity));
    let mut query = vec![("properties", properties.join(","))];
    if !history.is_empty() {
        query.push(("propertiesWithHistory", history.join(",")));
    }
    match line.ask(&Ask::get(&path, &query)).await? {
        Reply::Ok(body) => Ok(wire::record(entity, &body)),
        Reply::Refused(404, _) => Ok(None),
        Reply::Refused(status, refusal) => Err(problem::refused(status, &refusal, &path)),
    }
}

/// A page of all records, contacts with their companies.
pub(crate) async fn list(
    line: &Line,
    entity: Entity,
    properties: &[String],
    history: &[String],
    after: Option<&str>,
) -> Result<Page, PortalError> {
    let path = versions::objects(entity);
    let limit = if history.is_empty() { BATCH_MAX } else { BATCH_MAX_WITH_HISTORY };
    let mut query = vec![("limit", limit.to_string()), ("properties", properties.join(","))];
    if !history.is_empty() {
        query.push(("propertiesWithHistory", history.join(",")));
    }
    if entity == Entity::Contact {
        query.push(("associations", "companies".to_owned()));
    }
    query.extend(after.map(|after| ("after", after.to_owned())));
    let body = line.expect(&Ask::get(&path, &query)).await?;
    let mut page = Page { records: Vec::new(), companies: Vec::new(), after: wire::next_page(&body) };
    for value in results(&body, &path)? {
        let Some(record) = wire::record(entity, value) else { continue };
        page.companies.extend(wire::companies_of(value).into_iter().map(|company| (record.id.clone(), company)));
        page.records.push(record);
    }
    Ok(page)
}

/// Records by id or by a unique property; unknown ones are left out.
pub(crate) async fn read(
    line: &Line,
    entity: Entity,
    id_property: Option<&str>,
    ids: &[String],
    properties: &[String],
    history: &[String],
) -> Result<Vec<PortalRecord>, PortalError> {
    let unique: Vec<&String> = ids.iter().filter(|id| !id.is_empty()).collect::<BTreeSet<_>>().into_iter().collect();
    let size = if history.is_empty() { BATCH_MAX } else { BATCH_MAX_WITH_HISTORY };
    let mut batches = Vec::new();
    for ids in unique.chunks(size) {
        batches.push(read_batch(line, entity, id_property, ids, properties, history));
    }
    let read: Vec<Vec<PortalRecord>> = stream::iter(batches).buffered(ABREAST).try_collect().await?;
    // Two addresses of one contact in two batches find it twice.
    let mut seen = BTreeSet::new();
    Ok(read.into_iter().flatten().filter(|record| seen.insert(record.id.clone())).collect())
}

async fn read_batch(
    line: &Line,
    entity: Entity,
    id_property: Option<&str>,
    ids: &[&String],
    properties: &[String],
    history: &[String],
) -> Result<Vec<PortalRecord>, PortalError> {
    let path = versions::batch(entity, "read");
    let inputs: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
    let mut body = json!({"inputs": inputs, "properties": properties, "propertiesWithHistory": history});
    if let Some(property) = id_property {
        body["idProperty"] = json!(property);
    }
    let answer = match line.ask(&Ask::post(&path, body)).await? {
        Reply::Ok(answer) => answer,
        // None of the ids exists.
        Reply::Refused(404, refusal) if refusal.code == "OBJECT_NOT_FOUND" => return Ok(Vec::new()),
        Reply::Refused(status, refusal) => return Err(problem::refused(status, &refusal, &path)),
    };
    for error in answer["errors"].as_array().into_iter().flatten() {
        let refusal = Refusal::read(error);
        if refusal.code != "OBJECT_NOT_FOUND" {
            return Err(problem::refused(207, &refusal, &path));
        }
    }
    Ok(results(&answer, &path)?.iter().filter_map(|value| wire::record(entity, value)).collect())
}

/// All owners, deactivated ones included.
pub(crate) async fn owners(line: &Line) -> Result<Vec<Owner>, PortalError> {
    let path = versions::owners();
    let mut owners: Vec<Owner> = Vec::new();
    for archived in [false, true] {
        let mut after: Option<String> = None;
        loop {
            let mut query = vec![("limit", OWNERS_PAGE_MAX.to_string()), ("archived", archived.to_string())];
            query.extend(after.map(|after| ("after", after)));
            let body = line.expect(&Ask::get(&path, &query)).await?;
            let known: BTreeSet<String> = owners.iter().map(|owner| owner.id.clone()).collect();
            owners.extend(results(&body, &path)?.iter().filter_map(owner).filter(|owner| !known.contains(&owner.id)));
            after = wire::next_page(&body);
            if after.is_none() {
                break;
            }
        }
    }
    Ok(owners)
}

fn owner(value: &Value) -> Option<Owner> {
    let names = [str_of(&value["firstName"]), str_of(&value["lastName"])];
    let name = names.into_iter().flatten().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
    let email = str_of(&value["email"]).unwrap_or_default();
    Some(Owner {
        id: str_of(&value["id"])?,
        name: if name.is_empty() { email.clone() } else { name },
        email,
        user_id: str_of(&value["userId"]).or_else(|| str_of(&value["userIdIncludingInactive"])),
        teams: value["teams"].as_array().into_iter().flatten().filter_map(|team| str_of(&team["name"])).collect(),
        active: !value["archived"].as_bool().unwrap_or(false),
    })
}

/// All properties of an object that are not in the bin.
pub(crate) async fn properties(line: &Line, entity: Entity) -> Result<Vec<PortalProperty>, PortalError> {
    let path = versions::properties(entity);
    let body = line.expect(&Ask::get(&path, &[])).await?;
    Ok(results(&body, &path)?.iter().filter_map(property).collect())
}

fn property(value: &Value) -> Option<PortalProperty> {
    if value["archived"].as_bool() == Some(true) {
        return None;
    }
    let text = |key: &str| str_of(&value[key]).unwrap_or_default();
    // Choices that live elsewhere (owners, teams) can not be checked against this list.
    let elsewhere = value["externalOptions"].as_bool() == Some(true);
    let mut options: Vec<&Value> = value["options"].as_array().into_iter().flatten().filter(|_| !elsewhere).collect();
    options.sort_by_key(|option| option["displayOrder"].as_i64().filter(|order| *order >= 0).unwrap_or(i64::MAX));
    let option = |option: &&Value| {
        let value = str_of(&option["value"])?;
        Some(PropertyOption { label: str_of(&option["label"]).unwrap_or_else(|| value.clone()), value })
    };
    Some(PortalProperty {
        name: str_of(&value["name"])?,
        label: text("label"),
        value_type: text("type"),
        field_type: text("fieldType"),
        group: text("groupName"),
        options: options.iter().filter_map(option).collect(),
        unique: value["hasUniqueValue"].as_bool().unwrap_or(false),
        read_only: value["modificationMetadata"]["readOnlyValue"].as_bool().unwrap_or(false)
            || value["calculated"].as_bool().unwrap_or(false),
        description: text("description"),
    })
}

fn results<'a>(body: &'a Value, call: &str) -> Result<&'a Vec<Value>, PortalError> {
    body["results"].as_array().ok_or_else(|| problem::odd(call, "the answer has no list of results"))
}
