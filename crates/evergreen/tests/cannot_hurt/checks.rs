//! What must hold, whatever came: nothing that people typed is lost, nothing is made twice, nothing is written that no plan showed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use evergreen_model::{Entity, Plan, Protection, RecordId, Step, StepState};
use evergreen_ports::{StepQuery, Store};
use evergreen_store::SqliteStore;
use serde_json::Value;

use crate::book::{Book, Sent};
use crate::program::ALWAYS;
use crate::story::Story;
use crate::town::shown;

type State = BTreeMap<String, BTreeMap<String, Value>>;

/// What the plans said before they were applied: object and key to property and value.
#[derive(Default)]
pub struct Allowed {
    writes: BTreeMap<(String, String), BTreeSet<(String, String)>>,
    archives: BTreeSet<(String, String)>,
}

pub async fn steps(store: &SqliteStore, plan: &Plan) -> Vec<Step> {
    let query = StepQuery {
        plan: plan.id,
        states: Vec::new(),
        entity: None,
        action: None,
        record: None,
        after: None,
        limit: 10_000,
    };
    store.steps(query).await.unwrap()
}

impl Allowed {
    /// A plan may be applied from now on.
    pub async fn add(&mut self, store: &Arc<SqliteStore>, plan: &Plan) {
        let steps = steps(store, plan).await;
        let ids: Vec<RecordId> = steps.iter().map(|step| step.record).collect();
        let own: BTreeMap<RecordId, String> =
            store.records(&ids).await.unwrap().into_iter().map(|record| (record.id, record.evergreen_id)).collect();
        for step in steps {
            let object = step.entity.object().to_owned();
            let keys: Vec<String> = step.portal_id.iter().chain(own.get(&step.record)).cloned().collect();
            for key in keys {
                if step.action.as_str() == "archive" {
                    self.archives.insert((object.clone(), key.clone()));
                }
                let writes = self.writes.entry((object.clone(), key)).or_default();
                for change in &step.changes {
                    writes.insert((change.property.clone(), change.after.clone()));
                    if change.clear_first {
                        writes.insert((change.property.clone(), String::new()));
                    }
                }
            }
        }
    }
}

/// After each apply, when all is quiet.
pub async fn nobody_is_hurt(story: &mut Story) -> Result<(), String> {
    let state = story.town.state();
    nothing_typed_is_lost(&story.book(), &state)?;
    nothing_is_made_twice(&story.book(), &state)?;
    nothing_is_written_outside_the_plan(&story.book(), &state, &story.allowed)?;
    let walked = story.calmly(|world| async move { Ok(evergreen_engine::chain::verify(&world).await) }).await?;
    match walked.broken {
        Some(broken) => Err(format!("the ledger does not verify: {broken}")),
        None => Ok(()),
    }
}

/// Once more when the story is over.
pub fn at_the_end(story: &Story) -> Result<(), String> {
    let state = story.town.state();
    nothing_typed_is_lost(&story.book(), &state)?;
    nothing_is_made_twice(&story.book(), &state)
}

/// What others wrote last stands, unless its rule is `always`.
fn nothing_typed_is_lost(book: &Book, state: &State) -> Result<(), String> {
    for ((object, id, property), (value, call)) in &book.expected {
        if object == "contacts" && ALWAYS.contains(&property.as_str()) {
            continue;
        }
        let Some(record) = state[object].get(id) else {
            let archived = |sent: &&Sent| sent.deed == "archive" && sent.object == *object && sent.key == *id;
            if book.sent.iter().filter(archived).any(|sent| sent.looked < *call && *call <= sent.call) {
                continue;
            }
            return Err(format!(
                "{object} {id} is gone, with {property} = {value:?} that others wrote at call #{call}"
            ));
        };
        let stands = shown(record, property);
        if stands != *value {
            return Err(format!(
                "{object} {id}: others wrote {property} = {value:?} at call #{call}, but {stands:?} stands there"
            ));
        }
    }
    Ok(())
}

/// No two live records have one key or address, and of nobody there are two if we made one of them.
fn nothing_is_made_twice(book: &Book, state: &State) -> Result<(), String> {
    for (object, records) in state {
        for property in ["evergreen_id", "email"] {
            let mut seen: BTreeMap<String, &String> = BTreeMap::new();
            for (id, record) in records {
                let value = shown(record, property).to_lowercase();
                if let Some(other) = seen.insert(value.clone(), id).filter(|_| !value.is_empty()) {
                    return Err(format!("{object} {other} and {id} both have {property} {value}"));
                }
            }
        }
    }
    let mut made: BTreeMap<(&String, &String), Vec<&String>> = BTreeMap::new();
    for record in book.made.iter().filter(|made| state[&made.object].contains_key(&made.id)) {
        let ids = made.entry((&record.object, &record.who)).or_default();
        if !ids.contains(&&record.id) {
            ids.push(&record.id);
        }
    }
    match made.into_iter().find(|(_, ids)| ids.len() > 1) {
        Some(((object, who), ids)) => Err(format!("{who} was made {} times: {object} {ids:?}", ids.len())),
        None => Ok(()),
    }
}

