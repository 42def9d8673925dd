//! One record at a time: created, changed, archived, merged, forgotten.

use evergreen_model::Fields;
use serde_json::{Value, json};

use crate::call::{Ask, Reply};
use crate::compare;
use crate::error::Error;
use crate::judge::backoff;
use crate::objects::{Link, Objects, Want, Written};
use crate::problem;
use crate::record::Record;
use crate::versions;

/// Creations of one record, each after a look whether the one before came through.
const CREATIONS: u32 = 3;

impl Objects {
    /// Creates a record, linked from the start. `find_by` names a unique property among `properties`: when the answer is lost, the
    /// record is looked for by it before the creation is repeated. Without it a lost answer is [`Error::Lost`].
    ///
    /// # Errors
    /// When HubSpot refuses, when the answer is lost for good, or when HubSpot can not be asked.
    pub async fn create(&self, properties: &Fields, links: &[Link], find_by: Option<&str>) -> Result<Written, Error> {
        let key = find_by.and_then(|name| properties.get(name).map(|value| (name, value.as_str())));
        let wanted: Vec<&str> = properties.keys().map(String::as_str).collect();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let lost = match self.create_once(properties, links).await {
                Err(Error::Lost(error)) => error,
                other => return other,
            };
            let Some((name, value)) = key else { return Err(Error::Lost(lost)) };
            self.client.clock().sleep(backoff(attempt)).await;
            if let Some(record) = self.get_by(name, value, &Want::values(&wanted)).await? {
                let differs = compare::differences(properties, &record);
                return Ok(Written { record, created: true, differs });
            }
            if attempt >= CREATIONS {
                return Err(Error::Lost(lost));
            }
        }
    }

    /// One creation, never repeated after a lost answer.
    pub(crate) async fn create_once(&self, properties: &Fields, links: &[Link]) -> Result<Written, Error> {
        let links: Vec<Value> = links.iter().map(Link::body).collect();
        let body = json!({"properties": properties, "associations": links});
        let body = self.client.expect(&Ask::creation(versions::objects(self.kind.name(), ""), body)).await?;
        written(properties, &body, true)
    }

    /// Changes a record; an empty text clears a property. A record that was merged away changes where it lives on.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn update(&self, id: &str, properties: &Fields) -> Result<Written, Error> {
        self.patch(Ask::new("PATCH", self.path(id)), properties).await
    }

    /// Changes the record with a unique value.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn update_by(&self, property: &str, value: &str, properties: &Fields) -> Result<Written, Error> {
        self.patch(Ask::new("PATCH", self.path(value)).with("idProperty", property), properties).await
    }

    async fn patch(&self, ask: Ask, properties: &Fields) -> Result<Written, Error> {
        let ask = Ask { body: Some(json!({"properties": properties})), ..ask };
        let body = self.client.expect(&ask).await?;
        written(properties, &body, false)
    }

    /// Moves a record to the recycle bin; one that is there already is fine.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn archive(&self, id: &str) -> Result<(), Error> {
        match self.client.ask(&Ask::new("DELETE", self.path(id))).await? {
            Reply::Ok(_) | Reply::Refused(404, _) => Ok(()),
            Reply::Refused(status, refusal) => {
                Err(Error::Refused { status, refusal: Box::new(refusal), call: format!("DELETE {}", self.path(id)) })
            }
        }
    }

    /// Merges `other` into `primary`; can not be taken back. The answer may have a new id, to which both old ones lead.
    ///
    /// A lost answer is looked into: when both ids lead to one record, the merge was done.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn merge(&self, primary: &str, other: &str) -> Result<Record, Error> {
        let body = json!({"primaryObjectId": primary, "objectIdToMerge": other});
        let ask = Ask::creation(versions::objects(self.kind.name(), "/merge"), body);
        let lost = match self.client.expect(&ask).await {
            Ok(body) => {
                return Record::read(&body).ok_or_else(|| problem::odd(&ask.name(), "the record has no id").into());
            }
            Err(Error::Lost(error)) => error,
            Err(error) => return Err(error),
        };
        self.client.clock().sleep(backoff(1)).await;
        let one = self.get(primary, &Want::default()).await?;
        let two = self.get(other, &Want::default()).await?;
        match (one, two) {
            (Some(one), Some(two)) if one.id == two.id => Ok(one),
            _ => Err(Error::Lost(lost)),
        }
    }

    /// Deletes a contact for good, as the GDPR's right to erasure demands. Put the person on your own suppression list as well.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked; a contact that is gone already is fine.
    pub async fn forget(&self, id: &str) -> Result<(), Error> {
        self.forget_as(json!({"objectId": id})).await
    }

    /// Deletes the contact with this address for good; an address that no contact has is blocked from now on.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn forget_address(&self, email: &str) -> Result<(), Error> {
        self.forget_as(json!({"objectId": email, "idProperty": "email"})).await
    }

    async fn forget_as(&self, body: Value) -> Result<(), Error> {
        let ask = Ask::post(versions::objects(self.kind.name(), "/gdpr-delete"), body);
        match self.client.ask(&ask).await? {
            Reply::Ok(_) => Ok(()),
            Reply::Refused(404, refusal) if refusal.code == "OBJECT_NOT_FOUND" => Ok(()),
            Reply::Refused(status, refusal) => {
                Err(Error::Refused { status, refusal: Box::new(refusal), call: ask.name() })
            }
        }
    }

    fn path(&self, id: &str) -> String {
        versions::objects(self.kind.name(), &format!("/{}", versions::key(id)))
    }
}

fn written(properties: &Fields, body: &Value, created: bool) -> Result<Written, Error> {
    let record = Record::read(body).ok_or_else(|| problem::odd("a write", "the record in the answer has no id"))?;
    let differs = compare::differences_in(properties, body, &record);
    Ok(Written { record, created, differs })
}
