//! References to the environment such as `${HUBSPOT_TOKEN}`: the only way a secret gets into the settings.

use std::fmt;

use evergreen_model::{Problem, Remedy};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize, Serializer};

/// Reads one variable of the environment.
type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A text that may name variables of the environment: `${NAME}`, or `${NAME:-default}` with a value for when it is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Reference(pub String);

/// A secret, given as `${NAME}`, the name of a variable of the environment. Secrets themselves never stand in the file.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(Reference);

/// A piece of a reference.
enum Piece<'a> {
    Text(&'a str),
    Variable { name: &'a str, default: Option<&'a str> },
}

impl Reference {
    /// The text with its variables filled in. A variable that is set to nothing counts as not set.
    ///
    /// # Errors
    /// `EG-CONFIG-002` when a variable without a default is not set; `EG-CONFIG-003` when the text is no reference.
    pub fn resolve(&self, env: Environment<'_>) -> Result<String, Problem> {
        let pieces = pieces(&self.0).map_err(|why| {
            Problem::new(
                "EG-CONFIG-003",
                Remedy::FixSettings,
                "a reference in the configuration cannot be read",
                why,
                "write `${NAME}`",
            )
        })?;
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Variable { name, default } => match (env(name).filter(|value| !value.is_empty()), default) {
                    (Some(value), _) => text.push_str(&value),
                    (None, Some(default)) => text.push_str(default),
                    (None, None) => {
                        return Err(Problem::new(
                            "EG-CONFIG-002",
                            Remedy::FixSettings,
                            format!("the environment variable {name} is not set"),
                            format!("the configuration refers to it as `${{{name}}}`"),
                            format!("set it, for example in `.env` beside the configuration: {name}=…"),
                        ));
                    }
                },
            }
        }
        Ok(text)
    }

    /// The variables it names.
    #[must_use]
    pub fn variables(&self) -> Vec<&str> {
        let named = |piece: Piece<'_>| match piece {
            Piece::Variable { name, .. } => Some(name.len()),
            Piece::Text(_) => None,
        };
        // Written out once more so that the names borrow from us and not from the pieces.
        let count = pieces(&self.0).map_or(0, |pieces| pieces.into_iter().filter_map(named).count());
        self.0.split("${").skip(1).take(count).map(|rest| rest.split([':', '}']).next().unwrap_or_default()).collect()
    }

    /// Why it cannot be read, if so.
    pub(crate) fn mistake(&self) -> Option<String> {
        pieces(&self.0).err()
    }
}

impl From<&str> for Reference {
    fn from(text: &str) -> Self {
        Reference(text.to_owned())
    }
}

impl Secret {
    /// The secret in the variable of that name.
    #[must_use]
    pub fn in_variable(name: &str) -> Self {
        Secret(Reference(format!("${{{name}}}")))
    }

    /// The secret itself. It is wrapped so that it cannot be printed by accident.
    ///
    /// # Errors
    /// `EG-CONFIG-002` when the variable is not set.
    pub fn resolve(&self, env: Environment<'_>) -> Result<SecretString, Problem> {
        match self.variable() {
            Some(_) => self.0.resolve(env).map(SecretString::from),
            None => Err(Problem::new(
                "EG-CONFIG-003",
                Remedy::FixSettings,
                "a secret stands in the configuration",
                "secrets only by reference",
                "put it into an environment variable and write `${NAME}`",
            )),
        }
    }

    /// The variable it stands in; `None` when it is not a plain reference.
    #[must_use]
    pub fn variable(&self) -> Option<&str> {
        let name = self.0.0.strip_prefix("${")?.strip_suffix('}')?;
        is_name(name).then_some(name)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.variable() {
            Some(name) => write!(f, "${{{name}}}"),
            None => f.write_str("(hidden)"),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({self})")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// For garde: a reference that can be read.
pub(crate) fn readable(reference: &Reference, _context: &()) -> garde::Result {
    reference.mistake().map_or(Ok(()), |why| Err(garde::Error::new(why)))
}

/// For garde: a secret that is a plain reference.
pub(crate) fn by_reference(secret: &Secret, _context: &()) -> garde::Result {
    match secret.variable() {
        Some(_) => Ok(()),
        None if secret.0.0.starts_with("${") => {
            Err(garde::Error::new("secrets only by reference: write `${NAME}` and nothing else, not even a default"))
        }
        None => {
            Err(garde::Error::new("secrets only by reference: put it into an environment variable and write `${NAME}`"))
        }
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        let inner = &rest[at + 2..];
        let end = inner.find('}').ok_or("`${` without a `}` behind it")?;
        let (name, default) = match inner[..end].split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (&inner[..end], None),
        };
        if !is_name(name) {
            return Err("between `${` and `}` belongs the name of a variable: letters, digits and `_`, no digit first"
                .to_owned());
        }
        pieces.push(Piece::Variable { name, default });
        rest = &inner[end + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn env(name: &str) -> Option<String> {
        match name {
            "HOST" => Some("acme.com".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn variables_are_filled_in_and_defaults_stand_in_for_what_is_not_set() {
        let resolve = |text: &str| Reference::from(text).resolve(&env);
        assert_eq!(resolve("https://${HOST}/v1").unwrap(), "https://acme.com/v1");
        assert_eq!(resolve("${NONE:-https://a.com:80}").unwrap(), "https://a.com:80");
        assert_eq!(resolve("${EMPTY:-x}${HOST}").unwrap(), "xacme.com");
        assert_eq!(resolve("plain").unwrap(), "plain");
        assert_eq!(resolve("${NONE}").unwrap_err().code, "EG-CONFIG-002");
        for broken in ["${", "${}", "${1A}", "${A B}"] {
            assert_eq!(resolve(broken).unwrap_err().code, "EG-CONFIG-003", "{broken}");
        }
        assert_eq!(Reference::from("a${HOST}b${NONE:-x}").variables(), ["HOST", "NONE"]);
    }

    #[test]
    fn a_secret_is_never_shown() {
        let literal: Secret = serde_json::from_str("\"pat-na1-abc\"").unwrap();
        let shown = format!("{literal} {literal:?} {}", serde_json::to_string(&literal).unwrap());
        assert!(!shown.contains("abc"), "{shown}");
        assert!(literal.resolve(&env).is_err());
        assert!(by_reference(&literal, &()).is_err());
        let with_default: Secret = serde_json::from_str("\"${HOST:-abc}\"").unwrap();
        assert!(!format!("{with_default}").contains("abc"));
        assert!(by_reference(&with_default, &()).is_err());
        let secret = Secret::in_variable("HOST");
        assert_eq!(format!("{secret:?}"), "Secret(${HOST})");
        assert_eq!(secret.resolve(&env).unwrap().expose_secret(), "acme.com");
    }
}
