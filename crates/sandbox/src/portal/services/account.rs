//! The account a portal belongs to: name, kind, time zone.

use axum::http::Method;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::super::Portal;
use super::super::errors::{PORTAL_ID, Refusal};
use crate::clock::Millis;
use crate::wire::Reply;

#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub id: u64,
    pub name: String,
    pub account_type: String,
    pub time_zone: String,
    /// How long an import takes.
    pub import_ms: Millis,
    created: Millis,
}

impl Account {
    pub(crate) fn first(created: Millis) -> Account {
        Account {
            id: PORTAL_ID,
            name: "Evergreen sandbox".to_owned(),
            account_type: "SANDBOX".to_owned(),
            time_zone: "US/Eastern".to_owned(),
            import_ms: 1_000,
            created,
        }
    }

    pub(crate) fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// Takes what an admin call says; what it does not say stays.
    pub(crate) fn configure(&mut self, body: &Value) -> Result<(), String> {
        if let Some(zone) = body["time_zone"].as_str() {
            TimeZone::get(zone).map_err(|problem| problem.to_string())?;
            self.time_zone = zone.to_owned();
        }
        if let Some(kind) = body["account_type"].as_str() {
            if !matches!(kind, "STANDARD" | "DEVELOPER_TEST" | "SANDBOX" | "APP_DEVELOPER") {
                return Err("account_type must be STANDARD, DEVELOPER_TEST, SANDBOX or APP_DEVELOPER".to_owned());
            }
            self.account_type = kind.to_owned();
        }
        if let Some(name) = body["name"].as_str() {
            self.name = name.to_owned();
        }
        if let Some(ms) = body["import_ms"].as_i64() {
            self.import_ms = ms.max(0);
        }
        Ok(())
    }
}

impl Portal {
    pub(crate) fn account(&self, method: &Method, rest: &[&str], at: Millis) -> Result<Reply, Refusal> {
        if rest != ["details"] {
            return Err(Refusal::not_found());
        }
        if method != Method::GET {
            return Err(Refusal::wrong_method());
        }
        let account = &self.services.account;
        let offset_s = jiff::Timestamp::from_millisecond(at)
            .map_or(0, |stamp| stamp.to_zoned_datetime(account.zone()).offset().seconds());
        let sign = if offset_s < 0 { '-' } else { '+' };
        let minutes = offset_s.abs() / 60;
        Ok(Reply::json(
            200,
            json!({
                "portalId": account.id, "accountType": account.account_type, "timeZone": account.time_zone,
                "companyCurrency": "USD", "additionalCurrencies": [],
                "utcOffset": format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60),
                "utcOffsetMilliseconds": i64::from(offset_s) * 1000, "uiDomain": "app.hubspot.com",
                "dataHostingLocation": "na1", "portalName": account.name, "createdAt": account.created,
            }),
        ))
    }
}
