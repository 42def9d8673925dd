//! The manifests that come with the program.

/// File name and text of every shipped manifest.
#[must_use]
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "apollo.yaml",
            include_str!("../../../../providers/apollo.yaml"),
        ),
        (
            "hunter.yaml",
            include_str!("../../../../providers/hunter.yaml"),
        ),
        ("pdl.yaml", include_str!("../../../../providers/pdl.yaml")),
    ]
}
