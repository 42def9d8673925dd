//! The programs that run while a judge judges: a fresh sandbox, and the validating proxy before it. Dropped, they end.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::install::{Tools, target};

/// What the sandbox's first token is.
pub const TOKEN: &str = "pat-sandbox-7f3a";

/// A program that answers HTTP until this is dropped.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The answer to a GET, body only.
    pub fn get(&self, path: &str) -> std::io::Result<String> {
        get(self.port, path)
    }

    fn start(command: &mut Command, log: &Path, port: u16, path: &str, patience: u64) -> Result<Server, String> {
        let file = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
        let errors = file.try_clone().map_err(|error| error.to_string())?;
        let child = command.stdin(Stdio::null()).stdout(file).stderr(errors).spawn();
        let child = child.map_err(|error| format!("{command:?}: {error}"))?;
        let mut server = Server { child, port };
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(patience) {
            if get(port, path).is_ok() {
                return Ok(server);
            }
            if server.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let told = std::fs::read_to_string(log).unwrap_or_default();
        Err(format!("{command:?} does not answer: {}", told.chars().take(600).collect::<String>()))
    }
}

/// A sandbox of its own for one judge.
pub fn sandbox(tools: &Tools, name: &str) -> Result<Server, String> {
    let (port, dns) = (free_tcp()?, free_udp()?);
    let folder = tools.home.join("work");
    super::install::make(&folder)?;
    let mut command = Command::new(built("evergreen"));
    command.args(["sandbox", "--unlimited", "--port", &port.to_string(), "--dns-port", &dns.to_string()]);
    Server::start(
        command.current_dir(&folder),
        &tools.home.join(format!("{name}.sandbox.log")),
        port,
        "/__sandbox/health",
        30,
    )
}

/// The proxy that compares what goes through it with HubSpot's description.
pub fn proxy(tools: &Tools, document: &Path, before: &Server) -> Result<Server, String> {
    let port = free_tcp()?;
    let mut command = Command::new("node");
    command.arg(&tools.prism).args(["proxy", "-h", "127.0.0.1", "-p", &port.to_string()]);
    command.arg(document).arg(before.url());
    Server::start(command.current_dir(&tools.js), &tools.home.join("prism.log"), port, "/__sandbox/health", 90)
}

/// A program of ours that cargo built.
pub fn built(name: &str) -> PathBuf {
    target().join("debug").join(name)
}

fn free_tcp() -> Result<u16, String> {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr());
    socket.map(|address| address.port()).map_err(|error| error.to_string())
}

fn free_udp() -> Result<u16, String> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr());
    socket.map(|address| address.port()).map_err(|error| error.to_string())
}

fn get(port: u16, path: &str) -> std::io::Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\naccept: */*\r\n\r\n")?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    body.ok_or_else(|| std::io::Error::other("the answer is cut off"))
}
