//! Which country a text means, by the spellings of the settings first and everybody's after.

use evergreen_model::country::{self, fold};

use crate::settings::Settings;

/// The two-letter code of a country however it is written; `None` when nobody would know.
pub(crate) fn code(text: &str, settings: &Settings) -> Option<String> {
    let folded = fold(text);
    let own = settings.countries.iter().find(|(spelling, _)| fold(spelling) == folded);
    own.map(|(_, code)| code.to_ascii_uppercase()).or_else(|| country::code(text).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_of_the_settings_is_understood_beside_the_usual_ones_and_before_them() {
        let settings = Settings {
            countries: [("Lower Saxony".to_owned(), "de".to_owned()), ("Georgia".to_owned(), "us".to_owned())].into(),
            ..Settings::default()
        };
        for (text, expected) in
            [("lower saxony", Some("DE")), ("GEORGIA", Some("US")), ("Deutschland", Some("DE")), ("Atlantis", None)]
        {
            assert_eq!(code(text, &settings).as_deref(), expected, "{text}");
        }
    }
}
