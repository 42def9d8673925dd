//! Searching: by filters, within HubSpot's sizes; beyond 10,000 records by windows of ids.

use serde_json::{Value, json};

use crate::call::Ask;
use crate::error::Error;
use crate::objects::{Objects, RecordPage, Want};
use crate::pace::Class;
use crate::problem;
use crate::record::Record;
use crate::versions::{self, SEARCH_PAGE_MAX, SEARCH_REACH, SEARCH_TEXT_MAX};
use crate::wire;

// Groups of filters, filters in a group, filters in all.
const GROUPS_MAX: usize = 5;
const PER_GROUP_MAX: usize = 6;
const FILTERS_MAX: usize = 18;

/// A condition on one property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Internal name, or `associations.company` for a linked record.
    pub property: String,
    /// The condition.
    pub test: Test,
}

/// What is asked of the value. Times are milliseconds since 1970 as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Equal.
    Eq(String),
    /// Not equal; records without a value do not match.
    Neq(String),
    /// Less.
    Lt(String),
    /// At most.
    Lte(String),
    /// More.
    Gt(String),
    /// At least.
    Gte(String),
    /// From the first to the second, both included.
    Between(String, String),
    /// One of these; text in lower case.
    In(Vec<String>),
    /// None of these.
    NotIn(Vec<String>),
    /// Has any value.
    Has,
    /// Has no value.
    HasNot,
    /// Contains this word; `*` stands for any ending.
    ContainsToken(String),
    /// Does not contain this word.
    NotContainsToken(String),
}

impl Filter {
    /// A condition on one property.
    #[must_use]
    pub fn new(property: &str, test: Test) -> Filter {
        Filter { property: property.to_owned(), test }
    }

    fn body(&self) -> Value {
        let name = &self.property;
        let one = |operator: &str, value: &str| json!({"propertyName": name, "operator": operator, "value": value});
        let many = |operator: &str, values: &[String]| json!({"propertyName": name, "operator": operator, "values": values});
        match &self.test {
            Test::Eq(value) => one("EQ", value),
            Test::Neq(value) => one("NEQ", value),
            Test::Lt(value) => one("LT", value),
            Test::Lte(value) => one("LTE", value),
            Test::Gt(value) => one("GT", value),
            Test::Gte(value) => one("GTE", value),
            Test::Between(low, high) => {
                json!({"propertyName": name, "operator": "BETWEEN", "value": low, "highValue": high})
            }
            Test::In(values) => many("IN", values),
            Test::NotIn(values) => many("NOT_IN", values),
            Test::Has => json!({"propertyName": name, "operator": "HAS_PROPERTY"}),
            Test::HasNot => json!({"propertyName": name, "operator": "NOT_HAS_PROPERTY"}),
            Test::ContainsToken(value) => one("CONTAINS_TOKEN", value),
            Test::NotContainsToken(value) => one("NOT_CONTAINS_TOKEN", value),
        }
    }
}

/// A search. The index lags seconds, sometimes minutes, behind writes: never decide by it whether a record exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Groups of which one must match; all filters of a group must.
    pub any_of: Vec<Vec<Filter>>,
    /// Words looked for in the usual properties (name, address, telephone, …).
    pub text: Option<String>,
    /// Properties whose current value is wanted.
    pub properties: Vec<String>,
    /// Property to sort by, ascending.
    pub sort: Option<String>,
}

impl Search {
    /// Records for which all of these hold.
    #[must_use]
    pub fn all_of(filters: &[Filter], properties: &[&str]) -> Search {
        Search {
            any_of: vec![filters.to_vec()],
            properties: properties.iter().map(|name| (*name).to_owned()).collect(),
            ..Search::default()
        }
    }

    fn body(&self, after: usize, with_properties: bool) -> Value {
        let groups: Vec<Value> = self
            .any_of
            .iter()
            .map(|group| json!({"filters": group.iter().map(Filter::body).collect::<Vec<_>>()}))
            .collect();
        let mut body = json!({"filterGroups": groups, "limit": SEARCH_PAGE_MAX, "after": after.to_string()});
        if with_properties {
            body["properties"] = json!(self.properties);
        }
        if let Some(text) = &self.text {
            body["query"] = json!(text);
        }
        if let Some(sort) = &self.sort {
            body["sorts"] = json!([{"propertyName": sort, "direction": "ASCENDING"}]);
        }
        body
    }

