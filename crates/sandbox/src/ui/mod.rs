//! The sandbox's read-only pages under `/__sandbox/ui`: lists of records with a search box, and one record as a rep would see it.

mod html;
mod record;

use std::fmt::Write as _;

use crate::portal::Portal;
use crate::portal::errors::PORTAL_ID;
use crate::portal::record::Kind;
use crate::state::State;
use crate::wire::{Call, Reply};
use html::{count, escape, moment, query};

const PER_PAGE: usize = 50;

/// Whose pages these are, which every link must carry on.
pub(crate) struct Place {
    portal: u64,
}

impl Place {
    /// The address of a list.
    pub(crate) fn list(&self, kind: Kind, words: &str, page: usize) -> String {
        let mut address = format!("/__sandbox/ui?object={}", kind.plural());
        if !words.is_empty() {
            let _ = write!(address, "&q={}", query(words));
        }
        if page > 1 {
            let _ = write!(address, "&page={page}");
        }
        if self.portal != PORTAL_ID {
            let _ = write!(address, "&portal={}", self.portal);
        }
        address
    }

    /// The address of a record.
    pub(crate) fn record(&self, kind: Kind, id: u64) -> String {
        let portal = if self.portal == PORTAL_ID { String::new() } else { format!("?portal={}", self.portal) };
        format!("/__sandbox/ui/{}/{id}{portal}", kind.plural())
    }
}

/// Answers a page; `rest` is the path below `/__sandbox/ui`.
pub(crate) fn page(state: &State, call: &Call, rest: &[&str]) -> Reply {
    let wanted = call.filled("portal").map_or(Some(PORTAL_ID), |id| id.parse().ok());
    let portal = wanted.and_then(|id| {
        let portal = if id == PORTAL_ID { Some(&state.portal) } else { state.portals.get(&id) };
        portal.map(|portal| (Place { portal: id }, portal))
    });
    let Some((place, portal)) = portal else {
        return missing(&Place { portal: PORTAL_ID }, &state.portal, "There is no such portal.");
    };
    match rest {
        [] => match call.filled("object").map_or(Some(Kind::Contact), Kind::parse) {
            Some(kind) => list(&place, portal, kind, call),
            None => missing(&place, portal, "There is no such kind of record."),
        },
        [kind, id] => {
            let found = Kind::parse(kind).zip(id.parse::<u64>().ok());
            let shown = found.and_then(|(kind, id)| Some((portal.dossier(kind, portal.whereabouts(kind, id)?)?, id)));
            match shown {
                Some((shown, asked)) => {
                    let body = record::body(&place, &shown, asked, &portal.zone());
                    framed(200, &place, portal, &shown.title, &body)
                }
                None => missing(&place, portal, "There is no such record; it may have been deleted for good."),
            }
        }
        _ => missing(&place, portal, "There is no such page."),
    }
}

fn framed(status: u16, place: &Place, portal: &Portal, title: &str, body: &str) -> Reply {
    let account = &portal.services.account;
    let home = place.list(Kind::Contact, "", 1);
    html::page(status, title, &format!("{} · portal {}", account.name, account.id), &home, body)
}

fn missing(place: &Place, portal: &Portal, why: &str) -> Reply {
    let home = escape(&place.list(Kind::Contact, "", 1));
    let body = format!("<h1>Not found</h1><p>{why}</p><p><a href=\"{home}\">All contacts</a></p>");
    framed(404, place, portal, "Not found", &body)
}

fn list(place: &Place, portal: &Portal, kind: Kind, call: &Call) -> Reply {
    let words = call.filled("q").unwrap_or_default();
    let number = call.filled("page").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1).max(1);
    let skip = (number - 1).saturating_mul(PER_PAGE);
    let found = portal.directory(kind, words, skip, PER_PAGE);
    let zone = portal.zone();
    let mut body = String::from("<nav class=\"tabs\">");
    for tab in Kind::ALL {
        let standing = portal.standing_count(tab);
        if standing == 0 && tab != kind && !matches!(tab, Kind::Contact | Kind::Company) {
            continue;
        }
        let current = if tab == kind { " aria-current=\"page\"" } else { "" };
        let (address, name) = (escape(&place.list(tab, words, 1)), tab.plural());
        let _ = write!(body, "<a href=\"{address}\"{current}>{name} {}</a>", count(standing));
    }
    let hidden = if place.portal == PORTAL_ID {
        String::new()
    } else {
        format!("<input type=\"hidden\" name=\"portal\" value=\"{}\">", place.portal)
    };
    let _ = write!(
        body,
        "</nav><form action=\"/__sandbox/ui\"><input type=\"hidden\" name=\"object\" value=\"{0}\">{hidden}\
         <input type=\"search\" name=\"q\" value=\"{1}\" placeholder=\"Name, address, domain or id\" aria-label=\"Search {0}\">\
         <button>Search</button></form>",
        kind.plural(),
        escape(words)
    );
    let of = if words.is_empty() { String::new() } else { format!(" for “{}”", escape(words)) };
    let range = match found.rows.len() {
        0 => format!("No {}{of}", kind.plural()),
        shown => format!("{}–{} of {}{of}", count(skip + 1), count(skip + shown), count(found.total)),
    };
    let _ = write!(body, "<p class=\"soft\">{range}</p>");
    if !found.rows.is_empty() {
        body.push_str("<ul class=\"card list\">");
        for row in &found.rows {
            let _ = write!(
                body,
                "<li><div><a href=\"{}\">{}</a><div class=\"soft\">{}</div></div><div class=\"soft\">{} · {}</div></li>",
                escape(&place.record(kind, row.id)),
                escape(&row.title),
                escape(&row.about),
                row.id,
                moment(row.updated, &zone),
            );
        }
        body.push_str("</ul>");
    }
    body.push_str("<nav class=\"pages\"><span>");
    if number > 1 {
        let _ = write!(body, "<a href=\"{}\">← Earlier</a>", escape(&place.list(kind, words, number - 1)));
    }
    body.push_str("</span><span>");
    if skip.saturating_add(found.rows.len()) < found.total && !found.rows.is_empty() {
        let _ = write!(body, "<a href=\"{}\">Next →</a>", escape(&place.list(kind, words, number + 1)));
    }
    body.push_str("</span></nav>");
    framed(200, place, portal, &format!("Sandbox {}", kind.plural()), &body)
}
