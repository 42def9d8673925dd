//! How records, values and writers read on the sandbox's pages: titles, classes of writers, times, rich text made plain.

use std::borrow::Cow;

use jiff::tz::TimeZone;

use super::record::Kind;
use super::source::Source;
use crate::clock::Millis;

/// What sort of writer it is, in a word a rep knows.
pub(super) fn class(source: &Source) -> &'static str {
    match &*source.kind {
        _ if source.by_hand() => "person",
        "INTEGRATION" | "API" => "app",
        "IMPORT" => "import",
        "AUTOMATION_PLATFORM" | "WORKFLOWS" => "workflow",
        "FORM" => "form",
        "MERGE_CONTACTS" | "MERGE_COMPANIES" | "MERGE_OBJECTS" => "merge",
        _ if source.user.is_some() => "person",
        _ => "HubSpot",
    }
}

/// The properties a title is made of; of all but contacts the first filled one counts.
pub(super) fn names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Contact => &["firstname", "lastname"],
        Kind::Company => &["name"],
        Kind::Deal => &["dealname"],
        Kind::Ticket => &["subject"],
        Kind::Lead => &["hs_lead_name"],
        Kind::Note => &["hs_note_body"],
        Kind::Email => &["hs_email_subject"],
        Kind::Task => &["hs_task_subject"],
        Kind::Call => &["hs_call_title"],
        Kind::Meeting => &["hs_meeting_title"],
        Kind::Communication => &["hs_communication_body"],
    }
}

/// Where the search box looks.
pub(super) fn searched(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Contact => &["email", "firstname", "lastname", "company", "hs_additional_emails"],
        Kind::Company => &["name", "domain", "hs_additional_domains"],
        _ => names(kind),
    }
}

/// What stands beside a title in the list.
pub(super) fn about(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Contact => &["email", "jobtitle", "company"],
        Kind::Company => &["domain", "city", "country"],
        _ => &[],
    }
}

/// The text of an activity.
pub(super) fn body(kind: Kind) -> &'static str {
    match kind {
        Kind::Note => "hs_note_body",
        Kind::Email => "hs_email_text",
        Kind::Task => "hs_task_body",
        Kind::Call => "hs_call_body",
        Kind::Meeting => "hs_meeting_body",
        _ => "hs_communication_body",
    }
}

/// `23 Nov 2026, 03:00:12 EST`.
pub(crate) fn local(at: Millis, zone: &TimeZone) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(stamp) => stamp.to_zoned_datetime(zone.clone()).strftime("%-d %b %Y, %H:%M:%S %Z").to_string(),
        Err(_) => String::new(),
    }
}

/// Rich text without its marks.
pub(super) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let mark = rest[start + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        match rest[start..].find('>').filter(|_| mark) {
            Some(end) => {
                shown.push_str(&rest[..start]);
                shown.push(' ');
                rest = &rest[start + end + 1..];
            }
            None => {
                shown.push_str(&rest[..=start]);
                rest = &rest[start + 1..];
            }
        }
    }
    shown.push_str(rest);
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many letters.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((at, _)) => Cow::Owned(format!("{}…", text[..at].trim_end())),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rich_text_loses_its_marks_and_keeps_its_less_than_signs() {
        assert_eq!(plain("<p>Call <b>back</b></p>"), "Call back");
        assert_eq!(plain("3 < 4 and 5 > 2"), "3 < 4 and 5 > 2");
    }

    #[test]
    fn every_writer_has_a_class_a_rep_understands() {
        let of = |kind: &str, user| class(&Source::named(kind, None, user).unwrap());
        assert_eq!(of("MOBILE_IOS", Some(1)), "person");
        assert_eq!(of("SALES", Some(1)), "person");
        assert_eq!(of("WORKFLOWS", None), "workflow");
        assert_eq!(of("IMPORT", Some(1)), "import");
        assert_eq!(of("MERGE_CONTACTS", None), "merge");
        assert_eq!(of("DATA_ENRICHMENT", None), "HubSpot");
    }
}
