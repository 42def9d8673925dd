//! Bars drawn as inline SVG. Each stretches to its place, so the words and numbers stand beside it as text, never inside.

/// Width of every drawing in its own units.
const WIDTH: f64 = 1000.0;
/// Space between two parts of a bar.
const GAP: f64 = 3.0;

/// A part of a bar.
pub struct Part<'a> {
    /// Colour class in the style sheet.
    pub class: &'a str,
    /// How much.
    pub count: u64,
    /// What it is, shown under the mouse; a fixed word of ours.
    pub word: &'a str,
}

/// Parts side by side that fill the width exactly when they sum to `whole`.
pub fn stacked(parts: &[Part<'_>], whole: u64, height: u32) -> String {
    let mut text = open(height);
    let mut from = 0.0;
    for part in parts.iter().filter(|part| part.count > 0) {
        let width = length(part.count, whole);
        text.push_str(&rect(
            part.class,
            from,
            (width - GAP).max(1.5),
            0,
            height,
            &format!("{} {}", part.word, part.count),
        ));
        from += width;
    }
    text.push_str("</svg>\n");
    text
}

/// One bar on its track.
pub fn bar(class: &str, part: u64, whole: u64, height: u32) -> String {
    let mut text = open(height);
    text.push_str(&rect("track", 0.0, WIDTH, 0, height, ""));
    text.push_str(&rect(class, 0.0, length(part, whole), 0, height, ""));
    text.push_str("</svg>\n");
    text
}

/// Two bars on their tracks, before over after.
pub fn pair(before: u64, after: u64, of: u64) -> String {
    let mut text = open(22);
    for (class, count, top, word) in [("before", before, 0, "before"), ("after", after, 12, "after")] {
        text.push_str(&rect("track", 0.0, WIDTH, top, 10, ""));
        text.push_str(&rect(class, 0.0, length(count, of), top, 10, &format!("{word} {count}")));
    }
    text.push_str("</svg>\n");
    text
}

fn length(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    (part as f64 / whole as f64).min(1.0) * WIDTH
}

fn open(height: u32) -> String {
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 {WIDTH} {height}\" height=\"{height}\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">"
    )
}

fn rect(class: &str, x: f64, width: f64, y: u32, height: u32, title: &str) -> String {
    if width <= 0.0 {
        return String::new();
    }
    let title = if title.is_empty() { String::new() } else { format!("<title>{title}</title>") };
    format!("<rect class=\"{class}\" x=\"{x:.2}\" y=\"{y}\" width=\"{width:.2}\" height=\"{height}\">{title}</rect>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_sum_to_the_whole_reach_the_end() {
        let part = |class, count| Part { class, count, word: class };
        let drawing = stacked(&[part("a", 600), part("b", 0), part("c", 400)], 1_000, 10);
        assert!(drawing.contains("class=\"a\" x=\"0.00\" y=\"0\" width=\"597.00\""));
        assert!(drawing.contains("class=\"c\" x=\"600.00\" y=\"0\" width=\"397.00\""));
        assert!(!drawing.contains("class=\"b\""));
    }

    #[test]
    fn a_bar_without_a_denominator_is_its_track() {
        let drawing = pair(0, 0, 0);
        assert_eq!(drawing.matches("<rect").count(), 2);
        assert!(!drawing.contains("NaN"));
    }
}
