//! When a request is repeated and after how long a wait.

use evergreen_ports::{HttpRequest, HttpResponse, OutboundError};
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

use crate::RETRY_429;
use crate::options::Options;

/// What may be repeated of one request.
#[derive(Debug)]
pub(crate) struct Policy {
    repeatable: bool,
    waits_out_429: bool,
    retries: u32,
    backoff_ms: u64,
    backoff_max_ms: u64,
}

/// What follows from one try.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Hand the result back.
    Done,
    /// Wait and send again.
    Repeat {
        /// How long to wait.
        after: SignedDuration,
        /// The vendor asked everybody to wait, not only this request.
        peer_wide: bool,
    },
}

impl Policy {
    /// The policy of a request; takes our own header out of it.
    pub(crate) fn of(request: &mut HttpRequest, options: &Options) -> Policy {
        let ours = |name: &str| name.eq_ignore_ascii_case(RETRY_429);
        let waits_out_429 = !request.headers.iter().any(|(name, value)| ours(name) && value.eq_ignore_ascii_case("no"));
        request.headers.retain(|(name, _)| !ours(name));
        Policy {
            repeatable: request.repeatable,
            waits_out_429,
            retries: options.retries,
            backoff_ms: options.backoff_ms,
            backoff_max_ms: options.backoff_max_ms,
        }
    }

    /// Judges the result of try number `tries` (from 1).
    pub(crate) fn judge(
        &self,
        result: &Result<HttpResponse, OutboundError>,
        tries: u32,
        now: Timestamp,
        chance: u64,
    ) -> Verdict {
        if tries > self.retries {
            return Verdict::Done;
        }
        let (repeat, asked_wait) = match result {
            // Refused for haste: nothing was done, so repeating is harmless even for a request that is not repeatable.
            Ok(response) if response.status == 429 => (self.waits_out_429, retry_after(response, now)),
            Ok(response) if matches!(response.status, 500 | 502 | 503 | 504) => {
                (self.repeatable, retry_after(response, now))
            }
            Ok(_) => (false, None),
            // Nothing was sent.
            Err(OutboundError::Unreachable(_)) => (true, None),
            Err(OutboundError::Timeout(_) | OutboundError::Broken(_)) => (self.repeatable, None),
            Err(OutboundError::Forbidden(_) | OutboundError::Open(_)) => (false, None),
        };
        if !repeat {
            return Verdict::Done;
        }
        let most = SignedDuration::from_millis(i64::try_from(self.backoff_max_ms).unwrap_or(i64::MAX));
        match asked_wait {
            Some(wait) if wait > most => Verdict::Done,
            // A little more than asked, so that all who wait do not come back in the same instant.
            Some(wait) => {
                Verdict::Repeat { after: wait + SignedDuration::from_millis((chance % 100) as i64), peer_wide: true }
            }
            None => Verdict::Repeat { after: self.jittered(tries, chance), peer_wide: false },
        }
    }

    /// Full jitter: anything between nothing and the doubled wait.
    fn jittered(&self, tries: u32, chance: u64) -> SignedDuration {
        let doubled = self.backoff_ms.saturating_mul(1_u64.checked_shl(tries.saturating_sub(1)).unwrap_or(u64::MAX));
        let most = doubled.min(self.backoff_max_ms);
        SignedDuration::from_millis(i64::try_from(chance % most.saturating_add(1).max(1)).unwrap_or(i64::MAX))
    }
}

/// How long the vendor asks us to wait: seconds (whole or not) or an HTTP date.
fn retry_after(response: &HttpResponse, now: Timestamp) -> Option<SignedDuration> {
    let text = response.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        let ms = (seconds.clamp(0.0, 1e9) * 1_000.0).ceil();
        return Some(SignedDuration::from_millis(ms as i64));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(date.duration_since(now).max(SignedDuration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(repeatable: bool, headers: &[(&str, &str)]) -> Policy {
        let mut request = HttpRequest {
            peer: "acme".into(),
            method: "POST".into(),
            url: "https://api.acme.example/".into(),
            query: vec![],
            secret_query: vec![],
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: None,
            timeout_ms: 1_000,
            repeatable,
        };
        let policy = Policy::of(&mut request, &Options::default());
        assert!(request.headers.is_empty(), "our own header is never sent");
        policy
    }

    fn answer(status: u16, retry_after: Option<&str>) -> Result<HttpResponse, OutboundError> {
        let headers = retry_after.map(|value| ("retry-after".to_owned(), value.to_owned())).into_iter().collect();
        Ok(HttpResponse { status, headers, body: vec![], latency_ms: 1, tries: 1 })
    }

    #[test]
    fn what_is_repeated_depends_on_what_may_have_been_done() {
        let now = Timestamp::UNIX_EPOCH;
        let repeats = |repeatable: bool, result: &Result<HttpResponse, OutboundError>| {
            matches!(policy(repeatable, &[]).judge(result, 1, now, 7), Verdict::Repeat { .. })
        };
        for (result, if_repeatable, if_not) in [
            (answer(200, None), false, false),
            (answer(404, None), false, false),
            (answer(429, None), true, true),
            (answer(503, None), true, false),
            (Err(OutboundError::Unreachable(String::new())), true, true),
            (Err(OutboundError::Timeout(String::new())), true, false),
            (Err(OutboundError::Broken(String::new())), true, false),
            (Err(OutboundError::Forbidden(String::new())), false, false),
        ] {
            assert_eq!(repeats(true, &result), if_repeatable, "{result:?}");
            assert_eq!(repeats(false, &result), if_not, "{result:?}");
        }
    }

    #[test]
    fn a_vendor_whose_429_is_not_haste_is_not_asked_again() {
        let policy = policy(true, &[("X-Evergreen-Retry-429", "no")]);
        assert_eq!(policy.judge(&answer(429, None), 1, Timestamp::UNIX_EPOCH, 1), Verdict::Done);
    }

    #[test]
    fn the_vendors_own_wait_is_kept_and_a_very_long_one_is_handed_back() {
        let policy = policy(false, &[]);
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().expect("a time");
        let wait = |text: &str| policy.judge(&answer(429, Some(text)), 1, now, 0);
        assert_eq!(wait("3"), Verdict::Repeat { after: SignedDuration::from_secs(3), peer_wide: true });
        assert_eq!(
            wait("Mon, 23 Nov 2026 10:00:05 GMT"),
            Verdict::Repeat { after: SignedDuration::from_secs(5), peer_wide: true }
        );
        assert_eq!(wait("1740"), Verdict::Done);
    }

    #[test]
    fn waits_double_up_to_the_limit_and_are_drawn_from_nothing_up() {
        let policy = policy(true, &[]);
        for (tries, most) in [(1, 500), (2, 1_000), (3, 2_000), (4, 4_000)] {
            assert_eq!(policy.jittered(tries, most), SignedDuration::from_millis(most as i64));
            assert_eq!(policy.jittered(tries, 0), SignedDuration::ZERO);
        }
        assert_eq!(policy.jittered(60, 30_000), SignedDuration::from_secs(30));
        assert_eq!(policy.judge(&answer(429, None), 5, Timestamp::UNIX_EPOCH, 1), Verdict::Done, "patience ends");
    }
}
