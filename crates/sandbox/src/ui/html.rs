//! The frame around every page of the sandbox and the small pieces pages are made of; whatever comes from a record is escaped here.

use jiff::tz::TimeZone;

use crate::clock::{Millis, iso};
use crate::portal::dossier::Writer;
use crate::portal::wording::local;
use crate::wire::Reply;

const STYLE: &str = include_str!("style.css");
/// No scripts, nothing from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'";

/// Text that cannot be taken for markup.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Text as part of a query string.
pub(crate) fn query(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A whole page; `body` is markup already.
pub(crate) fn page(status: u16, title: &str, portal: &str, home: &str, body: &str) -> Reply {
    let (title, portal, home) = (escape(title), escape(portal), escape(home));
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head>\n<body><header><strong><a href=\"{home}\">{portal}</a></strong>\
         <span>read-only view of the sandbox</span></header>\n<main>{body}</main></body></html>\n"
    );
    Reply::text(status, &html)
        .header("content-type", "text/html; charset=utf-8")
        .header("content-security-policy", POLICY)
        .header("cache-control", "no-store")
}

/// A moment in the portal's own time zone, the exact one on hover.
pub(crate) fn moment(at: Millis, zone: &TimeZone) -> String {
    let exact = iso(at);
    format!("<time datetime=\"{exact}\" title=\"{exact}\">{}</time>", escape(&local(at, zone)))
}

/// Who wrote it: the class as a tag, then the name.
pub(crate) fn writer(by: &Writer) -> String {
    let class = if by.class == "person" { "tag person" } else { "tag" };
    format!("<span class=\"{class}\">{}</span> {}", by.class, escape(&by.text))
}

/// A count with a separator every three digits.
pub(crate) fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_record_holds_can_become_markup() {
        assert_eq!(escape("<b a=\"1\" c='2'>&"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
        assert_eq!(query("a&b=\"c\""), "a%26b%3D%22c%22");
    }

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!([count(0), count(999), count(1_000), count(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
    }
}
