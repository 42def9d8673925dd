//! The report of a run: every number traced to rows, records, calls and steps, and checked to add up.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::call::{CallId, CallState};
use evergreen_model::report::{Costs, Fill, ProviderSpend};
use evergreen_model::{
    AnswerOutcome, EmailVerdict, Entity, LedgerKind, Money, Outcome, Problem, Record, RecordId, Remedy, ReviewKind,
    ReviewState, RowState, RunId, RunReport, RunState, Source, Stage, StepState,
};
use evergreen_ports::{CallQuery, StepQuery, Transition};
use evergreen_sync::{Work, calls_needed};
use serde_json::json;

use crate::golden::plain;
use crate::ledger;
use crate::world::World;

const PAGE: u32 = 2_000;
/// Fields whose fill people watch.
const CONTACT_FIELDS: &[&str] = &[
    "email",
    "firstname",
    "lastname",
    "jobtitle",
    "phone",
    "mobilephone",
    "hs_linkedin_url",
    "company",
    "city",
    "country",
];
const COMPANY_FIELDS: &[&str] = &["domain", "industry", "numberofemployees", "country", "phone"];

/// The report of a run; a finished run's report is kept as it was.
///
/// # Errors
/// `EG-ENGINE-001` when the counts do not add up, which is a bug and never hidden; `EG-REPORT-001` when there is no such run.
pub async fn of(world: &World, id: RunId) -> Result<RunReport, Problem> {
    let kept = format!("report:{}", id.0);
    if let Some(text) = world.store.remembered(&kept).await?
        && let Ok(report) = serde_json::from_str(&text)
    {
        return Ok(report);
    }
    let Some(run) = world.store.run(id).await? else {
        return Err(Problem::new(
            "EG-REPORT-001",
            Remedy::FixInput,
            format!("there is no run {}", id.0),
            "runs are numbered as `evergreen status` lists them",
            "use one of those numbers, or none for the newest",
        ));
    };
    let report = count(world, id).await?;
    if report.imported != report.outcome.sum() {
        return Err(Problem::new(
            "EG-ENGINE-001",
            Remedy::ReportBug,
            format!("{} rows came in, {} are accounted for", report.imported, report.outcome.sum()),
            "imported = synced + unchanged + held + rejected + suppressed + merged + waiting + quarantined must hold",
            "please report this with `evergreen status --json` and `evergreen ledger --json`",
        ));
    }
    if run.state == RunState::Done {
        let text = serde_json::to_string(&report).unwrap_or_default();
        let sentence = format!("run {}: {} rows counted out", id.0, report.imported);
        let line = ledger::general(
            world.clock.now(),
            Some(id),
            LedgerKind::Run,
            sentence,
            json!({ "outcome": report.outcome }),
        );
        world
            .store
            .commit(Transition { remember: vec![(kept, text)], ledger: vec![line], ..Transition::default() })
            .await?;
    }
    Ok(report)
}

/// Money spent or possibly spent in a run.
pub(crate) async fn spent(world: &World, run: RunId) -> Result<Money, Problem> {
    let mut total = Money::ZERO;
    for spend in spend(world, run, &BTreeMap::new()).await?.0.values() {
        total += Money::from_units(spend.money);
    }
    Ok(total)
}

async fn count(world: &World, run: RunId) -> Result<RunReport, Problem> {
    let mut report = RunReport { run: run.0, ..RunReport::default() };
    for ((state, outcome), count) in world.store.tally_rows(run).await? {
        let bucket = match state {
            RowState::Quarantined => Outcome::Quarantined,
            RowState::Merged => Outcome::Merged,
            RowState::Held => Outcome::Held,
            RowState::Staged => Outcome::Waiting,
            RowState::Resolved => outcome.unwrap_or(Outcome::Waiting),
        };
        report.imported += count;
        report.outcome.add(bucket, count);
    }
    for ((entity, outcome), count) in world.store.tally_due(run).await? {
        let bucket = outcome.unwrap_or(Outcome::Waiting);
        match entity {
            // A record that was merged away is counted by the row that moved to its survivor.
            Entity::Contact if bucket != Outcome::Merged => {
                report.imported += count;
                report.outcome.add(bucket, count);
            }
            Entity::Contact => {}
            Entity::Company => report.companies.add(bucket, count),
        }
    }
    let mut reused = Reused::new();
    let outcomes = records(world, run, &mut report, &mut reused).await?;
    rows(world, run, &mut report).await?;
    let (spend, on_rejected) = spend(world, run, &outcomes).await?;
    report.spend = spend;
    count_reused(world, reused, &mut report).await?;
    report.cost = costs(&report, on_rejected);
    steps(world, run, &mut report).await?;
    let passed =
        outcomes.values().filter(|outcome| matches!(outcome, Outcome::Synced | Outcome::Unchanged)).count() as u64;
    report.handoff.gated = passed.saturating_sub(report.handoff.enrolled + report.handoff.refused);
    Ok(report)
}

