//! Checks across sections: sources that exist, fields that exist, tables whose key is a field.

use evergreen_model::{Entity, field};
use evergreen_rules::nearest;

use crate::config::Config;
use crate::error::ConfigError;
use crate::tree::Node;

/// The complaints about names in one section that must be known from another.
pub(crate) fn check(config: &Config, tree: &Node) -> Vec<ConfigError> {
    let mut names = Names { tree, errors: Vec::new() };
    for entity in [Entity::Contact, Entity::Company] {
        waterfall(config, entity, &mut names);
        for (property, rule) in config.sync.rules(entity) {
            if let Some(from) = &rule.from {
                names.field(entity, from, &format!("sync.{}.properties.{property}.from", entity.as_str()));
            }
        }
    }
    for (name, table) in &config.tables {
        names.field(table.entity, &table.key, &format!("tables.{name}.key"));
    }
    for name in config.enrich.budget.per_provider.keys() {
        let known = config.providers.keys().map(String::as_str);
        names.one_of(name, known, "provider", &format!("enrich.budget.per_provider.{name}"), true);
    }
    for name in config.resolve.survivorship.keys() {
        let both =
            || field::fields(Entity::Contact).iter().chain(field::fields(Entity::Company)).map(|field| field.name);
        names.one_of(name, both(), "field", &format!("resolve.survivorship.{name}"), true);
    }
    names.errors
}

fn waterfall(config: &Config, entity: Entity, names: &mut Names<'_>) {
    let waterfall = config.enrich.waterfall(entity);
    let section = format!("enrich.{}", entity.as_str());
    for (list, fields) in [("mandatory", &waterfall.mandatory), ("wanted", &waterfall.wanted)] {
        for (index, name) in fields.iter().enumerate() {
            names.field(entity, name, &format!("{section}.{list}[{index}]"));
        }
    }
    for (index, step) in waterfall.sources.iter().enumerate() {
        let path = format!("{section}.sources[{index}].source");
        let Some((who, what)) = step.source.split_once('.') else {
            let message = format!("`{}` names no operation", step.source);
            names.complain(
                &path,
                message,
                Some("write `provider.operation`, such as `hunter.email_finder`, or `table.NAME`".to_owned()),
            );
            continue;
        };
        if who == "table" {
            names.one_of(what, config.tables.keys().map(String::as_str), "table", &path, false);
            if let Some(table) = config.tables.get(what).filter(|table| table.entity != entity) {
                let message =
                    format!("the table `{what}` is about a {}, not a {}", table.entity.as_str(), entity.as_str());
                names.complain(&path, message, None);
            }
        } else {
            names.one_of(who, config.providers.keys().map(String::as_str), "provider", &path, false);
        }
    }
}

struct Names<'a> {
    tree: &'a Node,
    errors: Vec<ConfigError>,
}

impl Names<'_> {
    fn field(&mut self, entity: Entity, name: &str, path: &str) {
        if field::find(entity, name).is_none() {
            let guess = nearest(name, field::fields(entity).iter().map(|field| field.name));
            let message = format!("a {} has no field `{name}`", entity.as_str());
            self.complain(path, message, guess.map(|guess| format!("did you mean `{guess}`?")));
        }
    }

    fn one_of<'n>(&mut self, name: &str, known: impl Iterator<Item = &'n str>, what: &str, path: &str, is_key: bool) {
        let known: Vec<&str> = known.collect();
        if known.contains(&name) {
            return;
        }
        let help = match nearest(name, known.iter().copied()) {
            Some(guess) => format!("did you mean `{guess}`?"),
            None if known.is_empty() => format!("there are no {what}s yet; add it under `{what}s:`"),
            None if what == "field" => "see `docs/reference/config.md` for the fields".to_owned(),
            None => format!("known: {}", known.join(", ")),
        };
        let message = format!("there is no {what} `{name}`");
        let node = self.tree.nearest(path);
        let at = if is_key { node.key } else { node.at };
        self.errors.push(ConfigError::new(at, path, message).help(help));
    }

    fn complain(&mut self, path: &str, message: String, help: Option<String>) {
        let error = ConfigError::new(self.tree.nearest(path).at, path, message);
        self.errors.push(match help {
            Some(help) => error.help(help),
            None => error,
        });
    }
}
