//! The DNS server: mail servers, null MX, SPF, DMARC and dead domains of the world, answered over real sockets.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::{Metadata, ResponseCode};
use hickory_server::proto::rr::rdata::{A, MX, SOA, TXT};
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};

use crate::SandboxProblem;
use crate::chance::draw;
use crate::world::{Mail, World};

const TTL_S: u32 = 300;
const TCP_TIMEOUT: Duration = Duration::from_secs(5);
const TCP_BUFFER: usize = 4096;
const MICROSOFT: &str = "mail.protection.outlook.com";
const GOOGLE: &[(u16, &str)] =
    &[(1, "aspmx.l.google.com"), (5, "alt1.aspmx.l.google.com"), (5, "alt2.aspmx.l.google.com")];

/// What one name has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Holdings {
    mx: Vec<(u16, String)>,
    a: Option<Ipv4Addr>,
    txt: Option<String>,
}

/// All names the server knows, lower case, without the final dot.
#[derive(Debug, Default)]
pub(crate) struct Zones(HashMap<String, Holdings>);

impl Zones {
    pub(crate) fn of(world: &World) -> Zones {
        let mut zones = Zones::default();
        for (_, host) in GOOGLE {
            zones.host(host);
        }
        for company in &world.companies {
            zones.domain(&company.domain, company.mail, company.spf, company.dmarc);
        }
        for domain in &world.domains {
            zones.domain(&domain.domain, domain.mail, domain.spf, domain.dmarc);
        }
        zones
    }

    fn host(&mut self, name: &str) {
        self.0.entry(name.to_owned()).or_default().a = Some(address(name));
    }

    fn domain(&mut self, name: &str, mail: Mail, spf: bool, dmarc: bool) {
        let name = name.trim().trim_end_matches('.').to_lowercase();
        if name.is_empty() || mail == Mail::Dead || self.0.contains_key(&name) {
            return;
        }
        let mut holdings = Holdings { a: (mail != Mail::None).then(|| address(&name)), ..Holdings::default() };
        let mut senders = "a mx".to_owned();
        match mail {
            Mail::Google => {
                holdings.mx = GOOGLE.iter().map(|(rank, host)| (*rank, (*host).to_owned())).collect();
                senders = "include:_spf.google.com".to_owned();
            }
            Mail::Microsoft => {
                let host = format!("{}.{MICROSOFT}", name.replace('.', "-"));
                self.host(&host);
                holdings.mx = vec![(0, host)];
                senders = "include:spf.protection.outlook.com".to_owned();
            }
            Mail::Own => {
                let host = format!("mail.{name}");
                self.host(&host);
                holdings.mx = vec![(10, host)];
            }
            Mail::NullMx => holdings.mx = vec![(0, ".".to_owned())],
            Mail::None | Mail::Dead => {}
        }
        holdings.txt = spf.then(|| format!("v=spf1 {senders} ~all"));
        if dmarc {
            self.0.entry(format!("_dmarc.{name}")).or_default().txt =
                Some(format!("v=DMARC1; p=quarantine; rua=mailto:dmarc@{name}"));
        }
        if mail != Mail::None {
            self.host(&format!("www.{name}"));
        }
        self.0.insert(name, holdings);
    }

    /// Answers one question: the records, or that the name does not exist.
    fn answer(&self, name: &Name, kind: RecordType) -> Option<Vec<Record>> {
        let key = name.to_ascii().trim_end_matches('.').to_lowercase();
        let holdings = self.0.get(&key)?;
        let record = |data: RData| Record::from_rdata(name.clone(), TTL_S, data);
        Some(match kind {
            RecordType::MX => holdings
                .mx
                .iter()
                .filter_map(|(rank, host)| {
                    let host = Name::from_ascii(format!("{}.", host.trim_end_matches('.'))).ok()?;
                    Some(record(RData::MX(MX::new(*rank, host))))
                })
                .collect(),
            RecordType::A => holdings.a.map(|at| record(RData::A(A(at)))).into_iter().collect(),
            RecordType::TXT => {
                holdings.txt.iter().map(|text| record(RData::TXT(TXT::new(vec![text.clone()])))).collect()
            }
            _ => Vec::new(),
        })
    }
}

