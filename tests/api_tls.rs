//! Certificates: what is trusted, and what is refused without a way around.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod certificates;
#[path = "support/script.rs"]
#[allow(dead_code)]
mod script;

use capscope::api::client::{Api, Server, ServerSettings, silent};
use capscope::api::error::{ApiError, ErrorKind};
use capscope::api::token::Token;
use capscope::api::url::ApiUrl;
use certificates::issue;
use script::{Script, ok};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

const TOKEN: &str = "0123456789ABCDEF0123456789ABCDEF";

async fn serve(config: Arc<ServerConfig>) -> Script {
    let acceptor = TlsAcceptor::from(config);
    Script::start_with(vec![ok("14.5.2")], move |stream| {
        let acceptor = acceptor.clone();
        async move { acceptor.accept(stream).await.ok() }
    })
    .await
}

/// Asks for the version over TLS, trusting what the file holds besides the system's authorities.
async fn version(port: u16, ca_file: Option<PathBuf>) -> Result<String, ApiError> {
    let url = ApiUrl::parse(&format!("https://127.0.0.1:{port}/api/")).unwrap();
    let settings = ServerSettings { ca_file, retries: 0, ..ServerSettings::default() };
    let api = Api::new(Server::new(url, settings, silent()), Token::parse(TOKEN).unwrap());
    api.version().await
}

fn pem_file(dir: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = dir.path().join("ca.pem");
    std::fs::write(&path, text).unwrap();
    path
}

#[tokio::test]
async fn an_unknown_authority_is_refused_and_a_file_makes_it_known() {
    let dir = tempfile::tempdir().unwrap();
    let issued = issue("127.0.0.1", false);
    let server = serve(issued.config.clone()).await;
    let error = version(server.port, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Certificate, "{error:?}");
    assert!(error.advice().contains("ca_file") && error.reason().contains("authority"));
    assert!(server.requests().is_empty(), "the token stayed here");

    let file = Some(pem_file(&dir, &issued.authority_pem));
    assert_eq!(version(server.port, file).await.unwrap(), "14.5.2");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_even_with_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let issued = issue("redcap.example.org", false);
    let server = serve(issued.config.clone()).await;
    let error = version(server.port, Some(pem_file(&dir, &issued.authority_pem))).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Certificate, "{error:?}");
    assert!(error.reason().contains("another name"), "{error:?}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn an_expired_certificate_is_refused_even_with_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let issued = issue("127.0.0.1", true);
    let server = serve(issued.config.clone()).await;
    let error = version(server.port, Some(pem_file(&dir, &issued.authority_pem))).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Certificate, "{error:?}");
    assert!(error.reason().contains("expired"), "{error:?}");
}

#[tokio::test]
async fn a_server_without_tls_is_no_secure_connection() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 100]).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    });
    let error = version(port, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Tls, "{error:?}");
}

#[tokio::test]
async fn a_file_without_certificates_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (text, words) in [("", "holds no certificate"), ("not a certificate", "holds no certificate")] {
        let error = version(1, Some(pem_file(&dir, text))).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::TrustStore);
        assert!(error.reason().contains(words), "{error:?}");
    }
    let error = version(1, Some(dir.path().join("nothing.pem"))).await.unwrap_err();
    assert!(error.reason().contains("nothing.pem cannot be read"), "{error:?}");
}
