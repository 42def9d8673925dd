//! Asks a DNS resolver about a mail domain and tells "no" from "could not say".

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use evergreen_model::{DomainFacts, Problem, Remedy};
use evergreen_ports::{Clock, Resolver};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::sync::Semaphore;

use crate::cache::Cache;
use crate::records;

/// Domains asked about at the same time; each needs up to five questions, and resolvers drop what comes too fast.
const DOMAINS_AT_ONCE: usize = 64;
/// How often an unanswered question is sent again within its time.
const REPEATS: u32 = 2;

/// Asks DNS through the system's resolver or one of your own.
pub struct Dns {
    resolver: TokioResolver,
    cache: Cache,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    at_once: Semaphore,
}

/// What came of one question.
enum Reply {
    Records(Vec<RData>),
    /// The name exists, but has no record of this kind.
    Nothing,
    /// The name does not exist.
    NoName,
    /// The resolver could not say: `timeout`, `servfail`, `refused`, `unreachable`.
    Failed(&'static str),
}

impl Reply {
    fn records(&self) -> &[RData] {
        match self {
            Reply::Records(records) => records,
            Reply::Nothing | Reply::NoName | Reply::Failed(_) => &[],
        }
    }

    fn failure(&self) -> Option<&'static str> {
        match self {
            Reply::Failed(failure) => Some(failure),
            Reply::Records(_) | Reply::Nothing | Reply::NoName => None,
        }
    }
}

