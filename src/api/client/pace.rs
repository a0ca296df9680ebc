//! The pace: a limit on requests that no part of the program can get around.

use super::settings::{MOST_PER_MINUTE, ServerSettings};
use governor::clock::Clock;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::time::Duration;

/// Lets requests through at the pace of the settings.
pub(super) struct Pace(Option<DefaultDirectRateLimiter>);

impl Pace {
    /// A pace after these settings. Only this computer's own server may go without one.
    pub fn new(settings: &ServerSettings, is_loopback: bool) -> Self {
        if !settings.paced && is_loopback {
            return Self(None);
        }
        Self(Some(RateLimiter::direct(quota(settings))))
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

/// The pace of the settings: a full burst followed by the steady rate stays within the limit in
/// any minute.
fn quota(settings: &ServerSettings) -> Quota {
    let per_minute = settings.per_minute.clamp(2, MOST_PER_MINUTE);
    let burst = settings.burst.clamp(1, per_minute / 2);
    let steady = NonZeroU32::new(per_minute - burst).unwrap_or(NonZeroU32::MIN);
    Quota::per_minute(steady).allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    /// How many requests go through in a minute in which someone always wants to send.
    fn in_a_minute(per_minute: u32, burst: u32) -> u32 {
        let settings = ServerSettings { per_minute, burst, ..ServerSettings::default() };
        let clock = FakeRelativeClock::default();
        let limiter = RateLimiter::direct_with_clock(quota(&settings), clock.clone());
        let mut sent = 0;
        for _ in 0..5999 {
            while limiter.check().is_ok() {
                sent += 1;
            }
            clock.advance(Duration::from_millis(10));
        }
        sent
    }

    #[test]
    fn no_minute_has_more_requests_than_allowed() {
        for (per_minute, burst) in [(60, 12), (30, 12), (30, 30), (2, 1), (240, 1), (10_000, 10_000), (0, 0)]
        {
            let sent = in_a_minute(per_minute, burst);
            let allowed = per_minute.clamp(2, MOST_PER_MINUTE);
            assert!(sent <= allowed && sent >= allowed / 10 * 9, "{per_minute} {burst}: {sent}");
        }
    }

    #[tokio::test]
    async fn a_few_requests_do_not_wait() {
        let pace = Pace::new(&ServerSettings::default(), false);
        for _ in 0..12 {
            pace.wait().await;
        }
        let Some(limiter) = &pace.0 else { panic!("no pace") };
        assert!(limiter.check().is_err());
    }

    #[test]
    fn only_this_computers_server_goes_without_pace() {
        let settings = ServerSettings { paced: false, ..ServerSettings::default() };
        assert!(Pace::new(&settings, true).0.is_none());
        assert!(Pace::new(&settings, false).0.is_some());
    }
}
