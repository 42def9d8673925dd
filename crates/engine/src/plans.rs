//! A plan as people and machines read it: counts, price, calls, examples field by field, or the whole.

use evergreen_model::{Action, Change, Entity, Kept, Plan, Problem, RunId, Step, StepState};
use evergreen_ports::StepQuery;
use evergreen_sync::{Work, calls_needed};
use serde::Serialize;

use crate::report;
use crate::world::World;

const PAGE: u32 = 2_000;

/// A plan at a glance.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// Its head, guards included.
    pub plan: Plan,
    /// Records looked at.
    pub records: u64,
    /// Records to create.
    pub creates: u64,
    /// Records to update.
    pub updates: u64,
    /// Records that are right already.
    pub nothing: u64,
    /// Contacts to link to their company.
    pub associates: u64,
    /// Links between a contact and a company to take away.
    pub unlinks: u64,
    /// Duplicates inside the portal to merge, for good.
    pub merges: u64,
    /// Records to move to the recycle bin.
    pub archives: u64,
    /// Contacts to enrol.
    pub enrolls: u64,
    /// Steps that can not be performed, each with its reason.
    pub stuck: u64,
    /// Properties left alone because a rule protects them.
    pub protected: u64,
    /// Portal calls apply needs.
    pub calls: u64,
    /// Seconds that takes under the portal's limit.
    pub seconds: u64,
    /// Money the run has spent so far, in the project's currency.
    pub spent: f64,
    /// A few steps in full, those that change most first.
    pub examples: Vec<Step>,
}

/// A plan with every step.
#[derive(Clone, Debug, Serialize)]
pub struct Whole {
    /// Its head.
    pub plan: Plan,
    /// Every step, in order.
    pub steps: Vec<Step>,
}

/// Counts a plan and picks examples.
///
/// # Errors
/// When the store cannot be read.
pub async fn overview(world: &World, plan: &Plan, examples: u32) -> Result<Overview, Problem> {
    let mut overview = Overview {
        plan: plan.clone(),
        records: 0,
        creates: 0,
        updates: 0,
        nothing: 0,
        associates: 0,
        unlinks: 0,
        merges: 0,
        archives: 0,
        enrolls: 0,
        stuck: 0,
        protected: 0,
        calls: 0,
        seconds: 0,
        spent: report::spent(world, plan.run).await?.units(),
        examples: Vec::new(),
    };
    let mut work = [Work::default(), Work::default()];
    let most = examples as usize;
    walk(world, plan, |step| {
        let work = &mut work[usize::from(step.entity == Entity::Company)];
        let (counted, called) = match &step.action {
            Action::Create => (&mut overview.creates, Some(&mut work.creates)),
            Action::Update => (&mut overview.updates, Some(&mut work.updates)),
            Action::Associate { .. } => (&mut overview.associates, Some(&mut work.links)),
            Action::Unlink { .. } => (&mut overview.unlinks, Some(&mut work.links)),
            Action::Merge { .. } => (&mut overview.merges, Some(&mut work.merges)),
            Action::Archive => (&mut overview.archives, Some(&mut work.archives)),
            Action::Enroll { .. } => (&mut overview.enrolls, None),
            Action::Nothing if step.state == StepState::Stale => (&mut overview.stuck, None),
            Action::Nothing => (&mut overview.nothing, None),
        };
        *counted += 1;
        if let Some(called) = called {
            *called += 1;
        }
        if !matches!(step.action, Action::Merge { .. }) {
            overview.protected += evergreen_sync::left_alone(&step.kept).count() as u64;
        }
        if !(step.changes.is_empty() && step.kept.is_empty()) {
            overview.examples.push(step);
            if overview.examples.len() > most.max(1) * 4 {
                keep_best(&mut overview.examples, most);
            }
        }
    })
    .await?;
    keep_best(&mut overview.examples, most);
    overview.records = overview.creates + overview.updates + overview.merges + overview.archives + overview.nothing;
    let estimate = calls_needed(&work, world.config.portal.requests_per_10s);
    (overview.calls, overview.seconds) = (estimate.calls, estimate.seconds);
    Ok(overview)
}

/// People before firms; those with something kept and something changed tell most.
fn keep_best(steps: &mut Vec<Step>, most: usize) {
    let told = |step: &Step| {
        let written = if step.action == Action::Archive { 0 } else { step.changes.len() };
        std::cmp::Reverse((step.kept.len().min(2), written.min(6)))
    };
    steps.sort_by_key(|step| (step.entity == Entity::Company, told(step), step.id));
    steps.truncate(most);
}

/// The plan with every step; for files and machines.
///
/// # Errors
/// When the store cannot be read.
pub async fn whole(world: &World, plan: &Plan) -> Result<Whole, Problem> {
    let mut steps = Vec::new();
    walk(world, plan, |step| steps.push(step)).await?;
    Ok(Whole { plan: plan.clone(), steps })
}

/// Whether a property is one that Evergreen keeps for itself, such as `evergreen_id`; nobody in the portal types into it.
#[must_use]
pub fn is_own(property: &str) -> bool {
    evergreen_sync::OWN_PROPERTIES.contains(&property)
}

/// Who, and one property written.
pub type ChangedExample = (String, Change);
/// Who, and one property left alone.
pub type KeptExample = (String, Kept);

/// Changes made to records the portal had, and values left alone, a few of each, for the report page.
///
/// # Errors
/// When the store cannot be read.
pub async fn examples(
    world: &World,
    run: RunId,
    most: usize,
) -> Result<(Vec<ChangedExample>, Vec<KeptExample>), Problem> {
    let mut changed = Vec::new();
    let mut kept = Vec::new();
    let Some(plan) = world.store.latest_plan(Some(run)).await? else { return Ok((changed, kept)) };
    walk(world, &plan, |step| {
        if step.action.as_str() == "update" && step.state == StepState::Done && changed.len() < most {
            let told = step.changes.iter().find(|change| !is_own(&change.property));
            changed.extend(told.map(|change| (step.title.clone(), change.clone())));
        }
        if kept.len() < most {
            let told =
                step.kept.iter().find(|kept| matches!(kept.code.as_str(), "protected" | "stale" | "cleared-by-person"));
            kept.extend(told.map(|line| (step.title.clone(), line.clone())));
        }
    })
    .await?;
    Ok((changed, kept))
}

async fn walk(world: &World, plan: &Plan, mut visit: impl FnMut(Step)) -> Result<(), Problem> {
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
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        page.into_iter().for_each(&mut visit);
    }
}
