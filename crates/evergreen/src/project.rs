//! The files of a new project, as `init` and `demo` write them.

/// The configuration of a new project: spends within a small budget, hands off to nobody.
const NEW: &str = evergreen_config::TEMPLATE;
/// The configuration of the demo: the same, with the sandbox's campaign and its vendors that repeat for free.
const PILOT: &str = include_str!("../../../examples/pilot/evergreen.yaml");

/// Name in the folder and content.
pub(crate) fn files(demo: bool) -> Vec<(&'static str, &'static str)> {
    vec![
        ("evergreen.yaml", if demo { PILOT } else { NEW }),
        ("contacts.csv", include_str!("../../../examples/pilot/contacts.csv")),
        ("territories.csv", include_str!("../../../examples/pilot/territories.csv")),
        ("suppressions.csv", include_str!("../../../examples/pilot/suppressions.csv")),
        ("table.csv", include_str!("../../../examples/pilot/table.csv")),
        (".env.example", include_str!("../../../examples/pilot/env.example")),
        (".gitignore", ".env\nevergreen.sqlite*\nquarantine/\nsandbox/\n"),
    ]
}
