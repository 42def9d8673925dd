//! The bearer tokens of all portals: whose they are, what they may do, until when.

use std::collections::{BTreeSet, HashMap};

use crate::access::Who;
use crate::access::scopes::Need;
use crate::clock::Millis;

/// What a token was granted.
#[derive(Debug, Clone)]
pub(crate) enum Scopes {
    /// Everything, as the token a sandbox starts with has.
    All,
    Only(BTreeSet<String>),
}

impl Scopes {
    pub(crate) fn covers(&self, need: &Need) -> bool {
        match self {
            Scopes::All => true,
            Scopes::Only(granted) => match need {
                Need::AnyOf(scopes) => scopes.iter().any(|scope| granted.contains(scope)),
                Need::Prefix(prefix, _) => granted.iter().any(|scope| scope.starts_with(prefix)),
            },
        }
    }

    pub(crate) fn list(&self) -> Vec<String> {
        match self {
            Scopes::All => super::scopes::KNOWN.iter().map(|scope| (*scope).to_owned()).collect(),
            Scopes::Only(granted) => granted.iter().cloned().collect(),
        }
    }
}

/// One bearer token.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub who: Who,
    pub scopes: Scopes,
    pub user: u32,
    /// Issued to a marketplace app: its own burst limit, no daily pool.
    pub marketplace: bool,
    /// Access tokens of OAuth end; keys made in the portal do not.
    pub expires: Option<Millis>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Keys(HashMap<String, Token>);

impl Keys {
    pub(crate) fn add(&mut self, token: String, grant: Token) {
        self.0.insert(token, grant);
    }

    pub(crate) fn remove(&mut self, token: &str) -> bool {
        self.0.remove(token).is_some()
    }

    pub(crate) fn get(&self, token: &str) -> Option<&Token> {
        self.0.get(token)
    }

    /// Whether an app has any token of a portal.
    pub(crate) fn has(&self, who: Who) -> bool {
        self.0.values().any(|token| token.who == who)
    }

    /// Ends every access token an app has in a portal.
    pub(crate) fn uninstall(&mut self, who: Who) {
        self.0.retain(|_, token| token.who != who || token.expires.is_none());
    }
}
