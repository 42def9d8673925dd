//! Creating our own properties under our own group; what exists already is left as it is.

use std::collections::BTreeSet;

use evergreen_model::Entity;
use evergreen_ports::{PortalError, PropertyDefinition};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::call::{Ask, Line, Reply};
use crate::{problem, read, versions};

/// New definitions can be read a quarter to three quarters of a second later; writes before that fail.
const LOOKS: u32 = 12;
const BETWEEN_LOOKS: SignedDuration = SignedDuration::from_millis(300);

/// Creates what is missing and waits until the portal shows it.
pub(crate) async fn create(
    line: &Line,
    entity: Entity,
    group: &str,
    definitions: &[PropertyDefinition],
) -> Result<(), PortalError> {
    let missing = missing(line, entity, definitions).await?;
    if missing.is_empty() {
        return Ok(());
    }
    create_group(line, entity, group).await?;
    let path = versions::properties_batch_create(entity);
    let inputs: Vec<Value> = missing.iter().map(|definition| body(definition, group)).collect();
    match line.ask(&Ask::post(&path, json!({"inputs": inputs}))).await? {
        Reply::Ok(answer) if answer["errors"].as_array().is_none_or(Vec::is_empty) => {}
        // Somebody made one of them meanwhile, or one is refused: one by one, so that the others come into being.
        Reply::Ok(_) | Reply::Refused(..) => one_by_one(line, entity, group, &missing).await?,
    }
    for _ in 0..LOOKS {
        if self::missing(line, entity, definitions).await?.is_empty() {
            return Ok(());
        }
        line.clock.sleep(BETWEEN_LOOKS).await;
    }
    Err(problem::odd(&path, "properties were created but the portal does not show them"))
}

async fn missing<'a>(
    line: &Line,
    entity: Entity,
    definitions: &'a [PropertyDefinition],
) -> Result<Vec<&'a PropertyDefinition>, PortalError> {
    let known: BTreeSet<String> =
        read::properties(line, entity).await?.into_iter().map(|property| property.name).collect();
    Ok(definitions.iter().filter(|definition| !known.contains(&definition.name)).collect())
}

async fn create_group(line: &Line, entity: Entity, group: &str) -> Result<(), PortalError> {
    let path = versions::property_groups(entity);
    let mut label = group.replace('_', " ");
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    exists_is_fine(line, &path, json!({"name": group, "label": label, "displayOrder": -1})).await
}

async fn one_by_one(
    line: &Line,
    entity: Entity,
    group: &str,
    missing: &[&PropertyDefinition],
) -> Result<(), PortalError> {
    let path = versions::properties(entity);
    for definition in missing {
        exists_is_fine(line, &path, body(definition, group)).await?;
    }
    Ok(())
}

async fn exists_is_fine(line: &Line, path: &str, body: Value) -> Result<(), PortalError> {
    match line.ask(&Ask::post(path, body)).await? {
        Reply::Ok(_) | Reply::Refused(409, _) => Ok(()),
        Reply::Refused(status, refusal) => Err(problem::refused(status, &refusal, path)),
    }
}

fn body(definition: &PropertyDefinition, group: &str) -> Value {
    let options: Vec<Value> = definition
        .options
        .iter()
        .enumerate()
        .map(|(order, option)| json!({"label": option.label, "value": option.value, "displayOrder": order, "hidden": false}))
        .collect();
    json!({
        "name": definition.name, "label": definition.label, "type": definition.value_type, "fieldType": definition.field_type,
        "groupName": group, "description": definition.description, "options": options, "hasUniqueValue": definition.unique,
        "displayOrder": -1, "hidden": false, "formField": false,
    })
}
