//! What the terminal and the environment can do, judged from what they say of themselves.

use super::Finding;
use url::Url;

/// What was read from the terminal and the environment. Names of variables are the field's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether keys come from a terminal and the screen is one.
    pub is_terminal: bool,
    /// Columns and rows of the screen, if they can be told.
    pub size: Option<(u16, u16)>,
    /// `TERM`.
    pub term: String,
    /// Whether this is Windows, where `TERM` and the locale say nothing.
    pub windows: bool,
    /// The locale that counts: the first that is set of `LC_ALL`, `LC_CTYPE`, `LANG`.
    pub locale: String,
    /// Whether `NO_COLOR` is set.
    pub no_color: bool,
    /// Whether the terminal is inside tmux.
    pub tmux: bool,
    /// Whether this is a remote login.
    pub ssh: bool,
    /// The proxy for HTTPS, if one is set.
    pub proxy: Option<String>,
}

/// The smallest screen that shows anything.
const SMALLEST: (u16, u16) = (60, 16);
/// From here on a section shows its three parts side by side.
const ROOMY: (u16, u16) = (110, 24);

/// What is good, what to know, and what keeps the interface from working.
pub fn judge(seen: &Surroundings) -> Vec<Finding> {
    let mut found = terminal(seen);
    if !seen.windows {
        found.push(signs(&seen.locale));
    }
    if seen.no_color {
        found.push(Finding::good("Colours", "None, as NO_COLOR asks."));
    }
    if seen.tmux {
        found.push(Finding::remark(
            "Clipboard",
            "This is tmux, which passes copied text on only if told to.",
            "Put 'set -g set-clipboard on' into ~/.tmux.conf.",
        ));
    }
    if seen.ssh {
        found.push(Finding::remark(
            "Remote",
            "This is a remote login: keyring and files are those of the other computer.",
            "Unlock its keyring first, or keep tokens in environment variables ('project add --token-env').",
        ));
    }
    if let Some(proxy) = &seen.proxy {
        found.push(Finding::remark(
            "Proxy",
            format!("Requests to servers go through {}.", without_password(proxy)),
            "",
        ));
    }
    found
}

fn terminal(seen: &Surroundings) -> Vec<Finding> {
    if !seen.is_terminal {
        return vec![Finding::remark(
            "Terminal",
            "Input or output is no terminal.",
            "The interface needs one; commands such as 'capscope export' do not.",
        )];
    }
    if !seen.windows && matches!(seen.term.as_str(), "" | "dumb") {
        return vec![Finding::bad(
            "Terminal",
            format!("TERM is \"{}\": this terminal cannot place text on the screen.", seen.term),
            "Start capscope in a full terminal, or set TERM to its kind, such as xterm-256color.",
        )];
    }
    let Some((width, height)) = seen.size else {
        return vec![Finding::remark("Terminal", "It does not tell its size.", "80 x 24 is taken.")];
    };
    let size = format!("{width} x {height}");
    let below = |least: (u16, u16)| width < least.0 || height < least.1;
    vec![if below(SMALLEST) {
        Finding::bad(
            "Terminal",
            format!("The window has {size}; the interface needs {} x {}.", SMALLEST.0, SMALLEST.1),
            "Make the window larger, or the font smaller.",
        )
    } else if below(ROOMY) {
        let advice = format!("From {} x {} on, list and card stand beside the main part.", ROOMY.0, ROOMY.1);
        Finding::remark("Terminal", format!("The window has {size}."), advice)
    } else {
        Finding::good("Terminal", format!("The window has {size}."))
    }]
}

/// Whether signs beyond ASCII can be shown.
fn signs(locale: &str) -> Finding {
    let upper = locale.to_ascii_uppercase();
    if upper.contains("UTF-8") || upper.contains("UTF8") {
        return Finding::good("Signs", format!("The locale is {locale}."));
    }
    let name = if locale.is_empty() { "not set".to_owned() } else { locale.to_owned() };
    Finding::remark(
        "Signs",
        format!("The locale is {name}, not a UTF-8 one: lines and accents may be broken."),
        "Set LANG to a UTF-8 locale, such as C.UTF-8, or start with --ascii.",
    )
}

/// A proxy's address without the name and password that it may hold.
fn without_password(proxy: &str) -> String {
    match Url::parse(proxy) {
        Ok(url) => {
            let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
            format!("{}{port}", url.host_str().unwrap_or("a proxy"))
        }
        Err(_) => "a proxy whose address cannot be read".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Standing;
    use super::*;

    fn good() -> Surroundings {
        Surroundings {
            is_terminal: true,
            size: Some((120, 36)),
            term: "xterm-256color".into(),
            locale: "en_GB.UTF-8".into(),
            ..Surroundings::default()
        }
    }

    #[test]
    fn a_good_terminal_has_nothing_to_say() {
        assert!(judge(&good()).iter().all(|f| f.standing == Standing::Good && f.advice.is_empty()));
    }

    #[test]
    fn each_lack_is_told_with_what_to_do() {
        type Change = fn(&mut Surroundings);
        let cases: [(Change, &str, Standing, &str); 9] = [
            (|s| s.is_terminal = false, "Terminal", Standing::Remark, "commands"),
            (|s| s.term = "dumb".into(), "Terminal", Standing::Bad, "xterm-256color"),
            (|s| s.term.clear(), "Terminal", Standing::Bad, "TERM"),
            (|s| s.size = Some((52, 14)), "Terminal", Standing::Bad, "larger"),
            (|s| s.size = Some((80, 24)), "Terminal", Standing::Remark, "110 x 24"),
            (|s| s.size = None, "Terminal", Standing::Remark, "80 x 24"),
            (|s| s.locale = "C".into(), "Signs", Standing::Remark, "--ascii"),
            (|s| s.tmux = true, "Clipboard", Standing::Remark, "set-clipboard"),
            (|s| s.ssh = true, "Remote", Standing::Remark, "keyring"),
        ];
        for (change, about, standing, advice) in cases {
            let mut seen = good();
            change(&mut seen);
            let found = judge(&seen);
            let finding = found.iter().find(|f| f.about == about).unwrap();
            assert_eq!(finding.standing, standing, "{seen:?}");
            assert!(finding.advice.contains(advice), "{seen:?}: {}", finding.advice);
        }
    }

    #[test]
    fn windows_says_nothing_of_itself_and_is_believed() {
        let seen = Surroundings { windows: true, term: String::new(), locale: String::new(), ..good() };
        assert!(judge(&seen).iter().all(|f| f.standing == Standing::Good));
    }

    #[test]
    fn the_password_of_a_proxy_is_not_shown() {
        let seen = Surroundings { proxy: Some("http://me:secret@proxy.example.org:8080/".into()), ..good() };
        let text = format!("{:?}", judge(&seen));
        assert!(text.contains("proxy.example.org:8080") && !text.contains("secret"), "{text}");
        let seen = Surroundings { proxy: Some("me:secret@proxy".into()), ..good() };
        assert!(!format!("{:?}", judge(&seen)).contains("secret"));
    }
}
