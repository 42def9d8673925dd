//! What changed since: by the modified date, with an overlap for the lagging index, beyond 10,000 by windows of time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::error::Error;
use crate::objects::{Filter, Objects, RecordPage, Search, Test};
use crate::problem;
use crate::record::Record;
use crate::versions::{SEARCH_PAGE_MAX, SEARCH_REACH};

/// The index lags seconds, at times minutes: a later look goes back at least this far.
pub(crate) const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// Where a reading of changes stands; travels as text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Cursor {
    /// Changed at this millisecond or later, so many of them skipped.
    From { millis: i64, skip: usize },
    /// Within one millisecond that has more changes than a search reaches (an import, say): by id.
    Within { millis: i64, beyond: u64 },
}

impl Cursor {
    fn text(&self) -> String {
        match self {
            Cursor::From { millis, skip } => format!("from-{millis}-{skip}"),
            Cursor::Within { millis, beyond } => format!("within-{millis}-{beyond}"),
        }
    }

    fn read(text: &str) -> Option<Cursor> {
        let (kind, rest) = text.split_once('-')?;
        let (millis, number) = rest.rsplit_once('-')?;
        let millis = millis.parse().ok()?;
        match kind {
            "from" => Some(Cursor::From { millis, skip: number.parse().ok()? }),
            "within" => Some(Cursor::Within { millis, beyond: number.parse().ok()? }),
            _ => None,
        }
    }
}

/// Pages through what changed since a moment, each change once.
pub struct Changes {
    objects: Objects,
    properties: Vec<String>,
    since: Timestamp,
    after: Option<String>,
    done: bool,
    /// Id to the change already told.
    told: BTreeMap<String, Timestamp>,
}

impl Objects {
    /// A page of the records changed at `since` or later, oldest change first. The cursor may be kept and used later. At the seams
    /// between windows a record can come twice.
    ///
    /// # Errors
    /// When the cursor is not one of ours, or HubSpot refuses or can not be asked.
    pub async fn changed_page(
        &self,
        since: Timestamp,
        properties: &[String],
        after: Option<&str>,
    ) -> Result<RecordPage, Error> {
        let cursor = match after {
            None => Cursor::From { millis: since.as_millisecond(), skip: 0 },
            Some(text) => {
                Cursor::read(text).ok_or_else(|| problem::search_too_large(format!("\"{text}\" is no cursor of changes")))?
            }
        };
        let modified = self.kind.modified_property();
        let mut search = Search { properties: properties.to_vec(), ..Search::default() };
        let skip = match cursor {
            Cursor::From { millis, skip } => {
                search.any_of = vec![vec![Filter::new(modified, Test::Gte(millis.to_string()))]];
                search.sort = Some(modified.to_owned());
                skip
            }
            Cursor::Within { millis, beyond } => {
                search.any_of = vec![vec![
                    Filter::new(modified, Test::Eq(millis.to_string())),
                    Filter::new("hs_object_id", Test::Gt(beyond.to_string())),
                ]];
                search.sort = Some("hs_object_id".to_owned());
                0
            }
        };
        let (mut page, _) = self.search(&search, skip).await?;
        page.after = next(&cursor, &page).map(|cursor| cursor.text());
        Ok(page)
    }

    /// What changed since, minus an overlap of ten minutes or more for changes the index had not shown yet; each change once.
    #[must_use]
    pub fn changed_since(&self, since: Timestamp, overlap: SignedDuration, properties: &[String]) -> Changes {
        let since = since - overlap.max(OVERLAP);
        let (objects, properties) = (self.clone(), properties.to_vec());
        Changes { objects, properties, since, after: None, done: false, told: BTreeMap::new() }
    }
}

impl Changes {
    /// The next page; `None` after the last.
    ///
    /// # Errors
    /// As [`Objects::changed_page`]. After an error the same page can be asked for again.
    pub async fn next(&mut self) -> Result<Option<Vec<Record>>, Error> {
        if self.done {
            return Ok(None);
        }
        let page = self.objects.changed_page(self.since, &self.properties, self.after.as_deref()).await?;
        self.done = page.after.is_none();
        self.after = page.after;
        let fresh = |record: &Record| self.told.insert(record.id.clone(), record.updated_at) != Some(record.updated_at);
        let records: Vec<Record> = page.records.into_iter().filter(fresh).collect();
        Ok(if records.is_empty() && self.done { None } else { Some(records) })
    }
}

fn next(cursor: &Cursor, page: &RecordPage) -> Option<Cursor> {
    let last = page.records.last();
    match *cursor {
        Cursor::From { millis, skip } => {
            page.after.as_ref()?;
            let skip = skip + page.records.len();
            if skip + SEARCH_PAGE_MAX <= SEARCH_REACH {
                return Some(Cursor::From { millis, skip });
            }
            // The search ends here: a new one begins at the last change, unless the whole reach was one moment.
            let reached = last?.updated_at.as_millisecond();
            Some(if reached > millis {
                Cursor::From { millis: reached, skip: 0 }
            } else {
                Cursor::Within { millis, beyond: 0 }
            })
        }
        Cursor::Within { millis, .. } => Some(match (&page.after, last) {
            (Some(_), Some(last)) => Cursor::Within { millis, beyond: last.id.parse().ok()? },
            _ => Cursor::From { millis: millis + 1, skip: 0 },
        }),
    }
}
