//! The one way out over HTTP: pacing, retry, timeout, circuit breaker, private addresses refused.
