//! Guards: how much one plan may change before a named person must approve it.

use evergreen_model::plan::GuardFinding;
use evergreen_model::{Action, Change, Money};

use crate::settings::{Guards, Settings, Severity};

/// A portal this small would trip the share guard with its first list.
const SMALL_PORTAL_RECORDS: u64 = 100;

/// What a plan would change, in numbers; filled step by step with [`Summary::add`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records the plan looked at.
    pub records: u64,
    /// Records in the portal before the plan, contacts and companies.
    pub portal_records: u64,
    /// Records that would be created.
    pub creates: u64,
    /// Records that would be updated.
    pub updates: u64,
    /// Records whose existing owner would change.
    pub owner_changes: u64,
    /// Records whose existing lifecycle stage would move.
    pub lifecycle_moves: u64,
    /// Duplicates that would be merged inside the portal.
    pub merges: u64,
    /// Records that would be moved to the recycle bin.
    pub deletions: u64,
    /// Money the run has spent.
    pub spend: Money,
}

impl Summary {
    /// Counts one step.
    pub fn add(&mut self, action: &Action, changes: &[Change]) {
        let replaces =
            |property: &str| changes.iter().any(|change| change.property == property && change.before.is_some());
        match action {
            Action::Create => {
                self.records += 1;
                self.creates += 1;
            }
            Action::Update => {
                self.records += 1;
                self.updates += 1;
                self.owner_changes += u64::from(replaces("hubspot_owner_id"));
                self.lifecycle_moves += u64::from(replaces("lifecyclestage"));
            }
            Action::Nothing => self.records += 1,
            Action::Merge { .. } => {
                self.records += 1;
                self.merges += 1;
            }
            Action::Archive => {
                self.records += 1;
                self.deletions += 1;
            }
            Action::Associate { .. } | Action::Enroll { .. } | Action::Unlink { .. } => {}
        }
    }
}

/// What the guards found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guarded {
    /// One finding per guard, also of those that hold.
    pub findings: Vec<GuardFinding>,
    /// Whether a named person must approve the plan.
    pub blocks: bool,
}

/// Holds a plan against the limits of the settings.
#[must_use]
pub fn guard(summary: &Summary, settings: &Settings) -> Guarded {
    let limits = &settings.guards;
    let count = |guard: &str, found: u64, limit: u64, what: &str| {
        finding(limits, guard, found as f64, limit as f64, |found, limit| {
            format!("{found} {what}, {limit} are allowed without approval")
        })
    };
    let mut findings = vec![
        count("creates", summary.creates, limits.max_creates, "records would be created"),
        count("owner-changes", summary.owner_changes, limits.max_owner_changes, "records would change their owner"),
        count(
            "lifecycle-moves",
            summary.lifecycle_moves,
            limits.max_lifecycle_moves,
            "records would move their lifecycle stage",
        ),
        count("merges", summary.merges, limits.max_merges, "duplicates would be merged for good"),
        count("deletions", summary.deletions, limits.max_deletions, "records would be moved to the recycle bin"),
    ];
    if summary.portal_records >= SMALL_PORTAL_RECORDS {
        let share = summary.updates as f64 / summary.portal_records as f64;
        findings.push(finding(limits, "share-touched", share, limits.max_share_touched, |found, limit| {
            format!(
                "{:.1} % of the portal's records would be updated, {:.1} % are allowed without approval",
                found * 100.0,
                limit * 100.0
            )
        }));
    }
    if let Some(limit) = limits.max_spend {
        findings.push(finding(limits, "spend", summary.spend.units(), limit, |found, limit| {
            format!("the run has spent {found:.2}, {limit:.2} are allowed without approval")
        }));
    }
    let blocks = findings.iter().any(|finding| finding.blocks);
    Guarded { findings, blocks }
}

fn finding(
    limits: &Guards,
    guard: &str,
    found: f64,
    limit: f64,
    sentence: impl Fn(f64, f64) -> String,
) -> GuardFinding {
    let exceeded = found > limit;
    GuardFinding {
        guard: guard.to_owned(),
        found,
        limit,
        exceeded,
        blocks: exceeded && limits.severity(guard) == Severity::Block,
        sentence: sentence(found, limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_within_its_limits_needs_nobody() {
        let summary = Summary { portal_records: 3_800, creates: 700, updates: 400, ..Summary::default() };
        assert!(!guard(&summary, &Settings::default()).blocks);
    }

    #[test]
    fn a_plan_that_touches_half_the_portal_waits_for_a_person() {
        let summary = Summary { portal_records: 1_000, updates: 500, ..Summary::default() };
        let guarded = guard(&summary, &Settings::default());
        assert!(guarded.blocks);
        let blocking: Vec<_> = guarded.findings.iter().filter(|finding| finding.blocks).collect();
        assert_eq!(blocking.len(), 1);
        assert_eq!(
            blocking[0].sentence,
            "50.0 % of the portal's records would be updated, 30.0 % are allowed without approval"
        );
    }

    #[test]
    fn a_guard_that_only_warns_is_told_and_stops_nothing_but_merges_and_deletions_always_do() {
        let mut settings = Settings::default();
        settings.guards.severity.insert("creates".to_owned(), Severity::Warn);
        let mut summary = Summary { creates: 9_000, ..Summary::default() };
        let warned = guard(&summary, &settings);
        assert!(!warned.blocks && warned.findings.iter().any(|finding| finding.guard == "creates" && finding.exceeded));
        summary.add(&Action::Archive, &[]);
        settings.guards.severity.insert("deletions".to_owned(), Severity::Warn);
        assert!(guard(&summary, &settings).blocks);
    }

    #[test]
    fn only_a_value_that_was_there_counts_as_an_owner_change() {
        let change = |before: Option<&str>| Change {
            property: "hubspot_owner_id".to_owned(),
            before: before.map(str::to_owned),
            after: "7".to_owned(),
            rule: evergreen_model::Protection::Always,
            reason: String::new(),
            evidence: None,
            clear_first: false,
        };
        let mut summary = Summary::default();
        summary.add(&Action::Update, &[change(None)]);
        summary.add(&Action::Update, &[change(Some("5"))]);
        assert_eq!((summary.updates, summary.owner_changes), (2, 1));
    }
}
