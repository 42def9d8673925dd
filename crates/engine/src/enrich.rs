//! Stage 4 performed: fills what is missing, source by source, and spends only on that.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_enrich::{Attempt, Next};
use evergreen_model::call::CallId;
use evergreen_model::evidence::Fields;
use evergreen_model::{
    Answer, AnswerOutcome, Entity, Evidence, EvidenceId, LedgerKind, Money, Origin, Problem, Reason, Record, RecordId,
    Run, Source, Stage, Suppression, SuppressionReason, Truth,
};
use evergreen_ports::store::IdKind;
use evergreen_ports::{Claim, Transition};
use serde_json::json;

use crate::golden::{keys_of, plain, recompute};
use crate::leave;
use crate::ledger;
use crate::merge;
use crate::qualify::{claim, companies_of, company_of, decide, in_days, ready_by};
use crate::spend::{self, Ask, Told};
use crate::suppress::hashed_key;
use crate::world::World;

/// Records whose answers are carried in memory at a time.
const BATCH: u32 = 500;

/// Fills the gaps of the run's companies, then of its contacts: what a company answer gives, no contact has to buy.
pub(crate) async fn fill_gaps(world: &World, run: &Run) -> Result<(), Problem> {
    let mut closed = Closed::default();
    let employers = employers(world, run).await?;
    for entity in [Entity::Company, Entity::Contact] {
        let waiting = world.store.tally_stages().await?.get(&(entity, Stage::Enrich)).copied().unwrap_or_default();
        tell_price(world, entity, waiting);
        world.progress.begin(&format!("enriching {}", entity.object()), Some(waiting));
        let mut calls = 0;
        loop {
            let batch = claim(world, run, Stage::Enrich, entity, BATCH).await?;
            if batch.is_empty() {
                break;
            }
            world.progress.advance(batch.len() as u64);
            let batch = match entity {
                Entity::Company => pass_unwanted(world, run, batch, &employers).await?,
                Entity::Contact => batch,
            };
            calls += enrich_batch(world, run, batch, &mut closed).await?;
        }
        world.progress.end(&format!("{calls} questions for {}", entity.object()));
    }
    for note in closed.notes() {
        world.progress.note(&note);
    }
    Ok(())
}

/// Companies of the contacts that are still on their way.
async fn employers(world: &World, run: &Run) -> Result<BTreeSet<RecordId>, Problem> {
    let mut employers = BTreeSet::new();
    let mut after = None;
    loop {
        let due_by = ready_by(world, run);
        let claim = Claim {
            stage: Stage::Enrich,
            entity: Some(Entity::Contact),
            run: Some(run.id),
            due_by,
            after,
            limit: BATCH,
        };
        let page = world.store.claim(claim).await?;
        let Some(last) = page.last() else { return Ok(employers) };
        after = Some(last.id);
        employers.extend(page.iter().filter_map(|record| record.company));
    }
}

/// A company that only a list named, and none of whose contacts goes on, is not worth a question.
async fn pass_unwanted(
    world: &World,
    run: &Run,
    batch: Vec<Record>,
    employers: &BTreeSet<RecordId>,
) -> Result<Vec<Record>, Problem> {
    let unwanted = |record: &Record| {
        record.origin == Origin::Derived && record.portal_id.is_none() && !employers.contains(&record.id)
    };
    let (mut unwanted, wanted): (Vec<Record>, Vec<Record>) = batch.into_iter().partition(unwanted);
    let mut transition = Transition::default();
    for record in &mut unwanted {
        record.stage = Stage::Route;
        let sentence = "nothing is bought for it: none of its contacts goes on";
        let details = json!({ "code": "no-contact-wanted" });
        transition.ledger.push(ledger::about(
            world.clock.now(),
            run.id,
            LedgerKind::Qualified,
            record.id,
            sentence,
            details,
        ));
    }
    transition.records = unwanted;
    if !transition.records.is_empty() {
        world.store.commit(transition).await?;
    }
    Ok(wanted)
}

