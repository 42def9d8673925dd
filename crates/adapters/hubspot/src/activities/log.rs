//! Logging without doubles: HubSpot has no idempotency key here, so a marker in the text is looked for after a lost answer.

use crate::client::Client;
use crate::compare;
use crate::error::Error;
use crate::judge::backoff;
use crate::object_type::ObjectType;
use crate::objects::{Link, LinkType, Want};
use crate::problem;
use crate::record::Record;

use super::kinds::Activity;

/// Creations of one activity, each after a look whether the one before came through.
const CREATIONS: u32 = 3;

/// Logging on the timeline of records.
#[derive(Clone)]
pub struct Activities {
    pub(crate) client: Client,
}

/// A record on whose timeline an activity appears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnRecord {
    /// Contacts, companies or deals.
    pub kind: ObjectType,
    /// Its id.
    pub id: String,
}

/// An activity that is logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The id of the activity, to be kept with the event it stands for.
    pub id: String,
    /// True when it was there already.
    pub found: bool,
}

impl Activities {
    /// Logs an activity on records. `key` names the event it stands for, for ever: it becomes a marker at the end of the text, by
    /// which the activity is found when HubSpot's answer is lost. When an earlier run may have been cut off in the middle, call
    /// [`Activities::find`] first.
    ///
    /// # Errors
    /// When HubSpot refuses, when the answer is lost for good, or when HubSpot can not be asked.
    pub async fn log(&self, key: &str, activity: &Activity, on: &[OnRecord]) -> Result<Logged, Error> {
        let marker = marker(key);
        let links = links(activity, on)?;
        let objects = self.client.objects(activity.kind());
        let properties = activity.properties(&marker);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let lost = match objects.create_once(&properties, &links).await {
                Ok(written) => return Ok(Logged { id: written.record.id, found: false }),
                Err(Error::Lost(lost)) => lost,
                Err(error) => return Err(error),
            };
            self.client.clock().sleep(backoff(attempt)).await;
            // Without a record to look at, it can not be found, and a double would be worse than a gap.
            if on.is_empty() || attempt >= CREATIONS {
                return Err(Error::Lost(lost));
            }
            if let Some(id) = self.find(key, activity, on).await? {
                return Ok(Logged { id, found: true });
            }
        }
    }

    /// The id of an activity logged before under this key. Reads the records' links, which are current, not the search index, which
    /// lags.
    ///
    /// # Errors
    /// When HubSpot refuses or can not be asked.
    pub async fn find(&self, key: &str, activity: &Activity, on: &[OnRecord]) -> Result<Option<String>, Error> {
        let Some(record) = on.first() else { return Ok(None) };
        let linked = self.client.associations(record.kind.clone(), activity.kind()).of(&record.id).await?;
        let ids: Vec<String> = linked.into_iter().map(|linked| linked.to).collect();
        let properties = activity.properties(&marker(key));
        let names: Vec<&str> = properties.keys().map(String::as_str).collect();
        let found = self.client.objects(activity.kind()).read_plain(None, &ids, &Want::values(&names)).await?;
        let same = |found: &&Record| is_it(found, activity, &marker(key));
        Ok(found.iter().find(same).map(|record| record.id.clone()))
    }
}

/// The marker; where the text is hidden from us (e-mails without their scope), moment and subject must do.
fn is_it(found: &Record, activity: &Activity, marker: &str) -> bool {
    let body = found.value(activity.body_property());
    if !body.is_empty() {
        return body.contains(marker);
    }
    let sent = activity.properties(marker);
    ["hs_timestamp", "hs_email_subject", "hs_email_direction"]
        .iter()
        .all(|name| sent.get(*name).is_some_and(|sent| compare::means_the_same(sent, found.value(name))))
}

/// Short and unlikely to be written by people. Characters that HTML would change are replaced.
fn marker(key: &str) -> String {
    let key: String = key.chars().map(|c| if c.is_alphanumeric() || "-_.:".contains(c) { c } else { '_' }).collect();
    format!("[evergreen {key}]")
}

fn links(activity: &Activity, on: &[OnRecord]) -> Result<Vec<Link>, Error> {
    on.iter()
        .map(|record| {
            let id = activity.link_type(&record.kind).ok_or_else(|| {
                let (what, kind) = (activity.kind(), &record.kind);
                problem::odd("a link", format!("{} can not be logged on {}", what.name(), kind.name()))
            })?;
            Ok(Link { kind: record.kind.clone(), to: record.id.clone(), types: vec![LinkType::hubspot(id)] })
        })
        .collect()
}
