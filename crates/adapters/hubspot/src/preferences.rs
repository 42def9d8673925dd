//! Who may be written to: subscription types, a person's choices, and opting out.

use serde_json::{Value, json};

use crate::call::Ask;
use crate::client::Client;
use crate::error::Error;
use crate::versions::{self, key};
use crate::wire::{self, str_of};

/// The communication preferences of a portal. Opting somebody in again is left to people.
#[derive(Clone)]
pub struct Preferences {
    pub(crate) client: Client,
}

/// A kind of mail people can refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionType {
    /// HubSpot's id.
    pub id: String,
    /// What people see.
    pub name: String,
    /// For people, what it is for.
    pub description: String,
    /// In use.
    pub active: bool,
}

/// A person's choice about one kind of mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The kind of mail.
    pub subscription_id: String,
    /// Its name.
    pub name: String,
    /// `SUBSCRIBED`, `UNSUBSCRIBED` or `NOT_SPECIFIED`.
    pub status: String,
    /// Where the choice came from.
    pub source: String,
}

impl Preferences {
    /// The kinds of mail this portal knows.
    ///
    /// # Errors
    /// When HubSpot refuses (no scope) or can not be asked.
    pub async fn types(&self) -> Result<Vec<SubscriptionType>, Error> {
        let ask = Ask::get(versions::preferences("/definitions"));
        let body = self.client.expect(&ask).await?;
        let read = |value: &Value| {
            Some(SubscriptionType {
                id: str_of(&value["id"])?,
                name: str_of(&value["name"]).unwrap_or_default(),
                description: str_of(&value["description"]).unwrap_or_default(),
                active: value["isActive"].as_bool().unwrap_or(true),
            })
        };
        Ok(wire::results(&body, &ask.name())?.iter().filter_map(read).collect())
    }

    /// The choices of the person with this address.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn of(&self, email: &str) -> Result<Vec<Choice>, Error> {
        let ask = Ask::get(versions::preferences(&format!("/statuses/{}", key(email)))).with("channel", "EMAIL");
        let body = self.client.expect(&ask).await?;
        Ok(wire::results(&body, &ask.name())?.iter().filter_map(choice).collect())
    }

    /// Records that the person refuses one kind of mail.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn opt_out(&self, email: &str, subscription_id: &str) -> Result<(), Error> {
        let id = subscription_id.parse::<i64>().map_or_else(|_| json!(subscription_id), |id| json!(id));
        let body = json!({"channel": "EMAIL", "statusState": "UNSUBSCRIBED", "subscriptionId": id});
        self.client
            .expect(&Ask::post(versions::preferences(&format!("/statuses/{}", key(email))), body))
            .await
            .map(drop)
    }

    /// Records that the person refuses all mail. Hard to take back; doing it twice is harmless.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn opt_out_of_everything(&self, email: &str) -> Result<(), Error> {
        let path = versions::preferences(&format!("/statuses/{}/unsubscribe-all", key(email)));
        self.client.expect(&Ask::new("POST", path).with("channel", "EMAIL")).await.map(drop)
    }

    /// Whether the person refuses all mail of this portal.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn is_opted_out_of_everything(&self, email: &str) -> Result<bool, Error> {
        let path = versions::preferences(&format!("/statuses/{}/unsubscribe-all", key(email)));
        let ask = Ask::get(path).with("channel", "EMAIL");
        let body = self.client.expect(&ask).await?;
        let refused = |value: &Value| {
            value["status"] == "UNSUBSCRIBED"
                && value["wideStatusType"].as_str().is_none_or(|kind| kind == "PORTAL_WIDE")
        };
        Ok(wire::results(&body, &ask.name())?.iter().any(refused))
    }
}

fn choice(value: &Value) -> Option<Choice> {
    Some(Choice {
        subscription_id: str_of(&value["subscriptionId"])?,
        name: str_of(&value["subscriptionName"]).unwrap_or_default(),
        status: str_of(&value["status"]).unwrap_or_default(),
        source: str_of(&value["source"]).unwrap_or_default(),
    })
}