/// Contacts that verification sent back because their address is dead ask the rest of the waterfall for a living one.
pub(crate) async fn fill_gaps_again(world: &World, run: &Run, closed: &mut Closed) -> Result<(), Problem> {
    loop {
        let batch = claim(world, run, Stage::Enrich, Entity::Contact, BATCH).await?;
        if batch.is_empty() {
            return Ok(());
        }
        enrich_batch(world, run, batch, closed).await?;
    }
}

/// The price before anything is spent: the most it can be if every source is asked about every record.
fn tell_price(world: &World, entity: Entity, records: u64) {
    let most = evergreen_enrich::price_range(&world.decisions.waterfalls, entity, records).most;
    if records == 0 || most == Money::ZERO {
        return;
    }
    let ceiling = match world.config.enrich.budget.per_run {
        Some(budget) => format!("; the budget stops it at {}", Money::from_units(budget)),
        None => "; there is no budget per run".to_owned(),
    };
    world
        .progress
        .note(&format!("{records} {} may have gaps: filling them costs at most {most}{ceiling}", entity.object()));
}

/// Providers and budgets that are at their end for this run.
#[derive(Default)]
pub(crate) struct Closed {
    providers: BTreeMap<String, String>,
    budget: Option<String>,
}

impl Closed {
    fn notes(&self) -> Vec<String> {
        let providers = self.providers.iter().map(|(name, why)| format!("{name} was not asked any more: {why}"));
        let budget = self
            .budget
            .iter()
            .map(|which| format!("the budget per {which} is used up; what it would have bought waits"));
        providers.chain(budget).collect()
    }
}

/// One record on its way down the waterfall.
struct Job {
    record: Record,
    company: Option<Fields>,
    known: Fields,
    attempts: Vec<Attempt>,
    gained: Vec<(Source, CallId, Answer, Fields)>,
    refused: Option<String>,
    /// What kept it from being asked, which may be over tomorrow.
    blocked: Option<Reason>,
    finished: bool,
}

async fn enrich_batch(world: &World, run: &Run, batch: Vec<Record>, closed: &mut Closed) -> Result<u64, Problem> {
    let companies = companies_of(world, &batch).await?;
    let mut jobs: Vec<Job> = batch
        .into_iter()
        .map(|record| Job {
            company: company_of(&record, &companies).map(plain),
            known: plain(&record),
            record,
            attempts: Vec::new(),
            gained: Vec::new(),
            refused: None,
            blocked: None,
            finished: false,
        })
        .collect();
    let width = world.config.enrich.concurrency.max(1) as usize;
    let mut questions = 0;
    loop {
        let (asks, askers) = next_wave(world, &mut jobs, closed, width);
        if asks.is_empty() {
            break;
        }
        questions += asks.len() as u64;
        let told = spend::wave(world, run.id, &asks).await?;
        for ((ask, asker), told) in asks.into_iter().zip(askers).zip(told) {
            hear(&mut jobs[asker], ask, told, closed);
        }
    }
    conclude(world, run, jobs).await?;
    Ok(questions)
}

/// The next question of as many unfinished records as a wave holds.
fn next_wave(world: &World, jobs: &mut [Job], closed: &Closed, width: usize) -> (Vec<Ask>, Vec<usize>) {
    let mut asks = Vec::new();
    let mut askers = Vec::new();
    let stopped: BTreeSet<String> = closed.providers.keys().cloned().collect();
    for (index, job) in jobs.iter_mut().enumerate() {
        while !job.finished && asks.len() < width {
            let next = evergreen_enrich::next(
                &world.decisions.waterfalls,
                &evergreen_enrich::Ask {
                    entity: job.record.entity,
                    known: &job.known,
                    company: job.company.as_ref(),
                    bad: &bad_fields(&job.record),
                    attempts: &job.attempts,
                    stopped: &stopped,
                },
            );
            let Next::Ask { provider, operation, wanted } = next else {
                job.finished = true;
                if let (Next::Exhausted { missing, .. }, true) = (&next, !stopped.is_empty() && job.blocked.is_none()) {
                    job.blocked = Some(stopped_reason(missing, closed));
                }
                break;
            };
            let inputs =
                evergreen_enrich::inputs(job.record.entity, &job.known, job.company.as_ref(), &bad_fields(&job.record));
            match world.provider(&provider).and_then(|source| source.question(&operation, &inputs)) {
                Some(question) => {
                    asks.push(Ask { record: job.record.id, question, wanted });
                    askers.push(index);
                    break;
                }
                // The card promised these inputs suffice; the manifest disagrees, so this step is passed over.
                None => job.attempts.push(Attempt { provider, operation, outcome: AnswerOutcome::InvalidInput }),
            }
        }
        if asks.len() >= width {
            break;
        }
    }
    (asks, askers)
}

