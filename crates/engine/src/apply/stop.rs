//! Who must not be written any more: put on the suppression list, or unsubscribed in the portal, since the plan was made.

use std::collections::BTreeMap;

use evergreen_model::{Entity, PortalRecord, Problem, Reason, Record, RecordId, Step, StepState};
use evergreen_ports::Transition;

use super::Performing;
use crate::leave;
use crate::qualify::suppressed;
use crate::suppress;

/// Whoever was put on the suppression list since the plan is not even looked at any more; returns the other steps.
pub(super) async fn suppressed_since(performing: Performing<'_>, steps: Vec<Step>) -> Result<Vec<Step>, Problem> {
    let world = performing.world;
    let ids: Vec<RecordId> = steps.iter().map(|step| step.record).collect();
    let records = world.store.records(&ids).await?;
    let keys: Vec<Vec<String>> = records.iter().map(|record| suppress::keys(world, record)).collect();
    let listed = suppressed(world, &keys).await?;
    let hit: BTreeMap<RecordId, Record> = records
        .into_iter()
        .zip(keys)
        .filter(|(_, keys)| keys.iter().any(|key| listed.contains_key(key)))
        .map(|(record, _)| (record.id, record))
        .collect();
    let why = Reason::new("suppressed-since-plan", "Suppressed: put on the suppression list since the plan was made.");
    leave_out(performing, steps, hit, &why).await
}

/// Contacts whom the portal shows as unsubscribed by now; returns the other steps.
pub(super) async fn unsubscribed_since(
    performing: Performing<'_>,
    entity: Entity,
    steps: Vec<Step>,
    records: &mut BTreeMap<RecordId, Record>,
    views: &BTreeMap<RecordId, PortalRecord>,
) -> Result<Vec<Step>, Problem> {
    if entity != Entity::Contact || !performing.world.config.qualify.suppress.unsubscribed || performing.undoes() {
        return Ok(steps);
    }
    let opted_out = |view: &PortalRecord| {
        view.properties.get("hs_email_optout").is_some_and(|flag| flag.eq_ignore_ascii_case("true"))
    };
    let ids: Vec<RecordId> = views.iter().filter(|(_, view)| opted_out(view)).map(|(id, _)| *id).collect();
    let hit = ids.into_iter().filter_map(|id| records.remove(&id).map(|record| (id, record))).collect();
    let why = Reason::new("unsubscribed-since-plan", "Suppressed: unsubscribed in HubSpot since the plan was made.");
    leave_out(performing, steps, hit, &why).await
}

async fn leave_out(
    performing: Performing<'_>,
    steps: Vec<Step>,
    mut hit: BTreeMap<RecordId, Record>,
    why: &Reason,
) -> Result<Vec<Step>, Problem> {
    if hit.is_empty() {
        return Ok(steps);
    }
    let Performing { world, run, .. } = performing;
    let now = world.clock.now();
    let (stopped, going): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(|step| hit.contains_key(&step.record));
    let mut transition = Transition::default();
    for mut step in stopped {
        step.state = StepState::Stale;
        step.note = Some(why.sentence.clone());
        if let Some(mut record) = hit.remove(&step.record) {
            transition.ledger.push(leave::suppress(&mut record, run, why.clone(), now));
            transition.records.push(record);
        }
        transition.steps.push(step);
    }
    world.store.commit(transition).await?;
    Ok(going)
}
