//! The manifests that come with the program.

/// Name and text of every shipped manifest.
#[must_use]
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &[
        ("apollo", include_str!("../../../../providers/apollo.yaml")),
        ("clearbit", include_str!("../../../../providers/clearbit.yaml")),
        ("coresignal", include_str!("../../../../providers/coresignal.yaml")),
        ("crustdata", include_str!("../../../../providers/crustdata.yaml")),
        ("dropcontact", include_str!("../../../../providers/dropcontact.yaml")),
        ("enrichlayer", include_str!("../../../../providers/enrichlayer.yaml")),
        ("findymail", include_str!("../../../../providers/findymail.yaml")),
        ("fullenrich", include_str!("../../../../providers/fullenrich.yaml")),
        ("generic-http", include_str!("../../../../providers/generic-http.yaml")),
        ("hunter", include_str!("../../../../providers/hunter.yaml")),
        ("icypeas", include_str!("../../../../providers/icypeas.yaml")),
        ("leadmagic", include_str!("../../../../providers/leadmagic.yaml")),
        ("lusha", include_str!("../../../../providers/lusha.yaml")),
        ("neverbounce", include_str!("../../../../providers/neverbounce.yaml")),
        ("openai-compatible", include_str!("../../../../providers/openai-compatible.yaml")),
        ("pdl", include_str!("../../../../providers/pdl.yaml")),
        ("prospeo", include_str!("../../../../providers/prospeo.yaml")),
        ("twilio-lookup", include_str!("../../../../providers/twilio-lookup.yaml")),
        ("zerobounce", include_str!("../../../../providers/zerobounce.yaml")),
    ]
}
