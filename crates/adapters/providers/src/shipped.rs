//! The manifests that come with the program.

/// Name and text of every shipped manifest.
#[must_use]
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &[
        ("apollo", include_str!("../../../../providers/apollo.yaml")),
        ("hunter", include_str!("../../../../providers/hunter.yaml")),
        ("pdl", include_str!("../../../../providers/pdl.yaml")),
    ]
}
