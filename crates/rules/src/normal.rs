//! The form in which two values of a kind are compared: addresses without case, phones by their digits.

use std::borrow::Cow;

use evergreen_model::field::FieldKind;

/// How text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As written.
    Plain,
    /// Without case: addresses and host names.
    Folded,
    /// By its digits and a leading plus.
    Phone,
    /// Without case, scheme, `www.` and trailing slash.
    Url,
}

impl Form {
    pub(crate) fn of(kind: FieldKind) -> Option<Form> {
        match kind {
            FieldKind::Text => Some(Form::Plain),
            FieldKind::Email | FieldKind::Domain => Some(Form::Folded),
            FieldKind::Phone => Some(Form::Phone),
            FieldKind::Url => Some(Form::Url),
            FieldKind::Number | FieldKind::Flag | FieldKind::Time => None,
        }
    }

    /// The form of whole-value comparisons between two sides: the stricter side's, plain only if both are.
    pub(crate) fn join(self, other: Form) -> Form {
        if self == Form::Plain { other } else { self }
    }

    /// The form of part-of-value questions such as `contains`: case is dropped, nothing is cut off.
    pub(crate) fn of_parts(self) -> Form {
        match self {
            Form::Plain | Form::Phone => Form::Plain,
            Form::Folded | Form::Url => Form::Folded,
        }
    }

    /// Text in this form.
    pub(crate) fn apply(self, text: Cow<'_, str>) -> Cow<'_, str> {
        match self {
            Form::Plain => text,
            Form::Folded => {
                if text.chars().any(char::is_uppercase) {
                    Cow::Owned(text.to_lowercase())
                } else {
                    text
                }
            }
            Form::Phone => Cow::Owned(text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()),
            Form::Url => {
                let lower = text.to_lowercase();
                let bare = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
                let bare = bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/');
                Cow::Owned(bare.to_owned())
            }
        }
    }
}
