//! The pace: a limit on requests that no part of the program can get around.

use super::settings::{MOST_PER_MINUTE, ServerSettings};
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::time::Duration;
use tokio::time::Instant;

/// The runtime's clock, so that tests can move it.
#[derive(Debug, Clone)]
struct RuntimeClock(Instant);

impl Clock for RuntimeClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, RuntimeClock, NoOpMiddleware<Duration>>;

/// Lets requests through at the pace of the settings.
pub(super) struct Pace(Option<Limiter>);

impl Pace {
    /// A pace after these settings. Only this computer's own server may go without one.
    pub fn new(settings: &ServerSettings, is_loopback: bool) -> Self {
        if !settings.paced && is_loopback {
            return Self(None);
        }
        let per_minute = settings.per_minute.clamp(2, MOST_PER_MINUTE);
        let burst = settings.burst.clamp(1, per_minute / 2);
        // A full burst followed by the steady rate must stay within the limit in any minute.
        let steady = NonZeroU32::new(per_minute - burst).unwrap_or(NonZeroU32::MIN);
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(steady).allow_burst(burst);
        Self(Some(RateLimiter::direct_with_clock(quota, RuntimeClock(Instant::now()))))
    }

    /// Waits until the next request may go.
    pub async fn wait(&self) {
        let Some(limiter) = &self.0 else { return };
        while let Err(not_yet) = limiter.check() {
            let now = limiter.clock().now();
            // Never zero, so that a rounding error cannot spin.
            tokio::time::sleep(not_yet.wait_time_from(now).max(Duration::from_millis(1))).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn seconds(settings: &ServerSettings, requests: u32) -> u64 {
        let pace = Pace::new(settings, true);
        let start = Instant::now();
        for _ in 0..requests {
            pace.wait().await;
        }
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_requests_than_allowed() {
        for (per_minute, burst) in [(60, 12), (30, 12), (30, 30), (2, 1), (10_000, 10_000)] {
            let settings = ServerSettings { per_minute, burst, ..ServerSettings::default() };
            let allowed = per_minute.min(MOST_PER_MINUTE);
            assert!(seconds(&settings, allowed + 1).await >= 59, "{per_minute} {burst}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_few_requests_do_not_wait() {
        assert_eq!(seconds(&ServerSettings::default(), 12).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn only_this_computers_server_goes_without_pace() {
        let settings = ServerSettings { paced: false, ..ServerSettings::default() };
        assert_eq!(seconds(&settings, 1000).await, 0);
        assert!(Pace::new(&settings, false).0.is_some());
    }
}
