//! Asks a small DNS server on this machine that knows every kind of good, bad and silent answer.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use evergreen_mail::Dns;
use evergreen_model::DomainFacts;
use evergreen_ports::{Clock, Resolver};
use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, MX, SOA, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use jiff::{SignedDuration, Timestamp};
use tokio::net::UdpSocket;

/// A clock that stands still until a test moves it.
struct Stopped(AtomicI64);

#[async_trait]
impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).expect("a time")
    }

    async fn sleep(&self, duration: SignedDuration) {
        self.0.fetch_add(duration.as_secs(), Ordering::SeqCst);
    }
}

/// A DNS server of one zone file in words.
struct Server {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    /// Names that are answered with this code instead; `None` is silence.
    moods: Arc<Mutex<HashMap<String, Option<ResponseCode>>>>,
}

fn name(text: &str) -> Name {
    Name::from_ascii(text).expect("a name")
}

fn zone() -> Vec<(&'static str, RData)> {
    let mx = |preference, host| RData::MX(MX::new(preference, name(host)));
    let txt = |text: &str| RData::TXT(TXT::new(vec![text.to_owned()]));
    let a = || RData::A(A(Ipv4Addr::new(192, 0, 2, 1)));
    vec![
        ("acme.com.", mx(20, "mx2.mailhost.net.")),
        ("acme.com.", mx(10, "MX1.mailhost.net.")),
        ("acme.com.", txt("v=spf1 include:_spf.mailhost.net -all")),
        ("acme.com.", txt("some-site-verification=1")),
        ("_dmarc.acme.com.", txt("v=DMARC1; p=reject")),
        ("eu.acme.com.", mx(10, "mx1.mailhost.net.")),
        ("plain.com.", mx(10, "mx1.mailhost.net.")),
        ("null.com.", mx(0, ".")),
        ("address.com.", a()),
        ("texts.com.", txt("hello")),
        ("xn--mnchen-3ya.de.", mx(10, "mx1.mailhost.net.")),
        ("half.com.", mx(10, "mx1.mailhost.net.")),
        ("alias.com.", RData::CNAME(hickory_resolver::proto::rr::rdata::CNAME(name("acme.com.")))),
    ]
}

impl Server {
    async fn start() -> Server {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let address = socket.local_addr().expect("an address");
        let asked = Arc::new(AtomicUsize::new(0));
        let moods: Arc<Mutex<HashMap<String, Option<ResponseCode>>>> = Arc::default();
        let (count, mood) = (Arc::clone(&asked), Arc::clone(&moods));
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                count.fetch_add(1, Ordering::SeqCst);
                let query = Message::from_vec(&buffer[..length]).expect("a query");
                let asked = query.queries[0].name().to_ascii().to_lowercase();
                let answer = match mood.lock().expect("moods").get(&asked) {
                    Some(None) => None,
                    Some(Some(code)) => Some(reply(&query, *code, Vec::new())),
                    None => Some(look_up(&query)),
                };
                if let Some(answer) = answer {
                    let _ = socket.send_to(&answer.to_vec().expect("an answer"), from).await;
                }
            }
        });
        Server { address, asked, moods }
    }

    fn mood(&self, name: &str, mood: Option<ResponseCode>) {
        self.moods.lock().expect("moods").insert(name.to_owned(), mood);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn dns(&self) -> (Dns, Arc<Stopped>) {
        let clock = Arc::new(Stopped(AtomicI64::new(1_795_000_000)));
        let dns = Dns::new(Some(self.address), 600, Arc::clone(&clock) as Arc<dyn Clock>).expect("a resolver");
        (dns, clock)
    }
}

fn look_up(query: &Message) -> Message {
    let asked = &query.queries[0];
    let zone = zone();
    let mut wanted = asked.name().to_ascii().to_lowercase();
    let mut answers = Vec::new();
    if let Some((_, RData::CNAME(target))) =
        zone.iter().find(|(owner, data)| *owner == wanted && data.record_type() == RecordType::CNAME)
    {
        answers.push(Record::from_rdata(name(&wanted), 300, RData::CNAME(target.clone())));
        wanted = target.0.to_ascii();
    }
    let found = zone.iter().filter(|(owner, data)| *owner == wanted && data.record_type() == asked.query_type());
    answers.extend(found.map(|(owner, data)| Record::from_rdata(name(owner), 300, data.clone())));
    let exists = zone.iter().any(|(owner, _)| *owner == wanted || owner.ends_with(&format!(".{wanted}")));
    reply(query, if exists { ResponseCode::NoError } else { ResponseCode::NXDomain }, answers)
}

fn reply(query: &Message, code: ResponseCode, answers: Vec<Record>) -> Message {
    let mut message = Message::response(query.metadata.id, OpCode::Query);
    message.metadata.response_code = code;
    message.metadata.recursion_desired = true;
    message.metadata.recursion_available = true;
    message.add_query(query.queries[0].clone());
    if answers.is_empty() {
        let soa = SOA::new(name("ns.test."), name("host.test."), 1, 3600, 600, 86400, 300);
        message.add_authority(Record::from_rdata(name("."), 300, RData::SOA(soa)));
    }
    message.add_answers(answers);
    message
}