fn stopped_reason(missing: &[String], closed: &Closed) -> Reason {
    let who: Vec<String> = closed.providers.iter().map(|(name, why)| format!("{name} ({why})")).collect();
    Reason::new(
        "provider-unavailable",
        format!("{} still missing; not asked: {}. Asked again tomorrow.", missing.join(", "), who.join(", ")),
    )
}

/// Takes what was told about one record.
fn hear(job: &mut Job, ask: Ask, told: Told, closed: &mut Closed) {
    let Ask { question, .. } = ask;
    let attempt =
        |outcome| Attempt { provider: question.provider.clone(), operation: question.operation.clone(), outcome };
    match told {
        Told::Later => {}
        Told::Lost => job.attempts.push(attempt(AnswerOutcome::Transient)),
        Told::OverBudget(which) => {
            if let Some(provider) = which.strip_prefix("provider ") {
                closed.providers.insert(provider.to_owned(), "its budget is used up".to_owned());
            } else {
                let sentence = format!("Waits: the budget per {which} is used up.");
                job.blocked = Some(Reason::new("over-budget", sentence));
                job.finished = true;
                if which != "record" {
                    closed.budget = Some(which);
                }
            }
        }
        Told::Answer(call, answer) => {
            let outcome = answer.outcome;
            job.attempts.push(attempt(outcome));
            if outcome.stops_provider() {
                closed.providers.insert(question.provider.clone(), answer.note.clone());
            } else if outcome == AnswerOutcome::Refused {
                // The person forbids it: nothing bought for them in this run is kept, and nobody else is asked.
                job.gained.clear();
                job.refused = Some(question.provider.clone());
                job.finished = true;
            } else if matches!(outcome, AnswerOutcome::Transient | AnswerOutcome::RateLimited | AnswerOutcome::Pending)
            {
                let sentence = format!("{} did not answer ({}). Asked again tomorrow.", question.provider, answer.note);
                job.blocked.get_or_insert(Reason::new("provider-unavailable", sentence));
            } else {
                let accepted = evergreen_enrich::accept(job.record.entity, &question, &job.known, &answer);
                for (field, value) in &accepted.fields {
                    let wrong = job.record.refuted.contains(value);
                    if !wrong && (!job.known.contains_key(field) || bad_fields(&job.record).contains(field)) {
                        job.known.insert(field.clone(), value.clone());
                    }
                }
                let source = match question.provider.strip_prefix("table.") {
                    Some(table) => Source::Table(table.to_owned()),
                    None => Source::Provider(question.provider.clone()),
                };
                job.gained.push((source, call, answer, accepted.fields));
            }
        }
    }
}

/// Fields whose present value is proven wrong count as missing.
fn bad_fields(record: &Record) -> Vec<String> {
    record
        .values
        .iter()
        .filter(|(_, golden)| record.refuted.contains(&golden.value))
        .map(|(field, _)| field.clone())
        .collect()
}

