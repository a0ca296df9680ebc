//! All servers in use: so that two projects on one server share its queue and its pace.

use super::events::{Observer, Witness};
use super::server::Server;
use super::settings::ServerSettings;
use crate::api::url::ApiUrl;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// One [`Server`] for each address.
pub struct Servers {
    observer: Observer,
    witness: Option<Witness>,
    known: Mutex<HashMap<ApiUrl, Arc<Server>>>,
}

impl Servers {
    /// No server yet; these will hear of the calls to all of them.
    pub fn new(observer: Observer, witness: Option<Witness>) -> Self {
        Self { observer, witness, known: Mutex::default() }
    }

    /// The server at this address. With other settings than before it is a new one, which then
    /// serves all later calls.
    pub fn at(&self, url: &ApiUrl, settings: &ServerSettings) -> Arc<Server> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(url) {
            Some(server) if server.settings() == settings => Arc::clone(server),
            _ => {
                let server = Server::witnessed(
                    url.clone(),
                    settings.clone(),
                    Arc::clone(&self.observer),
                    self.witness.clone(),
                );
                known.insert(url.clone(), Arc::clone(&server));
                server
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::client::silent;

    #[test]
    fn one_address_is_one_server() {
        let servers = Servers::new(silent(), None);
        let at = |url: &str, settings: &ServerSettings| servers.at(&ApiUrl::parse(url).unwrap(), settings);
        let usual = ServerSettings::default();
        let one = at("https://h.org/api", &usual);
        assert!(Arc::ptr_eq(&one, &at("https://h.org/redcap_v14.0.1/index.php", &usual)));
        assert!(!Arc::ptr_eq(&one, &at("https://h.org/rc/", &usual)));
        let slower = ServerSettings { per_minute: 10, ..usual.clone() };
        assert!(!Arc::ptr_eq(&one, &at("https://h.org/api/", &slower)));
    }
}