/// The facts in one line.
fn show(facts: &DomainFacts) -> String {
    let hosts: Vec<String> = facts.mx.iter().map(|host| format!("{} {}", host.preference, host.host)).collect();
    let exists = facts.exists.map_or("?".to_owned(), |exists| exists.to_string());
    let flags = [(facts.null_mx, "null"), (facts.has_address, "address"), (facts.spf, "spf"), (facts.dmarc, "dmarc")];
    let flags: Vec<&str> = flags.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect();
    format!("exists={exists} mx=[{}] {} {}", hosts.join(", "), flags.join("+"), facts.failure.as_deref().unwrap_or(""))
}

#[tokio::test]
async fn every_kind_of_domain_is_told_apart() {
    let server = Server::start().await;
    server.mood("servfail.com.", Some(ResponseCode::ServFail));
    server.mood("refused.com.", Some(ResponseCode::Refused));
    server.mood("silent.com.", None);
    server.mood("_dmarc.half.com.", Some(ResponseCode::ServFail));
    let (dns, _clock) = server.dns();
    let cases = [
        ("acme.com", "exists=true mx=[10 mx1.mailhost.net, 20 mx2.mailhost.net] spf+dmarc "),
        ("ACME.com.", "exists=true mx=[10 mx1.mailhost.net, 20 mx2.mailhost.net] spf+dmarc "),
        ("eu.acme.com", "exists=true mx=[10 mx1.mailhost.net] dmarc "),
        ("alias.com", "exists=true mx=[10 mx1.mailhost.net, 20 mx2.mailhost.net] spf "),
        ("plain.com", "exists=true mx=[10 mx1.mailhost.net]  "),
        ("null.com", "exists=true mx=[] null "),
        ("address.com", "exists=true mx=[] address "),
        ("texts.com", "exists=true mx=[]  "),
        ("münchen.de", "exists=true mx=[10 mx1.mailhost.net]  "),
        ("gone.com", "exists=false mx=[]  "),
        ("servfail.com", "exists=? mx=[]  servfail"),
        ("refused.com", "exists=? mx=[]  refused"),
        ("silent.com", "exists=? mx=[]  timeout"),
        ("half.com", "exists=true mx=[10 mx1.mailhost.net]  servfail"),
        ("not a name", "exists=? mx=[]  not-a-name"),
    ];
    for (domain, expected) in cases {
        assert_eq!(show(&dns.domain(domain).await), expected, "{domain}");
    }
    assert_eq!(dns.domain("MÜNCHEN.de").await.domain, "xn--mnchen-3ya.de");
}

#[tokio::test]
async fn many_who_want_one_domain_ask_once() {
    let server = Server::start().await;
    let (dns, clock) = server.dns();
    let dns = Arc::new(dns);
    let askers: Vec<_> = (0..50)
        .map(|_| {
            let dns = Arc::clone(&dns);
            tokio::spawn(async move { dns.domain("acme.com").await })
        })
        .collect();
    for asker in askers {
        assert_eq!(asker.await.expect("an answer").mx.len(), 2);
    }
    assert_eq!(server.asked(), 3, "MX, SPF and DMARC");
    clock.sleep(SignedDuration::from_hours(23)).await;
    dns.domain("acme.com").await;
    assert_eq!(server.asked(), 3, "remembered for a day");
    clock.sleep(SignedDuration::from_hours(2)).await;
    dns.domain("acme.com").await;
    assert_eq!(server.asked(), 6, "and then asked again");
}

#[tokio::test]
async fn a_failure_is_soon_forgotten() {
    let server = Server::start().await;
    server.mood("acme.com.", Some(ResponseCode::ServFail));
    let (dns, clock) = server.dns();
    assert_eq!(dns.domain("acme.com").await.failure.as_deref(), Some("servfail"));
    server.moods.lock().expect("moods").clear();
    assert_eq!(dns.domain("acme.com").await.failure.as_deref(), Some("servfail"));
    clock.sleep(SignedDuration::from_secs(31)).await;
    assert_eq!(dns.domain("acme.com").await.mx.len(), 2);
}

#[tokio::test]
async fn a_dead_resolver_is_a_failure_within_the_time() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("an address");
    drop(socket);
    let clock: Arc<dyn Clock> = Arc::new(Stopped(AtomicI64::new(0)));
    let dns = Dns::new(Some(address), 400, clock).expect("a resolver");
    let started = Instant::now();
    let facts = dns.domain("acme.com").await;
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!((facts.exists, facts.mx.len()), (None, 0));
    assert!(matches!(facts.failure.as_deref(), Some("timeout" | "unreachable")), "{facts:?}");
}
