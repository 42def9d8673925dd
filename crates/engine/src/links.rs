//! Links contacts to their companies in the portal, once both are there, and takes links of ours away again.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{Action, LedgerKind, Problem, Record, RecordId, Run, Stage, Step, StepState};
use evergreen_ports::{PortalError, Transition, WriteResult};
use serde_json::json;

use crate::ledger;
use crate::world::World;

/// Links contacts to companies that both are in the portal by now, or parts them, as each step says.
pub(crate) async fn perform(world: &World, run: &Run, steps: Vec<Step>) -> Result<(), Problem> {
    let now = world.clock.now();
    let ids: BTreeSet<RecordId> = steps
        .iter()
        .flat_map(|step| match step.action {
            Action::Associate { company } | Action::Unlink { company } => [Some(step.record), Some(company)],
            _ => [Some(step.record), None],
        })
        .flatten()
        .collect();
    let ids: Vec<RecordId> = ids.into_iter().collect();
    let records: BTreeMap<RecordId, Record> =
        world.store.records(&ids).await?.into_iter().map(|record| (record.id, record)).collect();
    let pair_of = |step: &Step| -> Option<(String, String)> {
        let (Action::Associate { company } | Action::Unlink { company }) = step.action else { return None };
        let end = |id: &RecordId| records.get(id).filter(|record| record.stage != Stage::Suppressed)?.portal_id.clone();
        Some((end(&step.record)?, end(&company)?))
    };
    let (unlink, link): (Vec<&Step>, Vec<&Step>) =
        steps.iter().partition(|step| matches!(step.action, Action::Unlink { .. }));
    let pairs = |steps: Vec<&Step>| -> Vec<(String, String)> { steps.into_iter().filter_map(&pair_of).collect() };
    let (unlink, link) = (pairs(unlink), pairs(link));
    let mut results: BTreeMap<String, WriteResult> = BTreeMap::new();
    if !link.is_empty() {
        results.extend(world.portal.associate(&link).await.map_err(PortalError::into_problem)?.results);
    }
    if !unlink.is_empty() {
        results.extend(world.portal.dissociate(&unlink).await.map_err(PortalError::into_problem)?.results);
    }
    let mut transition = Transition::default();
    for mut step in steps {
        let result =
            pair_of(&step).and_then(|(contact, company)| results.get(&format!("{contact}:{company}")).cloned());
        (step.state, step.note) = match result {
            Some(WriteResult::Done { .. }) => (StepState::Done, None),
            Some(WriteResult::Failed { code, message, .. }) => (StepState::Failed, Some(format!("{code}: {message}"))),
            Some(WriteResult::Unaccounted) => {
                (StepState::Failed, Some("the portal did not say what became of it".to_owned()))
            }
            None => (StepState::Stale, Some("contact or company did not get into the portal".to_owned())),
        };
        let sentence = match (&step.action, step.state) {
            (Action::Unlink { .. }, StepState::Done) => "no longer linked to its company".to_owned(),
            (Action::Unlink { .. }, _) => {
                format!("its link to its company was left: {}", step.note.clone().unwrap_or_default())
            }
            (_, StepState::Done) => "linked to its company".to_owned(),
            _ => format!("not linked to its company: {}", step.note.clone().unwrap_or_default()),
        };
        let details = json!({ "plan": step.plan.0, "step": step.id.0, "state": step.state });
        transition.ledger.push(ledger::about(now, run.id, LedgerKind::Written, step.record, sentence, details));
        transition.steps.push(step);
    }
    world.store.commit(transition).await?;
    Ok(())
}
