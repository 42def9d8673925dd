//! A plan as text: counts, field-by-field examples, what is left alone and why, guards, price, and the command that applies it.

use evergreen_engine::plans;
use evergreen_model::{Action, Change, Plan, PlanState, Step, StepState};

use super::numbers::{count, counted, plain, time};

/// Longest value shown, in characters.
const VALUE: usize = 80;
/// Longest sentence shown, in characters.
const SENTENCE: usize = 200;

/// How many steps a plan has of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanCounts {
    /// Records the plan looked at.
    pub records: u64,
    /// Records that would be created.
    pub creates: u64,
    /// Records that would be updated.
    pub updates: u64,
    /// Records that are right already.
    pub nothing: u64,
    /// Contacts that would be linked to their company.
    pub associates: u64,
    /// Links between a contact and a company that would be taken away.
    pub unlinks: u64,
    /// Duplicates that would be merged inside the portal, for good.
    pub merges: u64,
    /// Records that would go to the recycle bin.
    pub archives: u64,
    /// Contacts that would be handed to the sequencer.
    pub enrolls: u64,
    /// Steps that can not be performed, each with its reason.
    pub stuck: u64,
    /// Values that are known but left alone.
    pub protected: u64,
}

impl PlanCounts {
    /// Steps that write something somewhere.
    #[must_use]
    pub const fn work(&self) -> u64 {
        self.creates + self.updates + self.associates + self.unlinks + self.merges + self.archives + self.enrolls
    }
}

/// The plan as text, for people; ends with a newline. `calls` says how many portal calls apply needs and how long they take, `spent`
/// what the run has cost so far.
#[must_use]
pub fn text(plan: &Plan, counts: &PlanCounts, examples: &[Step], calls: &str, spent: &str) -> String {
    let mut blocks = vec![head(plan), counts_of(counts)];
    let shown: Vec<String> = examples.iter().map(example).filter(|text| !text.is_empty()).collect();
    if !shown.is_empty() {
        let all = counts.work() + counts.stuck;
        let number = shown.len() as u64;
        blocks.push(format!(
            "Examples ({} of {})\n{}",
            count(number),
            counted(all.max(number), "step", "steps"),
            shown.join("\n")
        ));
    }
    if !plan.guards.is_empty() {
        blocks.push(guards(plan));
    }
    blocks.push(price(calls, spent));
    blocks.push(ending(plan, counts));
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

fn head(plan: &Plan) -> String {
    let mut text =
        format!("Plan {} of run {}, made {}: {}", plan.id.0, plan.run.0, time(plan.created_at), state(plan.state));
    if let Some(person) = &plan.approved_by {
        text.push_str(&format!("\nApproved by {}", plain(person, SENTENCE)));
    }
    text
}

/// What became of a plan so far, in words.
pub(crate) const fn state(state: PlanState) -> &'static str {
    match state {
        PlanState::Draft => "not finished",
        PlanState::Ready => "ready, nothing is written yet",
        PlanState::Guarded => "stopped by a guard, a named person must approve it",
        PlanState::Applying => "being applied",
        PlanState::Applied => "applied",
        PlanState::Superseded => "replaced by a later plan",
    }
}

fn counts_of(counts: &PlanCounts) -> String {
    let of = format!("of {}", counted(counts.records, "record", "records"));
    let lines = [
        ("+", counts.creates, "to create", of.as_str()),
        ("~", counts.updates, "to update", of.as_str()),
        ("<", counts.merges, "to merge", "duplicates inside the portal, for good"),
        ("-", counts.archives, "to delete", "to HubSpot's recycle bin, kept there for 90 days"),
        ("=", counts.nothing, "already right", of.as_str()),
        ("&", counts.associates, "to link", "contacts to their company"),
        ("/", counts.unlinks, "to unlink", "contacts from their company"),
        (">", counts.enrolls, "to enroll", "contacts in the sequencer"),
        ("x", counts.stuck, "not possible", "each with its reason"),
        ("!", counts.protected, "values left alone", "known, but protected"),
    ];
    let width = lines.iter().map(|(_, number, _, _)| count(*number).len()).max().unwrap_or(1);
    let lines: Vec<_> = lines
        .iter()
        .filter(|(_, number, _, _)| *number > 0)
        .map(|(sign, number, what, note)| format!("{sign} {:>width$}  {what:<17}  {note}", count(*number)))
        .collect();
    if lines.is_empty() {
        format!("Nothing to do: {} looked at.", counted(counts.records, "record", "records"))
    } else {
        lines.join("\n")
    }
}