impl Dns {
    /// A resolver at an address, or the system's. `timeout_ms` is the longest wait for one question, repeats included.
    ///
    /// # Errors
    /// `EG-MAIL-001` when the system's resolver settings cannot be read.
    pub fn new(resolver: Option<SocketAddr>, timeout_ms: u64, clock: Arc<dyn Clock>) -> Result<Dns, Problem> {
        let builder = match resolver {
            Some(address) => {
                let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
                for connection in &mut connections {
                    connection.port = address.port();
                }
                let server = NameServerConfig::new(address.ip(), true, connections);
                let config = ResolverConfig::from_name_servers(vec![server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
            None => TokioResolver::builder_tokio().map_err(|error| no_system_resolver(&error))?,
        };
        let timeout = Duration::from_millis(timeout_ms.max(1));
        let mut builder = builder;
        let options = builder.options_mut();
        options.timeout = timeout / (REPEATS + 1);
        options.attempts = REPEATS as usize;
        options.use_hosts_file = ResolveHosts::Never; // the hosts file says nothing about mail
        options.cache_size = 0; // our own cache follows our own clock
        options.max_active_requests = DOMAINS_AT_ONCE * 8;
        let resolver = builder.build().map_err(|error| no_system_resolver(&error))?;
        Ok(Dns { resolver, cache: Cache::default(), clock, timeout, at_once: Semaphore::new(DOMAINS_AT_ONCE) })
    }

    async fn ask(&self, name: &str, kind: RecordType) -> Reply {
        // A trailing dot keeps search domains of the machine out of it.
        let Ok(name) = Name::from_ascii(format!("{name}.")) else { return Reply::NoName };
        let asked =
            tokio::time::timeout(self.timeout + Duration::from_millis(250), self.resolver.lookup(name, kind)).await;
        let error = match asked {
            Ok(Ok(lookup)) => {
                let records = lookup.answers().iter().map(|record| record.data.clone());
                let records: Vec<RData> = records.filter(|data| data.record_type() == kind).collect();
                return if records.is_empty() { Reply::Nothing } else { Reply::Records(records) };
            }
            Ok(Err(error)) => error,
            Err(_elapsed) => NetError::Timeout,
        };
        let reply = match &error {
            NetError::Dns(DnsError::NoRecordsFound(found)) => match found.response_code {
                ResponseCode::NXDomain => Reply::NoName,
                ResponseCode::NoError => Reply::Nothing,
                ResponseCode::Refused => Reply::Failed("refused"),
                _ => Reply::Failed("servfail"),
            },
            NetError::Dns(DnsError::ResponseCode(ResponseCode::Refused)) => Reply::Failed("refused"),
            NetError::Timeout => Reply::Failed("timeout"),
            NetError::Io(_) | NetError::NoConnections | NetError::Busy => Reply::Failed("unreachable"),
            _ => Reply::Failed("servfail"),
        };
        if reply.failure().is_some() {
            tracing::debug!(%kind, %error, "DNS could not say");
        }
        reply
    }

    async fn ask_all(&self, domain: &str) -> DomainFacts {
        let mut facts = DomainFacts { domain: domain.to_owned(), ..DomainFacts::default() };
        let Ok(_permit) = self.at_once.acquire().await else { return facts };
        let mx = self.ask(domain, RecordType::MX).await;
        facts.exists = match &mx {
            Reply::Records(_) | Reply::Nothing => Some(true),
            Reply::NoName => Some(false),
            Reply::Failed(_) => None,
        };
        facts.failure = mx.failure().map(str::to_owned);
        (facts.mx, facts.null_mx) = records::mail_hosts(mx.records().iter().filter_map(|data| match data {
            RData::MX(record) => Some(record),
            _ => None,
        }));
        if facts.exists != Some(true) || facts.null_mx {
            return facts;
        }
        if facts.mx.is_empty() {
            self.ask_address(&mut facts).await;
        }
        let (spf, dmarc) = tokio::join!(self.ask(domain, RecordType::TXT), self.ask_dmarc(domain));
        facts.spf = records::has_spf(texts(&spf));
        facts.dmarc = records::has_dmarc(texts(&dmarc));
        let failure = spf.failure().or(dmarc.failure()).map(str::to_owned);
        // Without SPF or DMARC the facts are incomplete, but what is known stays known.
        facts.failure = facts.failure.or(failure.filter(|_| !facts.mx.is_empty()));
        facts
    }

    /// RFC 5321 5.1: a domain without MX takes mail at its own address.
    async fn ask_address(&self, facts: &mut DomainFacts) {
        let (v4, v6) = tokio::join!(self.ask(&facts.domain, RecordType::A), self.ask(&facts.domain, RecordType::AAAA));
        facts.has_address = !v4.records().is_empty() || !v6.records().is_empty();
        if !facts.has_address {
            facts.failure = v4.failure().or(v6.failure()).map(str::to_owned);
        }
    }

    /// The domain's own DMARC record, or that of the organisation it belongs to.
    async fn ask_dmarc(&self, domain: &str) -> Reply {
        let own = self.ask(&format!("_dmarc.{domain}"), RecordType::TXT).await;
        match records::organisation(domain).filter(|organisation| *organisation != domain) {
            Some(organisation) if !records::has_dmarc(texts(&own)) && own.failure().is_none() => {
                self.ask(&format!("_dmarc.{organisation}"), RecordType::TXT).await
            }
            _ => own,
        }
    }
}

#[async_trait]
impl Resolver for Dns {
    async fn domain(&self, domain: &str) -> DomainFacts {
        let given = domain.trim().trim_end_matches('.');
        let Ok(ascii) = idna::domain_to_ascii_strict(given) else {
            return DomainFacts {
                domain: given.to_lowercase(),
                failure: Some("not-a-name".to_owned()),
                ..DomainFacts::default()
            };
        };
        self.cache.get_or_ask(&ascii, self.clock.now(), self.ask_all(&ascii)).await
    }
}

fn texts(reply: &Reply) -> impl Iterator<Item = &hickory_resolver::proto::rr::rdata::TXT> {
    reply.records().iter().filter_map(|data| match data {
        RData::TXT(record) => Some(record),
        _ => None,
    })
}

fn no_system_resolver(error: &NetError) -> Problem {
    Problem::new(
        "EG-MAIL-001",
        Remedy::FixSettings,
        "no DNS resolver to ask about mail domains",
        format!("the system's resolver settings cannot be used: {error}"),
        "name a resolver in the settings, for example 9.9.9.9:53",
    )
}
