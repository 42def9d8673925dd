//! Pieces of HTML: escaped text, sections, and tables that become cards on a narrow screen.

use super::numbers::plain;

/// Longest value shown on the page, in characters.
const VALUE: usize = 240;

/// A value as HTML text or attribute: it can neither open a tag nor close a quote, whatever list it came from.
pub fn escape(value: &str) -> String {
    escape_up_to(value, VALUE)
}

/// The same for a text that may be longer, such as the evidence of a merge.
pub fn escape_up_to(value: &str, limit: usize) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in plain(value, limit).chars() {
        match letter {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&#39;"),
            letter => text.push(letter),
        }
    }
    text
}

/// A section with its heading and a sentence that says how to read it; `body` is HTML.
pub fn section(class: &str, title: &str, lead: &str, body: &str) -> String {
    format!(
        "<section class=\"{class}\">\n<h2>{}</h2>\n<p class=\"lead\">{}</p>\n{body}</section>\n",
        escape(title),
        escape(lead)
    )
}

/// A sentence in place of a chart or table that has nothing to show.
pub fn nothing(sentence: &str) -> String {
    format!("<p class=\"nothing\">{}</p>\n", escape(sentence))
}

/// A column of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Words, to the left.
    Words(&'static str),
    /// Numbers, to the right.
    Number(&'static str),
}

impl Column {
    const fn head(self) -> &'static str {
        match self {
            Column::Words(head) | Column::Number(head) => head,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Column::Words(_) => "",
            Column::Number(_) => " class=\"number\"",
        }
    }
}

/// A table of raw values, escaped here. The first cell of a row names it; the explicit roles keep it a table for screen readers
/// when a narrow screen shows each row as a card.
pub fn table(caption: &str, columns: &[Column], rows: &[Vec<String>]) -> String {
    let mut text = format!(
        "<table role=\"table\">\n<caption>{}</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">",
        escape(caption)
    );
    for column in columns {
        text.push_str(&format!("<th role=\"columnheader\" scope=\"col\"{}>{}</th>", column.class(), column.head()));
    }
    text.push_str("</tr></thead>\n<tbody role=\"rowgroup\">\n");
    for row in rows {
        text.push_str("<tr role=\"row\">");
        for (place, (cell, column)) in row.iter().zip(columns).enumerate() {
            let (class, value) = (column.class(), escape(cell));
            if place == 0 {
                text.push_str(&format!("<th role=\"rowheader\" scope=\"row\"{class}>{value}</th>"));
            } else {
                text.push_str(&format!("<td role=\"cell\" data-label=\"{}\"{class}>{value}</td>", column.head()));
            }
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</tbody>\n</table>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_can_not_become_markup() {
        assert_eq!(escape("<b a=\"1\" c='2'>&"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
        let html = table("x", &[Column::Words("Who")], &[vec!["<script>".to_owned()]]);
        assert!(html.contains("<th role=\"rowheader\" scope=\"row\">&lt;script&gt;</th>"));
    }

    #[test]
    fn a_very_long_value_is_cut() {
        assert!(escape(&"x".repeat(10_000)).chars().count() <= VALUE);
    }
}
