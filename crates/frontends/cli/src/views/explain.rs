//! An explanation as text: who it is, where it stands, why each value, what it cost, what happened.

use std::fmt::Write as _;

use evergreen_engine::explain::Explanation;
use jiff::Timestamp;

/// The explanation of a record; only its fields when one was asked for.
#[must_use]
pub fn text(explanation: &Explanation, only_fields: bool) -> String {
    let mut out = String::new();
    let record = &explanation.record;
    let _ = writeln!(out, "{} {} ({})", record.entity.as_str(), record.title(), record.evergreen_id);
    if !only_fields {
        standing(&mut out, explanation);
    }
    fields(&mut out, explanation);
    if !only_fields {
        money(&mut out, explanation);
        history(&mut out, explanation);
    }
    out
}

// Writing into a String cannot fail, so the results of writeln! are dropped.

fn standing(out: &mut String, explanation: &Explanation) {
    let record = &explanation.record;
    let outcome = record.outcome.map_or("on its way", |outcome| outcome.as_str());
    let _ = writeln!(out, "  stands: {} ({outcome}), next {}", record.stage.as_str(), day(record.due));
    if let Some(reason) = &record.reason {
        let _ = writeln!(out, "  why: {} [{}]", reason.sentence, reason.code);
    }
    if let Some(id) = &record.portal_id {
        let _ = writeln!(out, "  HubSpot id: {id}");
    }
    if let Some(company) = &explanation.company {
        let _ = writeln!(out, "  company: {} (record {})", company.title(), company.id);
    }
    if let Some(fit) = &record.fit {
        let rule = fit.rule.as_deref().map(|rule| format!(" by rule '{rule}'")).unwrap_or_default();
        let _ = writeln!(out, "  ICP: {:?}{rule}", fit.answer);
    }
    if let Some(owner) = &record.owner {
        let _ = writeln!(out, "  owner: {}: {}", owner.owner_email, owner.why);
    }
    if let Some(verdicts) = &record.verdicts {
        let _ = writeln!(
            out,
            "  address: {} ({}), score {} of 100, {}",
            verdicts.email.as_str(),
            verdicts.email_reason,
            verdicts.score,
            day(verdicts.at)
        );
        if let Some(phone) = &verdicts.phone {
            let region = phone.region.as_deref().unwrap_or("region unknown");
            let _ = writeln!(
                out,
                "  phone: {}, {}, {region}",
                if phone.valid { "valid" } else { "not valid" },
                phone.line_type
            );
        }
    }
    for row in &explanation.rows {
        let why = row.reason.as_ref().map(|reason| format!(": {}", reason.sentence)).unwrap_or_default();
        let _ = writeln!(out, "  row: line {} of file {}, {}{why}", row.line, row.file.0, row.state.as_str());
    }
}

fn fields(out: &mut String, explanation: &Explanation) {
    for (name, story) in &explanation.fields {
        let golden = story.golden.as_ref();
        let value = golden.map_or("(no value)", |golden| golden.value.as_str());
        let why = golden.map(|golden| format!("   {}, {}", golden.source, golden.why)).unwrap_or_default();
        let _ = writeln!(out, "\n  {name} = {value}{why}");
        for said in &story.said {
            let won = golden.is_some_and(|golden| golden.evidence == said.evidence.id);
            let mark = match (won, said.refuted) {
                (true, _) => "won ",
                (false, true) => "dead",
                (false, false) => "lost",
            };
            let paid = said.evidence.call.map(|call| format!(", call {}", call.0)).unwrap_or_default();
            let run = said.evidence.run.map(|run| format!(", run {}", run.0)).unwrap_or_default();
            let _ = writeln!(
                out,
                "    {mark} {}   {} on {}{run}{paid}",
                said.value,
                said.evidence.source,
                day(said.evidence.at)
            );
        }
        if let Some(kept) = &story.kept {
            let current = kept.current.as_deref().unwrap_or("(empty)");
            let _ = writeln!(out, "    kept in HubSpot: {current}; {} (rule {})", kept.why, kept.rule.as_str());
        }
    }
}

fn money(out: &mut String, explanation: &Explanation) {
    if explanation.calls.is_empty() {
        let _ = writeln!(out, "\n  bought: nothing");
        return;
    }
    let _ = writeln!(out, "\n  bought:");
    for call in &explanation.calls {
        let (outcome, cost) = match &call.answer {
            Some(answer) => (answer.outcome.as_str(), answer.charge.money),
            None => ("no answer", call.reserved.money),
        };
        let _ = writeln!(
            out,
            "    call {} {} {}: {outcome}, {cost}",
            call.id.0, call.question.provider, call.question.operation
        );
    }
}

fn history(out: &mut String, explanation: &Explanation) {
    let _ = writeln!(out, "\n  what happened:");
    for line in &explanation.history {
        let time = line.entry.at.strftime("%-d %b %Y %H:%M UTC");
        let _ = writeln!(out, "    #{} {time} {}: {}", line.seq, line.entry.kind.as_str(), line.entry.sentence);
    }
}

fn day(time: Timestamp) -> String {
    time.strftime("%-d %b %Y").to_string()
}
