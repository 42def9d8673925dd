//! What a check of a provider's manifest found, and what a new manifest still needs, as text for people.

use crate::house::{NewProvider, ProviderCheck};

/// Every disagreement with what was expected, what came and which rule said so; then the count.
pub fn check(check: &ProviderCheck) -> String {
    let mut lines = Vec::new();
    let wrong: Vec<_> = check.samples.iter().filter(|sample| !sample.mismatches.is_empty()).collect();
    for sample in &wrong {
        lines.push(format!("{}  [{}]", sample.file.display(), sample.call));
        for mismatch in &sample.mismatches {
            lines.push(format!("  {}", mismatch.what));
            lines.push(format!("    expected  {}", mismatch.expected));
            lines.push(format!("    got       {}", mismatch.got));
            lines.push(format!("    by        {}", mismatch.rule));
        }
    }
    let count = check.samples.len();
    lines.push(match (count, wrong.len()) {
        (0, _) => format!(
            "{} is sound: {}. No sample was found; a manifest without a hit, a miss, an empty account and haste on record is a guess.",
            check.provider,
            check.operations.join(", ")
        ),
        (1, 0) => format!("{}: 1 sample, it reads as expected", check.provider),
        (_, 0) => format!("{}: {count} samples, all read as expected", check.provider),
        (_, wrong) => format!("{}: {wrong} of {count} samples read otherwise than expected", check.provider),
    });
    lines.join("\n")
}

/// Where the new manifest is and what a person still has to say.
pub fn new(new: &NewProvider) -> String {
    let mut lines: Vec<String> = new.written.iter().map(|file| format!("wrote {}", file.display())).collect();
    lines.push(format!("{} is begun; it passes `evergreen provider check`. Still to be said by you:", new.name));
    lines.extend(new.open.iter().map(|what| format!("  {what}")));
    lines.join("\n")
}
