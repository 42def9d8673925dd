//! The files of a new project, as `init` and `demo` write them.

/// Name in the folder and content.
pub(crate) fn files() -> Vec<(&'static str, &'static str)> {
    vec![
        ("evergreen.yaml", evergreen_config::TEMPLATE),
        ("contacts.csv", include_str!("../../../examples/pilot/contacts.csv")),
        ("territories.csv", include_str!("../../../examples/pilot/territories.csv")),
        ("suppressions.csv", include_str!("../../../examples/pilot/suppressions.csv")),
        ("table.csv", include_str!("../../../examples/pilot/table.csv")),
        (".env.example", include_str!("../../../examples/pilot/env.example")),
        (".gitignore", ".env\nevergreen.sqlite*\nquarantine/\nsandbox/\n"),
    ]
}