    fn fits(&self) -> Result<(), Error> {
        let filters: usize = self.any_of.iter().map(Vec::len).sum();
        let widest = self.any_of.iter().map(Vec::len).max().unwrap_or(0);
        if self.any_of.len() > GROUPS_MAX || widest > PER_GROUP_MAX || filters > FILTERS_MAX {
            return Err(problem::search_too_large(format!(
                "it has {} groups with up to {widest} filters, {filters} in all; HubSpot takes {GROUPS_MAX} groups of \
                 {PER_GROUP_MAX}, {FILTERS_MAX} in all",
                self.any_of.len()
            ))
            .into());
        }
        Ok(())
    }
}

/// Pages through everything that matches, however many there are.
pub struct SearchPager {
    objects: Objects,
    search: Search,
    last_id: Option<String>,
    done: bool,
}

impl Objects {
    /// One page of matches, `after` of them skipped, and how many there are in all. HubSpot reaches the first 10,000 this way;
    /// see [`Objects::search_all`] for more.
    ///
    /// # Errors
    /// When the search is larger than HubSpot takes, or HubSpot refuses or can not be asked.
    pub async fn search(&self, search: &Search, after: usize) -> Result<(RecordPage, u64), Error> {
        search.fits()?;
        if after + SEARCH_PAGE_MAX > SEARCH_REACH {
            return Err(problem::search_too_large(format!("it skips {after}; HubSpot reaches {SEARCH_REACH}")).into());
        }
        let mut body = search.body(after, true);
        // Many properties do not fit into a search; then they are read by id afterwards.
        let apart = body.to_string().chars().count() > SEARCH_TEXT_MAX;
        if apart {
            body = search.body(after, false);
            let size = body.to_string().chars().count();
            if size > SEARCH_TEXT_MAX {
                return Err(problem::search_too_large(format!("it has {size} characters of {SEARCH_TEXT_MAX}")).into());
            }
        }
        let ask = Ask::post(versions::objects(self.kind.name(), "/search"), body).in_class(Class::Search);
        let body = self.client.expect(&ask).await?;
        let records: Vec<Record> = wire::results(&body, &ask.name())?.iter().filter_map(Record::read).collect();
        let mut page = RecordPage { records, after: wire::next_page(&body) };
        if apart {
            let want = Want { properties: search.properties.clone(), ..Want::default() };
            self.hydrate(&mut page.records, &want).await?;
        }
        Ok((page, body["total"].as_u64().unwrap_or(0)))
    }

    /// Everything that matches, by ascending id. Each page asks for ids beyond the last, so there is no end at 10,000. Takes one
    /// filter of each group for itself, and the sort.
    #[must_use]
    pub fn search_all(&self, search: Search) -> SearchPager {
        SearchPager { objects: self.clone(), search, last_id: None, done: false }
    }
}

impl SearchPager {
    /// The next page; `None` after the last.
    ///
    /// # Errors
    /// As [`Objects::search`]. After an error the same page can be asked for again.
    pub async fn next(&mut self) -> Result<Option<Vec<Record>>, Error> {
        if self.done {
            return Ok(None);
        }
        let mut search = self.search.clone();
        search.sort = Some("hs_object_id".to_owned());
        if let Some(last) = &self.last_id {
            if search.any_of.is_empty() {
                search.any_of.push(Vec::new());
            }
            for group in &mut search.any_of {
                group.push(Filter::new("hs_object_id", Test::Gt(last.clone())));
            }
        }
        let (page, _) = self.objects.search(&search, 0).await?;
        let last = page.records.iter().filter_map(|record| record.id.parse::<u64>().ok()).max();
        self.done = page.after.is_none() || last.is_none();
        self.last_id = last.map(|id| id.to_string());
        Ok(if page.records.is_empty() { None } else { Some(page.records) })
    }
}
