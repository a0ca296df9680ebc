//! The door to the demo server: plain, or with a certificate that is good or bad in some way.

use crate::certificates::issue;
use capscope::demo::chaos::{Front, Rule};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What the connection itself is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HTTP.
    Plain,
    /// HTTPS as it should be.
    Good,
    /// The certificate has expired.
    Expired,
    /// The certificate is for another name.
    OtherName,
    /// The certificate's authority is not known here.
    SelfSigned,
    /// The server speaks TLS 1.0 only and says so with an alert.
    OldAlert,
    /// The server speaks TLS 1.0 only and answers in it.
    OldHello,
    /// HTTP where HTTPS should be.
    PlainOnTls,
    /// The server takes the connection and never says a word.
    Silent,
    /// Nothing listens.
    Nobody,
}

/// An open door.
pub struct Door {
    pub url: String,
    pub ca_file: Option<PathBuf>,
    pub front: Option<Front>,
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Door {
    /// Opens a door before the server at `target`; files go into `home`.
    pub async fn open(kind: Kind, target: SocketAddr, home: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let scheme = if matches!(kind, Kind::Plain | Kind::Nobody) { "http" } else { "https" };
        let mut door =
            Self { url: format!("{scheme}://{addr}/api/"), ca_file: None, front: None, task: None };
        match kind {
            Kind::Plain => {
                door.front = Some(Front::before(target, listener, Vec::new()).unwrap());
            }
            Kind::Nobody => drop(listener),
            Kind::OldAlert | Kind::OldHello | Kind::PlainOnTls | Kind::Silent => {
                door.task = Some(tokio::spawn(bad_server(listener, kind)));
            }
            Kind::Good | Kind::Expired | Kind::OtherName | Kind::SelfSigned => {
                let name = if kind == Kind::OtherName { "redcap.example.org" } else { "127.0.0.1" };
                let issued = issue(name, kind == Kind::Expired);
                if kind != Kind::SelfSigned {
                    let file = home.join("ca.pem");
                    std::fs::write(&file, issued.authority_pem).unwrap();
                    door.ca_file = Some(file);
                }
                let acceptor = TlsAcceptor::from(issued.config);
                let accept = move |stream| {
                    let acceptor = acceptor.clone();
                    async move { acceptor.accept(stream).await.ok() }
                };
                door.front = Some(Front::before_over(target, listener, Vec::new(), accept).unwrap());
            }
        }
        door
    }

    /// From now on these rules hold.
    pub fn set(&self, rules: Vec<Rule>) {
        if let Some(front) = &self.front {
            front.set(rules);
        }
    }

    /// How many requests came through, and how many of them were imports.
    pub fn seen(&self) -> (usize, usize) {
        let seen = self.front.as_ref().map(Front::seen).unwrap_or_default();
        (seen.len(), seen.iter().filter(|s| s.import).count())
    }
}

/// A server with which no encryption can be agreed on. One connection after the other.
async fn bad_server(listener: TcpListener, kind: Kind) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let _ = stream.read(&mut [0; 4096]).await;
        let bytes = match kind {
            // A fatal alert: protocol version.
            Kind::OldAlert => vec![0x15, 3, 1, 0, 2, 2, 70],
            Kind::PlainOnTls => b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".to_vec(),
            Kind::Silent => Vec::new(),
            // A server hello in TLS 1.0 with TLS_RSA_WITH_AES_128_CBC_SHA.
            _ => {
                let mut hello = vec![2, 0, 0, 38, 3, 1];
                hello.extend([7; 32]);
                hello.extend([0, 0, 0x2f, 0]);
                [vec![0x16, 3, 1, 0, 42], hello].concat()
            }
        };
        let _ = stream.write_all(&bytes).await;
        if kind != Kind::Silent {
            let _ = stream.shutdown().await;
        }
        let _ = stream.read(&mut [0; 64]).await;
    }
}
