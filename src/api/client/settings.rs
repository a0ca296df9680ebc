//! How a server is to be treated.

use std::path::PathBuf;
use std::time::Duration;

/// The most requests a minute that any setting can give. REDCap bans an address for good at 600
/// a minute by default, and others behind the same address count too (`redcap-api.md` §1.8).
pub const MOST_PER_MINUTE: u32 = 240;

/// How to reach a server and how hard to lean on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// A PEM file with certificates of authorities to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The most requests in any minute, retries and redirects included. At most 240.
    pub per_minute: u32,
    /// How many of them may come at once before the pace is kept. At most half of `per_minute`.
    pub burst: u32,
    /// Whether the pace is kept. Turning it off works for this computer's own server only.
    pub paced: bool,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long to wait for the first or the next part of an answer.
    pub idle_timeout: Duration,
    /// The most bytes of one answer, after decompression.
    pub max_bytes: u64,
    /// How often a read is tried again after a passing failure. Writes are never sent again.
    pub retries: u32,
    /// The wait before the first repetition; it doubles each time.
    pub retry_wait: Duration,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            ca_file: None,
            per_minute: 60,
            burst: 12,
            paced: true,
            connect_timeout: Duration::from_secs(15),
            // REDCap makes a whole export before it sends the first byte; R clients wait 5 minutes.
            idle_timeout: Duration::from_secs(300),
            max_bytes: 2 << 30,
            retries: 3,
            retry_wait: Duration::from_secs(1),
        }
    }
}