/// Writes what was learnt: evidence, golden values, keys; then the ICP is asked again and the record moves on.
async fn conclude(world: &World, run: &Run, jobs: Vec<Job>) -> Result<(), Problem> {
    let now = world.clock.now();
    let mut transition = Transition::default();
    let gained: usize =
        jobs.iter().map(|job| job.gained.iter().filter(|(.., fields)| !fields.is_empty()).count()).sum();
    let mut evidence_id = world.store.allocate(IdKind::Evidence, gained as u64).await?;
    let ids: Vec<RecordId> = jobs.iter().filter(|job| !job.gained.is_empty()).map(|job| job.record.id).collect();
    let mut stored: BTreeMap<RecordId, Vec<Evidence>> = BTreeMap::new();
    for piece in world.store.evidence(&ids).await? {
        stored.entry(piece.record).or_default().push(piece);
    }

    let mut going_on = Vec::new();
    let mut stopped = Vec::new();
    for mut job in jobs {
        let evidence = stored.entry(job.record.id).or_default();
        for (source, call, answer, fields) in job.gained {
            if fields.is_empty() {
                continue;
            }
            let piece = Evidence {
                id: EvidenceId(evidence_id),
                record: job.record.id,
                source,
                run: Some(run.id),
                at: now,
                fields,
                confidence: answer.confidence,
                call: Some(call),
                row: None,
            };
            evidence_id += 1;
            evidence.push(piece.clone());
            transition.evidence.push(piece);
        }
        if !evidence.is_empty() {
            recompute(world, &mut job.record, evidence);
            transition.keys.push(keys_of(&job.record));
        }
        if let Some(provider) = job.refused {
            transition.suppressions.extend(refusal(world, &job.record, &provider, now));
            let sentence = format!("Suppressed: {provider} says this person forbids processing their data.");
            transition.ledger.push(leave::suppress(
                &mut job.record,
                run,
                Reason::new("refused-by-person", sentence),
                now,
            ));
            stopped.push(job.record);
        } else if let (Some(why), true) = (job.blocked, lacks_mandatory(world, &job.known, &job.record)) {
            transition.ledger.push(leave::wait(&mut job.record, run, LedgerKind::Settled, why, in_days(now, 1), now));
            stopped.push(job.record);
        } else {
            going_on.push(job.record);
        }
    }

    let (mut going_on, merged) = merge::by_new_keys(world, run, going_on, &mut transition).await?;
    stopped.extend(merged);
    let asked_again: Vec<Record> = {
        let unknown = |record: &Record| record.fit.as_ref().is_none_or(|fit| fit.answer != Truth::Yes);
        let (again, fine): (Vec<Record>, Vec<Record>) = going_on.drain(..).partition(unknown);
        going_on = fine;
        again
    };
    // Companies of contacts were enriched before, so the answer that was unknown may be known now.
    let decided = decide(world, run, asked_again, true).await?;
    transition.ledger.extend(decided.ledger);
    going_on.extend(decided.records);
    for record in &mut going_on {
        if record.stage == Stage::Enrich {
            record.stage = match record.entity {
                Entity::Contact => Stage::Verify,
                Entity::Company => Stage::Route,
            };
        }
    }
    transition.records.extend(going_on);
    transition.records.extend(stopped);
    leave::open_reviews(world, run, &mut transition).await?;
    world.store.commit(transition).await?;
    Ok(())
}

fn lacks_mandatory(world: &World, known: &Fields, record: &Record) -> bool {
    let waterfall = match record.entity {
        Entity::Contact => &world.config.enrich.contact,
        Entity::Company => &world.config.enrich.company,
    };
    record.entity == Entity::Contact
        && waterfall.mandatory.iter().any(|field| known.get(field).is_none_or(|value| record.refuted.contains(value)))
}

/// A refusal is aimed at everybody: the person's address goes on the list as a hash, never as itself.
fn refusal(world: &World, record: &Record, provider: &str, now: jiff::Timestamp) -> Vec<Suppression> {
    ["email", "hs_linkedin_url"]
        .into_iter()
        .filter_map(|field| record.value(field))
        .map(|value| Suppression {
            key: hashed_key(world.store.instance(), value),
            reason: SuppressionReason::Refused,
            by: provider.to_owned(),
            at: now,
        })
        .collect()
}
