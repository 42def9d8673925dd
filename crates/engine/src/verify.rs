//! Stage 5 performed: asks DNS about the domains, judges address and phone, and opens or shuts the gate.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::{DomainFacts, Entity, Gate, LedgerKind, Problem, Reason, Record, Run, Stage, Verdicts};
use evergreen_ports::Transition;
use evergreen_verify::Input;
use futures::{StreamExt, stream};
use serde_json::json;

use crate::enrich;
use crate::golden::{keys_of, recompute};
use crate::leave;
use crate::ledger;
use crate::qualify::{claim, in_days};
use crate::world::World;

const BATCH: u32 = 1_000;
/// DNS questions under way at a time; one resolver answers thousands a second.
const QUESTIONS: usize = 64;

/// Judges every contact of the run. An address proven dead sends its record back to the waterfall once, to find a living one.
pub(crate) async fn judge(world: &World, run: &Run) -> Result<(), Problem> {
    let mut facts: BTreeMap<String, DomainFacts> = BTreeMap::new();
    world.progress.begin("verifying contacts", None);
    let mut closed = enrich::Closed::default();
    let mut judged = 0_u64;
    let mut passed = 0_u64;
    loop {
        let batch = claim(world, run, Stage::Verify, Entity::Contact, BATCH).await?;
        if batch.is_empty() {
            // Those whose address was refuted come back from the waterfall to be judged again; when none do, all are judged.
            enrich::fill_gaps_again(world, run, &mut closed).await?;
            if claim(world, run, Stage::Verify, Entity::Contact, 1).await?.is_empty() {
                break;
            }
            continue;
        }
        ask(world, &batch, &mut facts).await;
        let mut transition = Transition::default();
        for mut record in batch {
            judged += 1;
            judge_record(world, run, &mut record, &facts, &mut transition).await?;
            passed += u64::from(record.stage == Stage::Route);
            world.progress.advance(1);
            transition.records.push(record);
        }
        leave::open_reviews(world, run, &mut transition).await?;
        world.store.commit(transition).await?;
    }
    world.progress.end(&format!("{passed} of {judged} passed the gate"));
    Ok(())
}

async fn ask(world: &World, batch: &[Record], facts: &mut BTreeMap<String, DomainFacts>) {
    let unknown: BTreeSet<String> =
        batch.iter().filter_map(evergreen_verify::domain_of).filter(|domain| !facts.contains_key(domain)).collect();
    let answers: Vec<(String, DomainFacts)> = stream::iter(unknown)
        .map(|domain| async move {
            let answer = world.resolver.domain(&domain).await;
            (domain, answer)
        })
        .buffer_unordered(QUESTIONS)
        .collect()
        .await;
    facts.extend(answers);
}

async fn judge_record(
    world: &World,
    run: &Run,
    record: &mut Record,
    facts: &BTreeMap<String, DomainFacts>,
    transition: &mut Transition,
) -> Result<(), Problem> {
    let now = world.clock.now();
    let domain = evergreen_verify::domain_of(record);
    let input = Input { record, facts: domain.as_ref().and_then(|domain| facts.get(domain)), now };
    let verdicts = evergreen_verify::judge(&input, &world.config.verify);
    let sentence = format!("address {} ({}), score {}", verdicts.email.as_str(), verdicts.email_reason, verdicts.score);
    let details = json!({ "email": verdicts.email, "reason": verdicts.email_reason, "score": verdicts.score });
    transition.ledger.push(ledger::about(now, run.id, LedgerKind::Verified, record.id, sentence, details));

    let refuted_now = evergreen_verify::definite_invalid(&verdicts)
        .then(|| record.value("email").map(str::to_owned))
        .flatten()
        .filter(|address| !record.refuted.contains(address));
    if let Some(address) = refuted_now {
        // The address is proven dead: it no longer counts, and the waterfall may find a living one.
        record.refuted.push(address);
        record.verdicts = Some(verdicts);
        record.stage = Stage::Enrich;
        let evidence = world.store.evidence(&[record.id]).await?;
        recompute(world, record, &evidence);
        transition.keys.push(keys_of(record));
        return Ok(());
    }
    let gate = verdicts.gate.clone();
    // Nobody can decide for a resolver that is down: the question is asked again tomorrow, and only then put to a person.
    let silent = |verdicts: &Verdicts| verdicts.email_reason.starts_with("dns-");
    let ask_tomorrow = gate != Gate::Pass && silent(&verdicts) && !record.verdicts.as_ref().is_some_and(silent);
    let reason = evergreen_verify::reason(&verdicts).unwrap_or_else(|| Reason::new("verified", "Verified."));
    // A record whose only address was refuted is rejected for that, not for having none.
    let reason = match (&record.verdicts, record.value("email")) {
        (Some(before), None) if evergreen_verify::definite_invalid(before) => {
            evergreen_verify::reason(before).unwrap_or(reason)
        }
        _ => reason,
    };
    let keeps_refusal =
        record.value("email").is_none() && record.verdicts.as_ref().is_some_and(evergreen_verify::definite_invalid);
    if keeps_refusal {
        if let Some(before) = &mut record.verdicts {
            before.gate = gate.clone();
            before.at = now;
        }
    } else {
        record.verdicts = Some(verdicts);
    }
    match gate {
        Gate::Pass => record.stage = Stage::Route,
        _ if ask_tomorrow => {
            let why = Reason::new(reason.code, format!("{} Asked again tomorrow.", reason.sentence));
            transition.ledger.push(leave::wait(record, run, LedgerKind::Verified, why, in_days(now, 1), now));
        }
        Gate::Hold => transition.ledger.push(leave::hold(record, run, LedgerKind::Verified, reason, now)),
        Gate::Reject { retry_at } => {
            transition.ledger.push(leave::reject(world, record, run, LedgerKind::Verified, reason, retry_at));
        }
    }
    Ok(())
}
