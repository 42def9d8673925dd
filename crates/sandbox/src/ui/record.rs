//! The page of one record: every value with its history, the records and activities around it, and the ids merged into it.

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use super::Place;
use super::html::{count, escape, moment, writer};
use crate::portal::dossier::{Dossier, Field, Joined, Logged, Written};

/// Histories up to this length are open from the start.
const OPEN_UP_TO: usize = 3;

/// The markup of a record's page. `asked` is the id in the address, which may have been merged away.
pub(crate) fn body(place: &Place, shown: &Dossier, asked: u64, zone: &TimeZone) -> String {
    let mut page = String::new();
    let _ = write!(
        page,
        "<p class=\"soft\"><a href=\"{}\">{}</a> / {}</p><h1>{}</h1>\
         <p class=\"soft\">Made {} by {} · last changed {}</p>",
        escape(&place.list(shown.kind, "", 1)),
        shown.kind.plural(),
        shown.id,
        escape(&shown.title),
        moment(shown.created, zone),
        writer(&shown.origin),
        moment(shown.updated, zone),
    );
    if asked != shown.id {
        let _ = write!(page, "<p class=\"card notice\">Record {asked} was merged into this one.</p>");
    }
    if let Some(at) = shown.archived {
        let _ = write!(page, "<p class=\"card notice\">In the recycle bin since {}.</p>", moment(at, zone));
    }
    page.push_str("<div class=\"record\"><div>");
    let (system, own): (Vec<&Field>, Vec<&Field>) = shown.fields.iter().partition(|field| field.read_only);
    fields(&mut page, "Properties", &own, zone);
    fields(&mut page, "Set by HubSpot", &system, zone);
    let _ = write!(page, "<p class=\"soft\">{} more properties never had a value.</p>", shown.never_filled);
    page.push_str("</div><div>");
    if !shown.merged.is_empty() {
        let _ = write!(
            page,
            "<section class=\"card\"><h2>Merged ids</h2><p>{}</p><p class=\"soft\">These records were merged into this one; \
             their ids lead here.</p></section>",
            escape(&shown.merged.join(", "))
        );
    }
    associations(&mut page, place, &shown.joined);
    if !shown.kind.is_activity() {
        activities(&mut page, place, &shown.logged, zone);
    }
    page.push_str("</div></div>");
    page
}

fn fields(page: &mut String, title: &str, list: &[&Field], zone: &TimeZone) {
    if list.is_empty() {
        return;
    }
    let _ = write!(page, "<section class=\"card\"><h2>{title} <span class=\"soft\">{}</span></h2>", list.len());
    for field in list {
        let _ = write!(
            page,
            "<div class=\"field\"><div class=\"name\">{}<code>{}</code></div><div>",
            escape(&field.label),
            escape(&field.name)
        );
        if let Some((now, before)) = field.entries.split_first() {
            entry(page, now, zone);
            if !before.is_empty() {
                let open = if before.len() <= OPEN_UP_TO { " open" } else { "" };
                let word = if before.len() == 1 { "value" } else { "values" };
                let _ = write!(page, "<details{open}><summary>{} earlier {word}</summary><ol>", count(before.len()));
                for one in before {
                    page.push_str("<li>");
                    entry(page, one, zone);
                    page.push_str("</li>");
                }
                page.push_str("</ol></details>");
            }
        }
        page.push_str("</div></div>");
    }
    page.push_str("</section>");
}

fn entry(page: &mut String, one: &Written, zone: &TimeZone) {
    if one.shown.is_empty() {
        page.push_str("<div class=\"value empty\">emptied</div>");
    } else {
        let kept = one.kept.as_ref().map(|kept| format!(" <code>{}</code>", escape(kept))).unwrap_or_default();
        let _ = write!(page, "<div class=\"value\">{}{kept}</div>", escape(&one.shown));
    }
    let _ = write!(page, "<div class=\"by\">{} · {}</div>", writer(&one.by), moment(one.at, zone));
}

fn associations(page: &mut String, place: &Place, list: &[Joined]) {
    let _ = write!(page, "<section class=\"card\"><h2>Associations <span class=\"soft\">{}</span></h2>", list.len());
    if list.is_empty() {
        page.push_str("<p class=\"soft\">None.</p></section>");
        return;
    }
    page.push_str("<ul class=\"list\">");
    for one in list {
        let labels: String =
            one.labels.iter().map(|label| format!(" <span class=\"tag\">{}</span>", escape(label))).collect();
        let _ = write!(
            page,
            "<li><div><a href=\"{}\">{}</a>{labels}</div><span class=\"soft\">{} {}</span></li>",
            escape(&place.record(one.kind, one.id)),
            escape(&one.title),
            one.kind.singular(),
            one.id
        );
    }
    page.push_str("</ul></section>");
}

fn activities(page: &mut String, place: &Place, list: &[Logged], zone: &TimeZone) {
    let _ = write!(page, "<section class=\"card\"><h2>Activities <span class=\"soft\">{}</span></h2>", list.len());
    if list.is_empty() {
        page.push_str("<p class=\"soft\">None.</p></section>");
        return;
    }
    page.push_str("<ul class=\"list\">");
    for one in list {
        let when = one.at.map(|at| format!(" · {}", moment(at, zone))).unwrap_or_default();
        let text = if one.text.is_empty() { String::new() } else { format!("<div>{}</div>", escape(&one.text)) };
        let _ = write!(
            page,
            "<li><div><span class=\"tag\">{}</span> <a href=\"{}\">{}</a>{text}<div class=\"by\">{}{when}</div></div></li>",
            one.kind.singular(),
            escape(&place.record(one.kind, one.id)),
            escape(&one.title),
            writer(&one.by),
        );
    }
    page.push_str("</ul></section>");
}