fn example(step: &Step) -> String {
    let who = format!("{} {}", step.entity.as_str(), plain(&step.title, VALUE));
    let mut lines = Vec::new();
    match &step.action {
        Action::Create | Action::Update => {
            let sign = if step.action == Action::Create { '+' } else { '~' };
            lines.push(format!("{sign} {who}{}", progress(step)));
            let (own, told): (Vec<&Change>, Vec<&Change>) =
                step.changes.iter().partition(|change| plans::is_own(&change.property));
            lines.extend(told.into_iter().map(|change| written(change, step.action == Action::Create)));
            if !own.is_empty() {
                let names: Vec<&str> = own.iter().map(|change| change.property.as_str()).collect();
                lines.push(format!("    and Evergreen's own: {}", names.join(", ")));
            }
        }
        Action::Associate { company } => {
            lines.push(format!("& {who}  linked to company record {company}{}", progress(step)))
        }
        Action::Enroll { campaign } => {
            lines.push(format!("> {who}  into campaign {}{}", plain(campaign, VALUE), progress(step)))
        }
        Action::Merge { .. } => return super::merge::pair(step).trim_end().to_owned(),
        Action::Unlink { company } => {
            lines.push(format!("/ {who}  no longer linked to company record {company}{}", progress(step)))
        }
        Action::Archive => lines.push(format!("- {who}  to the recycle bin{}", progress(step))),
        Action::Nothing if step.state != StepState::Stale && step.kept.iter().all(|kept| kept.code == "unchanged") => {}
        Action::Nothing if step.state == StepState::Stale => {
            lines.push(format!("x {who}  {}", plain(step.note.as_deref().unwrap_or("not possible"), SENTENCE)));
        }
        Action::Nothing => lines.push(format!("= {who}  already right{}", progress(step))),
    }
    for kept in step.kept.iter().filter(|kept| kept.code != "unchanged") {
        lines.push(format!(
            "    ! {} {}: {} ({}); HubSpot {}, we know {}",
            kept_word(&kept.code),
            plain(&kept.property, VALUE),
            plain(&kept.why, SENTENCE),
            kept.rule.as_str(),
            quoted(kept.current.as_deref()),
            quoted(Some(&kept.offered)),
        ));
    }
    lines.join("\n")
}

/// One property that would be written.
fn written(change: &Change, new: bool) -> String {
    let before = if new { String::new() } else { format!("{} → ", quoted(change.before.as_deref())) };
    format!(
        "    {}: {before}{}{}{}",
        plain(&change.property, VALUE),
        if change.clear_first { "(empty) → " } else { "" },
        quoted(Some(&change.after)),
        because(&change.reason),
    )
}

/// What a line of a value left alone begins with.
pub(crate) fn kept_word(code: &str) -> &'static str {
    match code {
        "stale" => "stale",
        "restored" => "restored",
        "normalised" => "normalised",
        "needs-approval" => "waits for a person",
        "undone" => "not again",
        _ => "kept",
    }
}

fn quoted(value: Option<&str>) -> String {
    match value {
        None | Some("") => "(empty)".to_owned(),
        Some(value) => format!("\"{}\"", plain(value, VALUE)),
    }
}

fn because(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!("  ({})", plain(reason, SENTENCE)) }
}

