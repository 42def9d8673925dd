//! Whether a phone number is one: read with the record's country, checked against the numbering plan of its region.

use evergreen_model::{PhoneVerdict, Record};
use rlibphonenumber::{PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};

use crate::country;
use crate::settings::Settings;

/// The verdict on the record's phone, or on its mobile phone when it has no other; `None` when it has neither.
pub(crate) fn judge(record: &Record, settings: &Settings) -> Option<PhoneVerdict> {
    let given = ["phone", "mobilephone"]
        .into_iter()
        .find_map(|field| record.value(field).filter(|value| !value.trim().is_empty()))?;
    let stated = record.value("country").filter(|country| !country.trim().is_empty());
    let region = match stated {
        Some(text) => country::code(text, settings),
        None => Some(settings.default_region.clone()),
    };
    Some(read(given, region.as_deref()))
}

/// Reads a number; `region` (two letters) is used when the number has no country code.
pub(crate) fn read(given: &str, region: Option<&str>) -> PhoneVerdict {
    let default = region.and_then(|code| code.parse::<Region>().ok());
    let number = match PhoneNumber::parse(given, default) {
        Ok(number) => number,
        Err(error) => {
            let note = match (given.trim().starts_with('+'), default) {
                (false, None) => "the number has no country code and the record's country is not known".to_owned(),
                _ => plain(&error).to_owned(),
            };
            return PhoneVerdict {
                valid: false,
                e164: None,
                region: None,
                line_type: "other".to_owned(),
                note: Some(note),
            };
        }
    };
    let valid = number.is_valid();
    let region = number.get_region_code().map(|region| region.to_string());
    let note = if valid {
        None
    } else if number.is_possible_with_reason().is_err() {
        Some("the number has too few or too many digits for its country".to_owned())
    } else {
        Some("the number fits no range of its country's numbering plan".to_owned())
    };
    PhoneVerdict {
        valid,
        e164: Some(number.format_as(PhoneNumberFormat::E164).into_owned()),
        region,
        line_type: line_type(number.get_type()).to_owned(),
        note,
    }
}

const fn line_type(kind: PhoneNumberType) -> &'static str {
    match kind {
        PhoneNumberType::FixedLine => "fixed",
        PhoneNumberType::Mobile => "mobile",
        PhoneNumberType::FixedLineOrMobile => "fixed_or_mobile",
        PhoneNumberType::TollFree => "toll_free",
        PhoneNumberType::PremiumRate => "premium",
        PhoneNumberType::VoIP => "voip",
        PhoneNumberType::SharedCost
        | PhoneNumberType::PersonalNumber
        | PhoneNumberType::Pager
        | PhoneNumberType::UAN
        | PhoneNumberType::VoiceMail
        | PhoneNumberType::Unknown => "other",
    }
}

fn plain(error: &rlibphonenumber::ParseError) -> &'static str {
    use rlibphonenumber::ParseError::{InvalidCountryCode, NotANumber, TooLongNsn, TooShortAfterIdd, TooShortNsn};
    match error {
        InvalidCountryCode => "the number's country code does not exist",
        NotANumber(_) => "this is not a phone number",
        TooShortAfterIdd | TooShortNsn => "the number is too short",
        TooLongNsn => "the number is too long",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_formats_of_lists_give_one_number() {
        for given in ["0161 496 0835", "+441614960835", "0044 161 496 0835", "(0161) 496-0835"] {
            let verdict = read(given, Some("GB"));
            assert_eq!(verdict.e164.as_deref(), Some("+441614960835"), "{given}");
            assert_eq!(
                (verdict.valid, verdict.region.as_deref(), verdict.line_type.as_str()),
                (true, Some("GB"), "fixed")
            );
        }
    }

    #[test]
    fn a_number_without_country_code_and_country_says_so() {
        let verdict = read("0161 496 0835", None);
        assert!(!verdict.valid && verdict.note.unwrap().contains("no country code"));
    }

    #[test]
    fn an_italian_number_keeps_its_leading_zero() {
        assert_eq!(read("06 6982 1234", Some("IT")).e164.as_deref(), Some("+390669821234"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}", region in "[A-Z]{2}") {
            let _ = read(&text, Some(&region));
        }
    }
}