/// Every value that we sent stands in a plan that was being applied, or gives back what others had written there.
fn nothing_is_written_outside_the_plan(book: &Book, state: &State, allowed: &Allowed) -> Result<(), String> {
    for sent in &book.sent {
        // A record is known by its id, by our key, and by the ids that were merged into it.
        let mut names: BTreeSet<String> = BTreeSet::from([sent.key.clone()]);
        names.extend(state[&sent.object].get(&sent.key).map(|record| shown(record, "evergreen_id")));
        names.extend(
            book.merged
                .keys()
                .filter(|(object, id)| *object == sent.object && book.now(object, id) == sent.key)
                .map(|(_, id)| id.clone()),
        );
        let planned: BTreeSet<&(String, String)> = names
            .iter()
            .filter_map(|name| allowed.writes.get(&(sent.object.clone(), name.clone())))
            .flatten()
            .collect();
        if sent.deed == "archive"
            && !names.iter().any(|name| allowed.archives.contains(&(sent.object.clone(), name.clone())))
        {
            return Err(format!("call #{}: {} {} was archived outside of any plan", sent.call, sent.object, sent.key));
        }
        if sent.deed == "merge" || sent.deed == "one" {
            return Err(format!("call #{}: a {} that nobody planned", sent.call, sent.deed));
        }
        for (property, value) in &sent.properties {
            let gives_back = || {
                book.foreign.iter().any(|((object, id, of), theirs)| {
                    *object == sent.object
                        && of == property
                        // HubSpot takes a stage that lies behind only after an empty one; that theirs follows is seen at the end.
                        && (theirs == value || (property == "lifecyclestage" && value.is_empty()))
                        && (names.contains(id) || is_known_as(state, &sent.object, id, &sent.key))
                })
            };
            if !planned.contains(&(property.clone(), value.clone())) && !gives_back() {
                return Err(format!(
                    "call #{}: {property} = {value:?} of {} {} stands in no plan",
                    sent.call, sent.object, sent.key
                ));
            }
        }
    }
    Ok(())
}

/// Whether the record with that id has that key of ours.
fn is_known_as(state: &State, object: &str, id: &str, key: &str) -> bool {
    state[object].get(id).is_some_and(|record| shown(record, "evergreen_id") == key)
}

/// For each change that the undo reports as done the earlier value stands; what it reports as left alone was not written.
pub async fn undo_did_what_it_claims(story: &mut Story, plan: &Plan, before: &State, call: u64) -> Result<(), String> {
    let steps = steps(story.store(), plan).await;
    let state = story.town.state();
    let book = story.book();
    for step in &steps {
        let object = step.entity.object();
        let Some(id) = step.portal_id.as_ref().map(|id| book.now(object, id)) else { continue };
        // Who merges a record while it is taken back, or after that, makes another one of two, in which the values of the other may win: no
        // hurt of ours. What the undo claims of values is then asked of what its own record showed right before the merge.
        let merged_since = step.portal_id.as_ref().and_then(|id| book.ended.get(&(object.to_owned(), id.clone())));
        let merged_since = merged_since.filter(|(_, at, _)| *at > call);
        let touched = |property: &str| {
            book.expected
                .get(&(object.to_owned(), id.clone(), property.to_owned()))
                .is_some_and(|(_, edited)| *edited >= call)
                || merged_since.is_some_and(|(_, _, edits)| edits.get(property).is_some_and(|edited| *edited >= call))
        };
        match (step.action.as_str(), step.state) {
            ("archive", StepState::Done) if state[object].contains_key(&id) => {
                return Err(format!("undo says it archived {object} {id}, which is there"));
            }
            ("archive", StepState::Stale | StepState::Failed) => {
                let gone = !state[object].contains_key(&id);
                if gone && before[object].contains_key(&id) && !book.deleted.contains(&(object.to_owned(), id.clone()))
                {
                    return Err(format!("undo says it left {object} {id} alone, which is gone"));
                }
            }
            ("update", StepState::Done) => {
                let Some(record) = merged_since.map(|(record, _, _)| record).or_else(|| state[object].get(&id)) else {
                    continue;
                };
                for change in step.changes.iter().filter(|change| !touched(&change.property)) {
                    if shown(record, &change.property) != change.after {
                        return Err(format!(
                            "undo says {object} {id} {} is {:?} again, but it is {:?}",
                            change.property,
                            change.after,
                            shown(record, &change.property)
                        ));
                    }
                }
                for kept in step.kept.iter().filter(|kept| kept.code == "stale" && !touched(&kept.property)) {
                    let (was, is) = (
                        before[object].get(&id).map(|record| shown(record, &kept.property)),
                        shown(record, &kept.property),
                    );
                    if was.as_deref().is_some_and(|was| was != is) && kept.rule != Protection::Always {
                        return Err(format!(
                            "undo says it left {object} {id} {} alone, but {was:?} became {is:?}",
                            kept.property
                        ));
                    }
                }
            }
            _ => {}
        }
    }
    let _ = Entity::Contact;
    Ok(())
}