/// Once a step has been tried, its line says how it went.
fn progress(step: &Step) -> String {
    match (step.state, &step.note) {
        (StepState::Planned, _) => String::new(),
        (state, Some(note)) => format!("  [{}: {}]", state.as_str(), plain(note, SENTENCE)),
        (state, None) => format!("  [{}]", state.as_str()),
    }
}

fn guards(plan: &Plan) -> String {
    let width = plan.guards.iter().map(|found| found.guard.len()).max().unwrap_or(0);
    let lines: Vec<_> = plan
        .guards
        .iter()
        .map(|found| {
            let severity = match (found.blocks, found.exceeded) {
                (true, _) => "STOPS",
                (false, true) => "warn",
                (false, false) => "ok",
            };
            format!("  {severity:<5}  {:<width$}  {}", found.guard, plain(&found.sentence, SENTENCE))
        })
        .collect();
    format!("Guards\n{}", lines.join("\n"))
}

fn price(calls: &str, spent: &str) -> String {
    let spent = if spent.is_empty() { String::new() } else { format!("Spent so far: {spent}\n") };
    format!("{spent}Apply needs: {calls}")
}

/// The command to type next, or what happened.
pub(crate) fn ending(plan: &Plan, counts: &PlanCounts) -> String {
    let id = plan.id.0;
    match plan.state {
        PlanState::Applied => format!("Applied. `evergreen report {}` shows what it did", plan.run.0),
        PlanState::Superseded | PlanState::Draft => "evergreen plan".to_owned(),
        PlanState::Guarded if plan.approved_by.is_none() => format!("evergreen apply {id} --approve \"NAME: WHY\""),
        _ if counts.work() == 0 => {
            format!("Nothing to write; closes the run: evergreen apply {id}")
        }
        _ => format!("evergreen apply {id}"),
    }
}

#[cfg(test)]
mod tests {
    use evergreen_model::plan::GuardFinding;
    use evergreen_model::{Entity, Kept, PlanId, Protection, RecordId, RunId, StepId};

    use super::*;

    fn plan(state: PlanState) -> Plan {
        let finding = |guard: &str, blocks: bool, sentence: &str| GuardFinding {
            guard: guard.to_owned(),
            found: 611.0,
            limit: 500.0,
            exceeded: blocks,
            blocks,
            sentence: sentence.to_owned(),
        };
        Plan {
            id: PlanId(3),
            run: RunId(7),
            created_at: super::super::sample::now(),
            config_hash: "c".to_owned(),
            portal_hash: String::new(),
            state,
            guards: vec![
                finding(
                    "creates",
                    state == PlanState::Guarded,
                    "611 records would be created, 500 are allowed without approval",
                ),
                finding("owner-changes", false, "2 records would change their owner, 50 are allowed without approval"),
            ],
            approved_by: None,
        }
    }

    fn step(title: &str, action: Action, changes: Vec<Change>, kept: Vec<Kept>) -> Step {
        Step {
            id: StepId(1),
            plan: PlanId(3),
            record: RecordId(9),
            entity: Entity::Contact,
            title: title.to_owned(),
            portal_id: None,
            action,
            changes,
            kept,
            state: StepState::Planned,
            note: None,
        }
    }

    fn change(property: &str, before: Option<&str>, after: &str, reason: &str) -> Change {
        Change {
            property: property.to_owned(),
            before: before.map(str::to_owned),
            after: after.to_owned(),
            rule: Protection::Ours,
            reason: reason.to_owned(),
            evidence: None,
            clear_first: false,
        }
    }

