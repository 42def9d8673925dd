//! The page is well formed, escapes every value, adds up, and stays sensible when there is nothing to show.

use super::super::sample;
use super::*;

/// Elements that never close.
const VOID: [&str; 3] = ["meta", "link", "br"];

/// Every opened element is closed in order, and no attribute quote is left open.
fn well_formed(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html.strip_prefix("<!doctype html>").expect("a doctype");
    while let Some(at) = rest.find('<') {
        let tag = &rest[at + 1..at + rest[at..].find('>').expect("a tag that ends")];
        rest = &rest[at + 1 + tag.len() + 1..];
        assert!(tag.matches('"').count().is_multiple_of(2), "<{tag}>");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "near {}", &rest.chars().take(80).collect::<String>());
        } else {
            let name = tag.split([' ', '\n']).next().expect("a name");
            if !VOID.contains(&name) {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn the_page_is_well_formed() {
    well_formed(&page(&sample::report(), &sample::shown()));
}

#[test]
fn a_value_from_a_list_can_not_become_a_script() {
    let html = page(&sample::report(), &sample::shown());
    assert!(!html.contains("<script"));
    assert!(!html.contains("<img"));
    assert!(html.contains("&lt;script&gt;alert(&#39;pilot&#39;)&lt;/script&gt;"));
    assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;"));
}

#[test]
fn the_page_asks_nobody_for_anything() {
    let html = page(&sample::report(), &Shown { changed: Vec::new(), ..sample::shown() });
    for outside in ["http://", "https://", "src=\"", "url(", "@import"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[test]
fn the_outcome_bar_adds_up_to_imported() {
    let report = sample::report();
    let html = page(&report, &sample::shown());
    let section = html
        .split("<section class=\"outcome\">")
        .nth(1)
        .expect("the section")
        .split("</section>")
        .next()
        .expect("its end");
    let bar = section.split("</svg>").next().expect("the bar");
    let widths = bar.split(" width=\"").skip(1).filter_map(|rest| rest.split('"').next()?.parse::<f64>().ok());
    let drawn: f64 = widths.map(|width| width + 3.0).sum();
    assert!((drawn - 1_000.0).abs() < 0.1, "{drawn}");
    assert!(section.contains("12 waiting + 10 quarantined = 1,000 imported"));
}

#[test]
fn the_headline_carries_the_numbers() {
    let html = page(&sample::report(), &sample::shown());
    assert!(html.contains("<h1>Of 1,000 records taken in, 612 are right in HubSpot for $0.0347 each.</h1>"));
    assert!(html.contains("24 Nov 2026, 09:12 UTC"));
    assert!(html.contains("$21.21 ÷ 640 valid addresses"));
}

#[test]
fn an_empty_run_has_no_broken_numbers() {
    let html = page(&RunReport::default(), &Shown::default());
    well_formed(&html);
    for broken in ["NaN", "inf", "None", "Some("] {
        assert!(!html.contains(broken), "{broken}");
    }
    assert!(html.contains("Nothing was taken in by this run."));
    assert!(html.contains("No provider was asked in this run."));
}

#[test]
fn a_sum_that_does_not_hold_is_shown_as_an_alarm() {
    let report = RunReport { imported: 12, ..RunReport::default() };
    let html = page(&report, &Shown::default());
    assert!(html.contains("class=\"sum alarm\""));
    assert!(html.contains("0 = 0, but 12 imported"));
}

#[test]
fn every_table_has_a_caption_and_headers() {
    let html = page(&sample::report(), &sample::shown());
    let tables = html.matches("<table").count();
    assert_eq!(tables, 5);
    assert_eq!(html.matches("<caption>").count(), tables);
    assert_eq!(html.matches("<thead").count(), tables);
}
