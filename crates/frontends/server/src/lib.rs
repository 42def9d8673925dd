//! Pages over HTTP: for now the report of a project folder, on loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use evergreen_model::{Problem, Remedy};
use tokio::net::TcpListener;

/// A page server that listens.
pub struct Pages {
    listener: TcpListener,
    folder: PathBuf,
}

impl Pages {
    /// Listens on loopback; port 0 is any.
    ///
    /// # Errors
    /// `EG-SERVE-001` when the port is taken.
    pub async fn listen(folder: PathBuf, port: u16) -> Result<Pages, Problem> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| {
            Problem::new(
                "EG-SERVE-001",
                Remedy::FixSettings,
                format!("port {port} cannot be listened on"),
                error.to_string(),
                "choose another with --port, or 0 for any",
            )
        })?;
        Ok(Pages { listener, folder })
    }

    /// Where the page is.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }

    /// Serves until `stop` is done.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) {
        let router = Router::new()
            .route("/", get(|folder| page(folder, "report.html", "text/html; charset=utf-8")))
            .route("/report.json", get(|folder| page(folder, "report.json", "application/json")))
            .with_state(self.folder);
        // A listener that breaks ends the serving; there is nobody left to tell.
        let _ = axum::serve(self.listener, router).with_graceful_shutdown(stop).await;
    }
}

async fn page(State(folder): State<PathBuf>, name: &'static str, kind: &'static str) -> Response {
    match tokio::fs::read(folder.join(name)).await {
        Ok(content) => ([(header::CONTENT_TYPE, kind)], content).into_response(),
        Err(error) => (StatusCode::NOT_FOUND, format!("{name}: {error}")).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn the_report_of_the_folder_is_the_first_page() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("report.html"), "<h1>pilot</h1>").unwrap();
        let pages = Pages::listen(folder.path().to_owned(), 0).await.unwrap();
        let address = pages.address().unwrap();
        let serving = tokio::spawn(pages.serve(std::future::pending()));
        let mut peer = TcpStream::connect(address).await.unwrap();
        peer.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        peer.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("<h1>pilot</h1>"), "{answer}");
        serving.abort();
    }
}