    fn examples() -> Vec<Step> {
        let kept = Kept {
            property: "phone".to_owned(),
            current: Some("+44 20 7946 0018".to_owned()),
            offered: "+44 7700 900123".to_owned(),
            rule: Protection::FillEmpty,
            code: "protected".to_owned(),
            why: "typed by a person 3 days ago".to_owned(),
        };
        vec![
            step(
                "Jane Doe",
                Action::Create,
                vec![change("email", None, "jane@acme.example", "from the list")],
                Vec::new(),
            ),
            step(
                "John \u{1b}[2JRoe",
                Action::Update,
                vec![change("jobtitle", Some("CTO"), "VP Engineering", "Apollo, 24 Nov 2026")],
                vec![kept],
            ),
            step("Li Wei", Action::Associate { company: RecordId(12) }, Vec::new(), Vec::new()),
            step("Li Wei", Action::Nothing, Vec::new(), Vec::new()),
        ]
    }

    const COUNTS: PlanCounts = PlanCounts {
        records: 1_400,
        creates: 611,
        updates: 209,
        nothing: 580,
        associates: 349,
        unlinks: 0,
        merges: 0,
        archives: 0,
        enrolls: 0,
        stuck: 0,
        protected: 96,
    };

    #[test]
    fn a_plan_reads_from_counts_to_the_command() {
        let text = text(&plan(PlanState::Ready), &COUNTS, &examples(), "42 portal calls, about 3 s", "$21.21");
        insta::assert_snapshot!(text, @r#"
        Plan 3 of run 7, made 24 Nov 2026, 09:12 UTC: ready, nothing is written yet

        + 611  to create          of 1,400 records
        ~ 209  to update          of 1,400 records
        = 580  already right      of 1,400 records
        & 349  to link            contacts to their company
        !  96  values left alone  known, but protected

        Examples (3 of 1,169 steps)
        + contact Jane Doe
            email: "jane@acme.example"  (from the list)
        ~ contact John �[2JRoe
            jobtitle: "CTO" → "VP Engineering"  (Apollo, 24 Nov 2026)
            ! kept phone: typed by a person 3 days ago (fill-empty); HubSpot "+44 20 7946 0018", we know "+44 7700 900123"
        & contact Li Wei  linked to company record 12

        Guards
          ok     creates        611 records would be created, 500 are allowed without approval
          ok     owner-changes  2 records would change their owner, 50 are allowed without approval

        Spent so far: $21.21
        Apply needs: 42 portal calls, about 3 s

        evergreen apply 3
        "#);
    }

    #[test]
    fn a_guarded_plan_asks_for_a_named_person() {
        let text = text(&plan(PlanState::Guarded), &COUNTS, &[], "42 portal calls, about 3 s", "");
        assert!(text.contains("  STOPS  creates        611 records would be created"), "{text}");
        assert!(text.ends_with("\n\nevergreen apply 3 --approve \"NAME: WHY\"\n"), "{text}");
    }

    #[test]
    fn merges_deletions_and_lost_links_are_counted_and_nothing_of_them_is_already_right() {
        let counts = PlanCounts { records: 9, merges: 2, archives: 7, unlinks: 4, stuck: 1, ..PlanCounts::default() };
        let mut impossible = step("Li Wei", Action::Nothing, Vec::new(), Vec::new());
        impossible.state = StepState::Stale;
        impossible.note = Some("mails may have been sent".to_owned());
        let text = text(&plan(PlanState::Ready), &counts, &[impossible], "9 portal calls", "");
        for line in
            ["< 2  to merge", "- 7  to delete", "/ 4  to unlink", "x 1  not possible", "x contact Li Wei  mails may"]
        {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        assert!(!text.contains("already right"), "{text}");
        assert!(text.contains("Examples (1 of 14 steps)"), "{text}");
        assert!(text.ends_with("\n\nevergreen apply 3\n"), "{text}");
    }

    #[test]
    fn an_empty_plan_says_so() {
        let plan = Plan { guards: Vec::new(), ..plan(PlanState::Ready) };
        let text =
            text(&plan, &PlanCounts { records: 12, nothing: 0, ..PlanCounts::default() }, &[], "0 portal calls", "");
        assert!(text.contains("Nothing to do: 12 records looked at."));
        assert!(text.ends_with("evergreen apply 3\n"));
    }
}
