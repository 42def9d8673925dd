//! The question that known values make: which inputs are sent, in which form, and the key by which it is recognised again.

use evergreen_model::field::{self, FieldKind};
use evergreen_model::{Entity, Fields, OperationCard, Question};

use crate::value;

/// The question of an operation about `known`, or `None` when no set of needed inputs is complete.
///
/// Only the first complete set and the accepted extras go in, so that learning something unrelated does not make it a new question.
/// `takes` are inputs that are no field of a record.
pub(crate) fn question(
    provider: &str,
    operation: &OperationCard,
    takes: &[String],
    known: &Fields,
) -> Option<Question> {
    let input = |name: &String| Some((name.clone(), normal(operation.entity, name, known.get(name)?)?));
    let mut inputs: Fields = operation.needs.iter().find_map(|set| set.iter().map(input).collect())?;
    inputs.extend(operation.accepts.iter().chain(takes).filter_map(input));
    let key = key(provider, &operation.name, &inputs);
    Some(Question {
        provider: provider.to_owned(),
        operation: operation.name.clone(),
        entity: operation.entity,
        inputs,
        key,
    })
}

/// Equal for questions that differ in case only.
fn key(provider: &str, operation: &str, inputs: &Fields) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut part = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    part(provider);
    part(operation);
    for (name, value) in inputs {
        part(name);
        part(&value.to_lowercase());
    }
    hasher.finalize().to_hex().to_string()
}

/// One form per value, however a list wrote it; `None` where it cannot be used.
pub(crate) fn normal(entity: Entity, name: &str, raw: &str) -> Option<String> {
    let text = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return None;
    }
    match field::find(entity, name).map(|field| field.kind) {
        Some(FieldKind::Email) => Some(text.to_lowercase()),
        Some(FieldKind::Domain) => value::domain(&text),
        Some(FieldKind::Url) if name == "hs_linkedin_url" => value::linkedin(&text, "in"),
        Some(FieldKind::Url) if name == "linkedin_company_page" => value::linkedin(&text, "company"),
        Some(FieldKind::Url) => Some(text.trim_end_matches('/').to_owned()),
        Some(FieldKind::Phone) => {
            Some(text.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+').collect())
        }
        _ => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use evergreen_model::Credits;

    use super::*;

    fn card() -> OperationCard {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        OperationCard {
            name: "find".into(),
            entity: Entity::Contact,
            needs: vec![words("email"), words("firstname lastname domain")],
            accepts: words("company"),
            gives: vec![],
            price_max: Credits::ZERO,
            fresh_days: 30,
        }
    }

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_same_person_written_differently_is_the_same_question() {
        let one = question(
            "acme",
            &card(),
            &[],
            &fields(&[("firstname", " Jane "), ("lastname", "DOE"), ("domain", "https://www.Acme.com/")]),
        )
        .expect("complete");
        let other = question(
            "acme",
            &card(),
            &[],
            &fields(&[("firstname", "jane"), ("lastname", "Doe"), ("domain", "acme.com"), ("phone", "1")]),
        )
        .expect("complete");
        assert_eq!(one.key, other.key);
        assert_eq!(one.inputs["domain"], "acme.com");
        assert_eq!(one.inputs["lastname"], "DOE", "the vendor sees what we know");
    }

    #[test]
    fn the_first_complete_set_and_the_extras_are_sent_and_nothing_else() {
        let known = fields(&[
            ("email", "J@Acme.com"),
            ("firstname", "J"),
            ("lastname", "D"),
            ("domain", "acme.com"),
            ("company", "Acme"),
        ]);
        let question = question("acme", &card(), &[], &known).expect("complete");
        assert_eq!(question.inputs, fields(&[("email", "j@acme.com"), ("company", "Acme")]));
    }

    #[test]
    fn missing_inputs_make_no_question_and_other_vendors_other_keys() {
        assert!(
            question("acme", &card(), &[], &fields(&[("firstname", "J"), ("lastname", "D"), ("domain", "  ")]))
                .is_none()
        );
        let known = fields(&[("email", "j@acme.com")]);
        let (one, other) = (question("acme", &card(), &[], &known), question("zeta", &card(), &[], &known));
        assert_ne!(one.expect("complete").key, other.expect("complete").key);
    }
}