/// An address from the range kept for documentation, always the same for a name.
fn address(name: &str) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, 1 + (draw(0, &["a", name]) % 250) as u8)
}

#[async_trait::async_trait]
impl RequestHandler for Zones {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, mut answer_to: R) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        let (records, soa) = match request.request_info() {
            Ok(info) => {
                let name: &Name = info.query.original().name();
                let found = self.answer(name, info.query.query_type());
                if found.is_none() {
                    metadata.response_code = ResponseCode::NXDomain;
                }
                let records = found.unwrap_or_default();
                // Negative answers carry the zone's SOA, which says how long to believe them.
                let soa = if records.is_empty() { Some(start_of(name)) } else { None };
                (records, soa)
            }
            Err(_) => {
                metadata.response_code = ResponseCode::FormErr;
                (Vec::new(), None)
            }
        };
        let failed = metadata;
        let builder = MessageResponseBuilder::from_message_request(request);
        let response = builder.build(metadata, records.iter(), [], soa.iter(), []);
        match answer_to.send_response(response).await {
            Ok(info) => info,
            Err(problem) => {
                tracing::debug!(%problem, "a DNS answer could not be sent");
                hickory_server::proto::op::Header { metadata: failed, counts: Default::default() }.into()
            }
        }
    }
}

fn start_of(name: &Name) -> Record {
    let zone = name.base_name();
    let server = Name::from_ascii("ns.sandbox.invalid.").unwrap_or_else(|_| Name::root());
    Record::from_rdata(zone, TTL_S, RData::SOA(SOA::new(server.clone(), server, 1, 3600, 600, 86_400, TTL_S)))
}

/// Binds UDP, and TCP on the same port where it is free, and serves until the server is shut down.
pub(crate) async fn serve(zones: Zones, port: u16) -> Result<(Server<Zones>, SocketAddr), SandboxProblem> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let failed = |source| SandboxProblem::Listen { address: format!("udp {wanted}"), source };
    let socket = UdpSocket::bind(wanted).await.map_err(failed)?;
    let address = socket.local_addr().map_err(failed)?;
    let mut server = Server::new(zones);
    server.register_socket(socket);
    match TcpListener::bind(address).await {
        Ok(listener) => server.register_listener(listener, TCP_TIMEOUT, TCP_BUFFER),
        Err(problem) => tracing::debug!(%problem, "DNS answers over UDP only"),
    }
    Ok((server, address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Company, MailDomain};

    #[test]
    fn every_mail_kind_has_its_records() {
        let company = |domain: &str, mail| Company {
            domain: domain.to_owned(),
            mail,
            spf: true,
            dmarc: true,
            ..Company::default()
        };
        let world = World {
            companies: vec![
                company("g.example", Mail::Google),
                company("m.example", Mail::Microsoft),
                company("n.example", Mail::NullMx),
                company("x.example", Mail::Dead),
                company("o.example", Mail::None),
            ],
            domains: vec![MailDomain { domain: "Free.example".to_owned(), ..MailDomain::default() }],
            ..World::default()
        };
        let zones = Zones::of(&world);
        let ask = |name: &str, kind| zones.answer(&Name::from_ascii(name).unwrap(), kind);
        let count = |name: &str, kind| ask(name, kind).map(|records| records.len());
        assert_eq!(count("G.example.", RecordType::MX), Some(3));
        assert_eq!(count("m-example.mail.protection.outlook.com.", RecordType::A), Some(1));
        assert_eq!(count("n.example.", RecordType::MX), Some(1));
        assert_eq!(count("x.example.", RecordType::MX), None);
        assert_eq!(count("o.example.", RecordType::A), Some(0));
        assert_eq!(count("_dmarc.g.example.", RecordType::TXT), Some(1));
        assert_eq!(count("free.example.", RecordType::MX), Some(1));
        assert_eq!(count("nobody.example.", RecordType::A), None);
    }
}