/// Fill, verdicts, reasons and owners; returns the outcome of every contact of the run.
async fn records(
    world: &World,
    run: RunId,
    report: &mut RunReport,
    reused: &mut Reused,
) -> Result<BTreeMap<RecordId, Outcome>, Problem> {
    let mut outcomes = BTreeMap::new();
    let mut shared = 0_u64;
    for entity in [Entity::Contact, Entity::Company] {
        let mut after = None;
        loop {
            let page = world.store.scan(entity, Some(run), after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            let page: Vec<Record> = page.into_iter().filter(|record| record.stage != Stage::Merged).collect();
            fill(world, run, entity, &page, report, reused).await?;
            if entity == Entity::Company {
                continue;
            }
            let mut written = Vec::new();
            for record in &page {
                let outcome = record.outcome.unwrap_or(Outcome::Waiting);
                outcomes.insert(record.id, outcome);
                if let Some(verdicts) = &record.verdicts {
                    *report.verdicts.entry(verdicts.email.as_str().to_owned()).or_default() += 1;
                }
                match (outcome, &record.reason) {
                    (Outcome::Synced | Outcome::Unchanged, _) => {
                        written.push(record);
                        if let Some(owner) = &record.owner {
                            *report.owners.entry(owner.owner_email.clone()).or_default() += 1;
                        }
                    }
                    (_, Some(reason)) => *report.reasons.entry(reason.code.clone()).or_default() += 1,
                    (_, None) => {}
                }
            }
            shared += sharing(world, &written).await?;
        }
    }
    let written = outcomes.values().filter(|outcome| matches!(outcome, Outcome::Synced | Outcome::Unchanged)).count();
    report.duplicates.rate_after = if written == 0 { 0.0 } else { round(shared as f64 / written as f64) };
    Ok(outcomes)
}

async fn fill(
    world: &World,
    run: RunId,
    entity: Entity,
    page: &[Record],
    report: &mut RunReport,
    reused: &mut Reused,
) -> Result<(), Problem> {
    let ids: Vec<RecordId> = page.iter().map(|record| record.id).collect();
    let mut before: BTreeSet<(RecordId, String)> = BTreeSet::new();
    for piece in world.store.evidence(&ids).await? {
        if let (Some(call), Source::Provider(name), true) = (piece.call, &piece.source, piece.run == Some(run)) {
            *reused.entry(name.clone()).or_default().entry(call).or_default() += 1;
        }
        if matches!(piece.source, Source::List(_) | Source::Crm) {
            before.extend(piece.fields.into_keys().map(|field| (piece.record, field)));
        }
    }
    let (names, prefix) = match entity {
        Entity::Contact => (CONTACT_FIELDS, ""),
        Entity::Company => (COMPANY_FIELDS, "company."),
    };
    for name in names {
        let slot: &mut Fill = report.fill.entry(format!("{prefix}{name}")).or_default();
        slot.of += page.len() as u64;
        slot.before += page.iter().filter(|record| before.contains(&(record.id, (*name).to_owned()))).count() as u64;
        slot.after += page.iter().filter(|record| record.values.contains_key(*name)).count() as u64;
    }
    Ok(())
}

/// Per provider: how many pieces of this run's evidence each call gave.
type Reused = BTreeMap<String, BTreeMap<CallId, u64>>;

/// An answer that filled more than the record it was bought for, or was bought in an earlier run, was used again for free.
async fn count_reused(world: &World, reused: Reused, report: &mut RunReport) -> Result<(), Problem> {
    let mut bought: BTreeSet<CallId> = BTreeSet::new();
    let mut after = None;
    loop {
        let query = CallQuery { run: Some(RunId(report.run)), after, limit: PAGE, ..CallQuery::default() };
        let page = world.store.calls(query).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        bought.extend(page.iter().map(|call| call.id));
    }
    for (name, calls) in reused {
        let used: u64 = calls.iter().map(|(call, uses)| uses - u64::from(bought.contains(call))).sum();
        report.spend.entry(name).or_default().cached += used;
    }
    Ok(())
}

/// How many of these share an address or profile with another living record.
async fn sharing(world: &World, written: &[&Record]) -> Result<u64, Problem> {
    let strong = |record: &Record| -> Vec<String> {
        evergreen_resolve::keys(record.entity, &plain(record))
            .into_iter()
            .filter(|key| key.starts_with("e:") || key.starts_with("l:"))
            .collect()
    };
    let keys: Vec<String> = written.iter().flat_map(|record| strong(record)).collect();
    let mut holders: BTreeMap<String, BTreeSet<RecordId>> = BTreeMap::new();
    for (key, id) in world.store.candidates(Entity::Contact, &keys, 3).await? {
        holders.entry(key).or_default().insert(id);
    }
    let shares = |record: &&&Record| strong(record).iter().any(|key| holders.get(key).is_some_and(|ids| ids.len() > 1));
    Ok(written.iter().filter(shares).count() as u64)
}

async fn rows(world: &World, run: RunId, report: &mut RunReport) -> Result<(), Problem> {
    for state in [RowState::Merged, RowState::Resolved] {
        let mut after = None;
        loop {
            let page = world.store.rows(Some(run), state, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for row in page {
                match row.reason.as_ref().map(|reason| reason.code.as_str()) {
                    Some("already-in-portal") => report.duplicates.with_portal += 1,
                    Some(code) if code.starts_with("duplicate") => report.duplicates.in_list += 1,
                    _ => {}
                }
            }
        }
    }
    let open = world.store.reviews(Some(ReviewState::Open)).await?;
    let pairs = open.iter().filter(|review| review.run == Some(run) && matches!(review.kind, ReviewKind::Pair { .. }));
    report.duplicates.held = pairs.count() as u64;
    Ok(())
}

async fn spend(
    world: &World,
    run: RunId,
    outcomes: &BTreeMap<RecordId, Outcome>,
) -> Result<(BTreeMap<String, ProviderSpend>, Money), Problem> {
    let mut by_provider: BTreeMap<String, (ProviderSpend, i64, i64)> = BTreeMap::new();
    let mut on_rejected = Money::ZERO;
    let mut after = None;
    loop {
        let page = world.store.calls(CallQuery { run: Some(run), after, limit: PAGE, ..CallQuery::default() }).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for call in page {
            let (spend, credits, money) = by_provider.entry(call.question.provider.clone()).or_default();
            let charge = match call.state {
                CallState::Settled => call.answer.as_ref().map(|answer| answer.charge).unwrap_or_default(),
                CallState::Uncertain | CallState::Reserved => {
                    spend.uncertain += 1;
                    call.reserved
                }
                CallState::Released => continue, // not charged and not answered: as if it had never been asked
            };
            spend.calls += 1;
            match call.answer.as_ref().map(|answer| answer.outcome) {
                Some(AnswerOutcome::Hit | AnswerOutcome::Partial) => spend.hits += 1,
                Some(AnswerOutcome::Miss) => spend.misses += 1,
                Some(_) => spend.other += 1,
                None => {}
            }
            *credits += charge.credits.micros;
            *money += charge.money.micros;
            if outcomes.get(&call.record) == Some(&Outcome::Rejected) {
                on_rejected += charge.money;
            }
        }
    }
    let finished = by_provider
        .into_iter()
        .map(|(name, (mut spend, credits, money))| {
            spend.credits = credits as f64 / 1e6;
            spend.money = money as f64 / 1e6;
            (name, spend)
        })
        .collect();
    Ok((finished, on_rejected))
}

fn costs(report: &RunReport, on_rejected: Money) -> Costs {
    let total: f64 = report.spend.values().map(|spend| spend.money).sum();
    let found: u64 = report.spend.values().map(|spend| spend.hits).sum();
    let verified = report.verdicts.get(EmailVerdict::Valid.as_str()).copied().unwrap_or_default();
    let qualified = report.outcome.synced + report.outcome.unchanged;
    let per = |denominator: u64| (denominator > 0).then(|| round(total / denominator as f64));
    Costs {
        total: round(total),
        per_raw_row: per(report.imported),
        per_found: per(found),
        per_verified: per(verified),
        per_qualified: per(qualified),
        on_rejected: on_rejected.units(),
    }
}

fn round(amount: f64) -> f64 {
    (amount * 1e4).round() / 1e4
}

async fn steps(world: &World, run: RunId, report: &mut RunReport) -> Result<(), Problem> {
    let Some(plan) = world.store.latest_plan(Some(run)).await? else { return Ok(()) };
    let mut work: BTreeMap<Entity, Work> = BTreeMap::new();
    let mut after = None;
    loop {
        let query = StepQuery {
            plan: plan.id,
            states: Vec::new(),
            entity: None,
            action: None,
            record: None,
            after,
            limit: PAGE,
        };
        let page = world.store.steps(query).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for step in page {
            let done = step.state == StepState::Done;
            let work = work.entry(step.entity).or_default();
            match step.action.as_str() {
                "create" | "update" => {
                    if step.action.as_str() == "create" {
                        report.sync.created += u64::from(done);
                        work.creates += 1;
                    } else {
                        report.sync.updated += u64::from(done);
                        work.updates += 1;
                    }
                    if done {
                        report.sync.properties += step.changes.len() as u64;
                    }
                    report.sync.failed += u64::from(step.state == StepState::Failed);
                    let stale = step.state == StepState::Stale || step.kept.iter().any(|kept| kept.code == "stale");
                    report.sync.stale += u64::from(stale);
                }
                "associate" => {
                    work.links += 1;
                    report.sync.associated += u64::from(done);
                }
                "enroll" => {
                    report.handoff.enrolled += u64::from(done);
                    report.handoff.refused += u64::from(step.state == StepState::Failed);
                }
                _ => {}
            }
            let protected = |code: &str| matches!(code, "protected" | "cleared-by-person" | "never");
            report.sync.protected += step.kept.iter().filter(|kept| protected(&kept.code)).count() as u64;
        }
    }
    report.sync.calls = calls_needed(&work.into_values().collect::<Vec<_>>(), 0).calls;
    Ok(())
}
