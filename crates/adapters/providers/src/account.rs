//! The account with a vendor: how many credits are left, and whether the key is good.

use std::collections::BTreeMap;

use evergreen_model::{AnswerOutcome, Credits, Entity, Fields};

use crate::document::{Account, Identity, IdentityKind};
use crate::expression::Body;
use crate::manifest::Manifest;
use crate::reading::{Reading, Received};
use crate::request::{Parts, parts};
use crate::template::Scope;
use crate::view::View;

/// The account call whose answer is how many credits are left.
pub const BALANCE: &str = "balance";

/// What a vendor says about the account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountReading {
    /// How it reads: a hit, or what is wrong with the key.
    pub reading: Reading,
    /// Credits left, by pool.
    pub pools: BTreeMap<String, Credits>,
}

impl Manifest {
    /// The free request about the account.
    ///
    /// # Errors
    /// A sentence, when there is no such call.
    pub fn account_request(&self, name: &str) -> Result<Parts, String> {
        let account = self.account(name).ok_or_else(|| format!("{} has no account call {name}", self.name()))?;
        parts(&self.document, &account.request, &Scope::new(), &[])
    }

    /// Whether the credits left can be asked for.
    #[must_use]
    pub fn has_balance(&self) -> bool {
        self.account(BALANCE).is_some()
    }

    pub(crate) fn account(&self, name: &str) -> Option<&Account> {
        self.document.account.get(name)
    }

    /// Reads what the vendor says about the account.
    #[must_use]
    pub fn read_account(&self, name: &str, got: Received<'_>) -> AccountReading {
        let Some(account) = self.account(name) else {
            let note = format!("{} has no account call {name}", self.name());
            return AccountReading {
                reading: Reading::unread(AnswerOutcome::Malformed, got.status, note),
                pools: BTreeMap::new(),
            };
        };
        let (fields, unpack, identity) = (BTreeMap::new(), BTreeMap::new(), Identity::default());
        let view = View {
            entity: Entity::Company,
            unpack: &unpack,
            envelope: None,
            rules: vec![(format!("account {name}"), &account.rules), (self.name().to_owned(), &self.document.rules)],
            fields: &fields,
            finds: &[],
            columns: None,
            rows: None,
            charge: &[],
            confidence: None,
            identity: &identity,
            compare: IdentityKind::Nothing,
            pool: String::new(),
            price_max: 0.0,
            ticket: None,
            inferred: false,
        };
        let json = Body::parse(got.body);
        let mut reading = self.reading_of(&view, got, json.as_ref(), &Fields::new(), &[]);
        let mut pools = BTreeMap::new();
        if let Some(json) = json.filter(|_| reading.outcome == AnswerOutcome::Miss && (200..300).contains(&got.status))
        {
            pools = account
                .pools
                .iter()
                .filter_map(|(pool, place)| Some((pool.clone(), Credits::from_units(place.number(&json)?))))
                .collect();
            reading.outcome =
                if pools.len() == account.pools.len() { AnswerOutcome::Hit } else { AnswerOutcome::Malformed };
            reading.rule = "the credits in the answer".to_owned();
        }
        AccountReading { reading, pools }
    }
}
