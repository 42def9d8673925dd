//! A made-up run for the tests of the views: every number is set, every outcome occurs, and a value tries to be a script.

use evergreen_model::RunReport;
use evergreen_model::report::{Costs, Duplicates, Fill, HandoffCounts, OutcomeCounts, ProviderSpend, SyncCounts};
use jiff::Timestamp;

use super::page::{Changed, Held, Protected, Refused, Shown};

/// The moment the page is made.
pub fn now() -> Timestamp {
    "2026-11-24T09:12:00Z".parse().expect("a time")
}

/// A run of 1,000 rows.
pub fn report() -> RunReport {
    let fill = |of: u64, list: &[(&str, u64, u64)]| -> Vec<(String, Fill)> {
        list.iter()
            .map(|(name, before, after)| ((*name).to_owned(), Fill { before: *before, after: *after, of }))
            .collect()
    };
    let contact = [
        ("email", 702, 818),
        ("firstname", 851, 868),
        ("lastname", 839, 868),
        ("jobtitle", 412, 743),
        ("phone", 388, 391),
        ("mobilephone", 61, 204),
        ("hs_linkedin_url", 230, 655),
        ("company", 801, 846),
        ("city", 340, 512),
        ("country", 344, 690),
    ];
    let company = [
        ("company.domain", 280, 322),
        ("company.industry", 122, 301),
        ("company.numberofemployees", 80, 298),
        ("company.phone", 0, 0),
    ];
    let provider = |calls, hits, misses, other, cached, credits, money| ProviderSpend {
        calls,
        hits,
        misses,
        other,
        cached,
        uncertain: u64::from(calls == 214),
        credits,
        money,
    };
    RunReport {
        run: 7,
        imported: 1_000,
        outcome: OutcomeCounts {
            synced: 538,
            unchanged: 74,
            held: 41,
            rejected: 181,
            suppressed: 26,
            merged: 118,
            waiting: 12,
            quarantined: 10,
        },
        fill: fill(872, &contact).into_iter().chain(fill(322, &company)).collect(),
        duplicates: Duplicates { in_list: 118, with_portal: 203, held: 17, rate_after: 0.0016 },
        verdicts: [
            ("valid", 640),
            ("accept_all", 24),
            ("unknown", 6),
            ("role", 18),
            ("free", 9),
            ("disposable", 3),
            ("invalid", 71),
            ("missing", 32),
        ]
        .map(|(word, count)| (word.to_owned(), count))
        .into(),
        reasons: [
            ("icp-no-fit", 62),
            ("domain-not-found", 38),
            ("no-email", 32),
            ("null-mx", 21),
            ("role-address", 18),
            ("maybe-same", 6),
            ("score-too-low", 18),
            ("student-address", 7),
            ("unsubscribed", 14),
            ("customer", 9),
            ("competitor", 3),
            ("provider-unavailable", 8),
            ("disposable-domain", 3),
            ("portal-changed", 4),
        ]
        .map(|(code, count)| (code.to_owned(), count))
        .into(),
        spend: [
            ("apollo", provider(512, 331, 160, 21, 40, 331.0, 8.275)),
            ("hunter", provider(214, 116, 96, 2, 12, 42.8, 1.4552)),
            ("pdl", provider(88, 41, 47, 0, 3, 41.0, 11.48)),
        ]
        .map(|(name, spend)| (name.to_owned(), spend))
        .into(),
        cost: Costs {
            total: 21.2102,
            per_raw_row: Some(0.0212),
            per_found: Some(0.0435),
            per_verified: Some(0.0331),
            per_qualified: Some(0.0347),
            on_rejected: 1.934,
        },
        sync: SyncCounts {
            created: 371,
            updated: 167,
            protected: 96,
            stale: 4,
            failed: 2,
            associated: 349,
            properties: 4_870,
            calls: 42,
        },
        handoff: HandoffCounts { enrolled: 402, gated: 207, refused: 3 },
        owners: [
            ("ana.ruiz@acme.example", 214),
            ("bo.lind@acme.example", 198),
            ("cy.okafor@acme.example", 151),
            ("fallback@acme.example", 49),
        ]
        .map(|(who, count)| (who.to_owned(), count))
        .into(),
        companies: OutcomeCounts { synced: 210, unchanged: 104, held: 0, rejected: 8, ..OutcomeCounts::default() },
    }
}

/// What the page shows beside the numbers.
pub fn shown() -> Shown {
    Shown {
        project: "Acme <script>alert('pilot')</script> EMEA".to_owned(),
        made_at: now(),
        protected: vec![
            Protected {
                title: "Jane Doe".to_owned(),
                property: "phone".to_owned(),
                current: "+44 20 7946 0018".to_owned(),
                offered: "+44 7700 900123".to_owned(),
                why: "typed by a person 3 days ago".to_owned(),
            },
            Protected {
                title: "Søren Ærø \"Sam\" Østergård-Lindqvist-Mortensen".to_owned(),
                property: "jobtitle".to_owned(),
                current: String::new(),
                offered: "Senior Vice President of Global Revenue Operations & Enablement".to_owned(),
                why: "cleared by a person on 2 Nov 2026".to_owned(),
            },
            Protected {
                title: "<img src=x onerror=alert(1)>".to_owned(),
                property: "hubspot_owner_id".to_owned(),
                current: "41".to_owned(),
                offered: "57".to_owned(),
                why: "the rule of this property is never".to_owned(),
            },
        ],
        changed: vec![
            Changed {
                title: "Jane Doe".to_owned(),
                property: "jobtitle".to_owned(),
                before: Some("CTO".to_owned()),
                after: "VP Engineering".to_owned(),
                reason: "Apollo, 24 Nov 2026, confidence 0.92: newer than what we wrote in May".to_owned(),
            },
            Changed {
                title: "Li Wei".to_owned(),
                property: "hs_linkedin_url".to_owned(),
                before: None,
                after:
                    "https://www.linkedin.com/in/li-wei-0123456789-with-a-rather-long-tail-that-has-no-place-to-break"
                        .to_owned(),
                reason: "PDL found it; HubSpot was empty".to_owned(),
            },
        ],
        refused: vec![
            Refused {
                title: "info@nowhere.example".to_owned(),
                sentence: "Rejected: the domain nowhere.example does not exist. Next try 1 Dec.".to_owned(),
                retry_at: Some("2026-12-01T09:12:00Z".parse().expect("a time")),
            },
            Refused { title: "Max Power".to_owned(), sentence: "Rejected by Ana Ruiz.".to_owned(), retry_at: None },
        ],
        held: vec![Held {
            title: "J. Doe".to_owned(),
            sentence: "May be the same person as Jane Doe (71 % sure): a person decides.".to_owned(),
        }],
    }
}
