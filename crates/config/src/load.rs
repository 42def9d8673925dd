//! Reads evergreen.yaml: parse, shape, types, values, rules, names; what is wrong is told all at once.

use std::path::Path;

use garde::Validate;

use crate::config::Config;
use crate::error::{ConfigError, ConfigErrors};
use crate::tree::Node;
use crate::{cross, rules, schema, shape};

/// A configuration that was read and found right.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// Their fingerprint; see [`Config::hash`].
    pub hash: String,
}

/// Reads the text of a configuration; `path` is only for messages.
///
/// # Errors
/// Every mistake that can be told, each with line and column: YAML that cannot be read (then only that), unknown keys, wrong
/// kinds, values out of range, secrets written out, rules that do not compile, names that another section does not know.
pub fn load(path: &Path, text: &str) -> Result<Loaded, ConfigErrors> {
    let file = path.display().to_string();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut tree = Node::parse(text).map_err(|(message, at)| {
        ConfigErrors::new(&file, text, vec![ConfigError::new(at, "", format!("this is not YAML: {message}"))], &[])
    })?;
    let shape::Findings { mut errors, rules, secrets } = shape::check(&mut tree, &schema::schema(), text);
    errors.extend(rules::check(&rules, text));
    let config = match tree.read::<Config>() {
        Ok(config) => config,
        Err(unreadable) => {
            let (path, at) = unreadable.place.unwrap_or_default();
            errors.push(ConfigError::new(at, path, unreadable.message));
            return Err(ConfigErrors::new(&file, text, errors, &secrets));
        }
    };
    if let Err(report) = config.validate() {
        errors.extend(report.iter().map(|(path, error)| value_error(&tree, &path.to_string(), error.message())));
    }
    errors.extend(cross::check(&config, &tree));
    if !errors.is_empty() {
        return Err(ConfigErrors::new(&file, text, errors, &secrets));
    }
    let hash = config.hash();
    Ok(Loaded { config, hash })
}

fn value_error(tree: &Node, path: &str, message: &str) -> ConfigError {
    // Rust's own words are keys with a trailing underscore in our types.
    let path = path.replace("_.", ".");
    let path = path.strip_suffix('_').unwrap_or(&path);
    let node = tree.nearest(path);
    // Above the value: it is not in the file, so its default does not go with the rest.
    let at = if node.path == path { node.at } else { node.key };
    let name = path.rsplit('.').next().unwrap_or(path);
    let message = match (message.strip_prefix("greater than "), message.strip_prefix("lower than ")) {
        (Some(most), _) => format!("this must be at most {most}"),
        (_, Some(least)) => format!("this must be at least {least}"),
        _ => message.to_owned(),
    };
    let message = if node.path == path { message } else { format!("{name}: {message}") };
    ConfigError::new(at, path, message)
}
