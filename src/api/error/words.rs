//! The four things every error says: a title, what happened, the likely reason, what to do.

use super::{ApiError, ErrorKind};
use crate::api::catalogue::METHODS;
use crate::domain::rights::right_name;

impl ApiError {
    /// A few words for a heading or a list.
    pub fn title(&self) -> &'static str {
        match &self.kind {
            ErrorKind::NoNetwork => "No connection",
            ErrorKind::Broken => "The connection broke",
            ErrorKind::Timeout => "No answer in time",
            ErrorKind::Certificate => "Certificate not accepted",
            ErrorKind::Tls => "No secure connection",
            ErrorKind::TrustStore => "Certificates not readable",
            ErrorKind::Proxy => "Proxy problem",
            ErrorKind::Redirect { .. } => "The server points elsewhere",
            ErrorKind::RedirectLoop => "The server redirects in circles",
            ErrorKind::NotRedcap => "Not an answer of REDCap's API",
            ErrorKind::BadToken => "REDCap refuses the token",
            ErrorKind::NoRight { .. } => "A right is missing",
            ErrorKind::NotHere => "The project has no such thing",
            ErrorKind::NotSupported => "This REDCap does not know the method",
            ErrorKind::Refused => "REDCap refused the request",
            ErrorKind::Blocked => "Blocked before REDCap",
            ErrorKind::ServerBusy => "The server is busy",
            ErrorKind::OutOfMemory => "REDCap ran out of memory",
            ErrorKind::Database => "REDCap cannot reach its database",
            ErrorKind::EmptyAnswer => "Empty answer",
            ErrorKind::Incomplete => "Only a part arrived",
            ErrorKind::TooLarge => "The answer is too large",
            ErrorKind::RequestTooLarge => "The request is too large",
            ErrorKind::Decode => "Unexpected answer",
            ErrorKind::BadRequest => "The request is not complete",
            ErrorKind::Cancelled => "Stopped",
        }
    }

    /// What happened, as one sentence.
    pub fn what(&self) -> String {
        let what = match &self.kind {
            ErrorKind::NoNetwork => "The server could not be reached.",
            ErrorKind::Broken => "The connection broke before an answer came.",
            ErrorKind::Timeout => "The server did not answer within the time allowed.",
            ErrorKind::Certificate => "The server's certificate was not accepted. Nothing was sent.",
            ErrorKind::Tls => "No secure connection could be made. Nothing was sent.",
            ErrorKind::TrustStore => "The certificates to check the server with could not be read.",
            ErrorKind::Proxy => "The proxy did not let the request through.",
            ErrorKind::Redirect { to_host } => {
                return format!("The server says that the API is at {to_host}. Nothing was sent there.");
            }
            ErrorKind::RedirectLoop => "The server sent the request round in circles.",
            ErrorKind::NotRedcap => "The answer is a web page or text that REDCap's API does not send.",
            ErrorKind::BadToken => "REDCap says that this token may not use the API.",
            ErrorKind::NoRight { right: Some(right) } => {
                return format!("The token's user lacks the right '{right}'.");
            }
            ErrorKind::NoRight { right: None } => "The token's user lacks a right for this.",
            ErrorKind::NotHere => "The project does not have what was asked for.",
            ErrorKind::NotSupported => "The server says that this method is not implemented.",
            ErrorKind::Refused => "REDCap did not accept the request.",
            ErrorKind::Blocked => "The request was turned away. Nothing more is sent to this server.",
            ErrorKind::ServerBusy => "The server could not handle the request now.",
            ErrorKind::OutOfMemory => "REDCap ran out of memory before the answer was done.",
            ErrorKind::Database => "REDCap could not connect to its database.",
            ErrorKind::EmptyAnswer => {
                "The server reported success but sent nothing. This is not 'no records'."
            }
            ErrorKind::Incomplete => "The answer ends in the middle. The part that came is not used.",
            ErrorKind::TooLarge => "The answer is larger than capscope takes. It was stopped.",
            ErrorKind::RequestTooLarge => "The server takes no request of this size.",
            ErrorKind::Decode => "The answer does not look as it should.",
            ErrorKind::BadRequest => "The request was not sent, because something in it is missing or wrong.",
            ErrorKind::Cancelled => "The request was stopped before it was done.",
        };
        what.to_owned()
    }

    /// The likely reason, in one or two sentences. Careful: what is not known is not said as a fact.
    pub fn reason(&self) -> String {
        let reason = match &self.kind {
            ErrorKind::NoNetwork if self.cause.contains("dns error") => {
                "No server with this name was found. The name may be mistyped, or it is only known inside \
                 your institution's network (VPN)."
            }
            ErrorKind::NoNetwork if self.cause.contains("refused") => {
                "The computer is there but does not take connections at this address or port."
            }
            ErrorKind::NoNetwork => "This computer may be offline, or the VPN may be off.",
            ErrorKind::Broken => {
                "The server, or something on the way to it, closed the connection: it may be overloaded or \
                 restarting, or a firewall may have cut the connection."
            }
            ErrorKind::Timeout => {
                "The server or the network is slow, or the request asks for very much at once."
            }
            ErrorKind::Certificate if self.cause.to_lowercase().contains("expired") => {
                "The certificate has expired, or the clock of this computer is wrong."
            }
            ErrorKind::Certificate if self.cause.contains("not valid for name") => {
                "The certificate belongs to another name than the one in the address."
            }
            ErrorKind::Certificate => {
                "The certificate was issued by an authority that this computer does not know. \
                 Institutions with their own authority need its certificate as a file."
            }
            ErrorKind::Tls => {
                "The server may only speak encryption older than TLS 1.2, or it does not speak HTTPS here."
            }
            ErrorKind::TrustStore => return self.cause.clone(),
            ErrorKind::Proxy => "A proxy is set for this computer (HTTPS_PROXY or ALL_PROXY).",
            ErrorKind::Redirect { to_host } if to_host.starts_with("http://") => {
                "The server points from an encrypted address to one that is not, which is likely a mistake in \
                 its set-up. A token is never sent unencrypted."
            }
            ErrorKind::Redirect { .. } => {
                "The server may have moved, or a login page stands before it. A token is never sent to \
                 another server on its own."
            }
            ErrorKind::RedirectLoop => {
                "The address may be incomplete, or a login page stands before the API."
            }
            ErrorKind::NotRedcap if matches!(self.status, Some(404 | 405 | 411)) => {
                "The address is probably not that of the API."
            }
            ErrorKind::NotRedcap => {
                "It may be a login or maintenance page, a page saying that access was not granted, or the \
                 address is not that of the API."
            }
            ErrorKind::BadToken => {
                "The token has the right shape, with no blank or line end around it. REDCap answers all of \
                 these alike: it belongs to another server, or was replaced or deleted; the user has no API \
                 right in this project; the user's access expired or was removed; the account is suspended."
            }
            ErrorKind::NoRight { .. } => return self.rights_reason(),
            ErrorKind::NotHere => {
                "A classic project has no arms and events, and not every project has something that repeats."
            }
            ErrorKind::NotSupported => {
                "The server's REDCap is older than the method, or the method is switched off."
            }
            ErrorKind::Refused => "REDCap's own words say why.",
            ErrorKind::Blocked => {
                "This is not REDCap's own answer. A firewall may have refused the request, or REDCap banned \
                 the address of this network because of too many requests."
            }
            ErrorKind::ServerBusy if self.is_slow() => {
                "The web server, or a proxy before it, gave up waiting for REDCap. The request may ask for very \
                 much at once."
            }
            ErrorKind::ServerBusy if self.status == Some(429) => {
                "The server takes only so many requests at a time, and others behind the same address count too."
            }
            ErrorKind::ServerBusy if self.status == Some(500) => {
                "Something in the server failed. It may be overloaded, or the request asks for too much."
            }
            ErrorKind::ServerBusy => "The server is overloaded or under maintenance.",
            ErrorKind::OutOfMemory => "The request asks for more at once than the server can hold.",
            ErrorKind::Database => {
                "The server is in trouble. This has nothing to do with the token or the project."
            }
            ErrorKind::EmptyAnswer => "Servers under load are known to do this.",
            ErrorKind::Incomplete => "The connection broke, or the server stopped in the middle.",
            ErrorKind::TooLarge => "The request asks for more than the limit set in capscope.",
            ErrorKind::RequestTooLarge => {
                "Too many records are named in one request, or the file is too large."
            }
            ErrorKind::Decode => {
                "The server may be of a version that capscope does not know, or the answer was damaged."
            }
            ErrorKind::BadRequest => return self.cause.clone(),
            ErrorKind::Cancelled => "You stopped it, or the pane was left.",
        };
        reason.to_owned()
    }

    /// What a person can do now.
    pub fn advice(&self) -> String {
        let advice = match &self.kind {
            ErrorKind::NoNetwork => "Check the network and the address, then try again.",
            ErrorKind::Broken => "Try again. If it stays, ask for fewer records or fields at once.",
            ErrorKind::Timeout => "Try again, or ask for fewer records, fields or a shorter time span.",
            ErrorKind::Certificate => {
                "Ask your IT for the certificate of the authority (a PEM file) and set it as ca_file. \
                 The check cannot be switched off, since the token would be at risk."
            }
            ErrorKind::Tls => "Check the address. If it is right, tell your REDCap administrator.",
            ErrorKind::TrustStore => {
                "Set ca_file to a readable PEM file with at least one certificate, or install the system's \
                 certificates (package ca-certificates)."
            }
            ErrorKind::Proxy => "Ask your IT for the right proxy, or unset it for this server (NO_PROXY).",
            ErrorKind::Redirect { to_host } if to_host.starts_with("http://") => {
                "Tell your REDCap administrator."
            }
            ErrorKind::Redirect { to_host } => {
                return format!(
                    "If you know that your REDCap moved to {to_host}, change the address of the project. \
                     If not, ask your REDCap administrator."
                );
            }
            ErrorKind::RedirectLoop | ErrorKind::NotRedcap => {
                "Open the address in a browser: REDCap's API has an address that ends in /api/. If you see a \
                 login page first, ask your REDCap administrator for the API address."
            }
            ErrorKind::BadToken => {
                "Check the cheap thing first: is this the token of this server and this project? Then look at \
                 the API page of the project in REDCap. If there is none, ask the project's owner for the \
                 right 'API Export'."
            }
            ErrorKind::NoRight { .. } => return self.rights_advice(),
            ErrorKind::NotHere => "Nothing needs to be done.",
            ErrorKind::NotSupported => "Go on without it.",
            ErrorKind::Refused => "Change the request as REDCap's words say.",
            ErrorKind::Blocked => {
                "Do not repeat the request. Ask your REDCap administrator whether your address was banned. If \
                 only large requests fail, ask for fewer records at once."
            }
            ErrorKind::ServerBusy => {
                return match self.retry_after.map(|wait| wait.as_secs()) {
                    None | Some(0) if self.is_slow() => {
                        "Ask for fewer records or fields at once, or try again later.".to_owned()
                    }
                    None | Some(0) if self.status == Some(500) => {
                        "Wait a few minutes, then try again. If it stays, ask for fewer records or fields at \
                         once, or tell your REDCap administrator."
                            .to_owned()
                    }
                    None | Some(0) => "Wait a few minutes, then try again.".to_owned(),
                    Some(1) => "The server asks to wait a second; then try again.".to_owned(),
                    Some(s @ 2..=119) => format!("The server asks to wait {s} seconds; then try again."),
                    Some(s) => format!("The server asks to wait {} minutes; then try again.", s.div_ceil(60)),
                };
            }
            ErrorKind::OutOfMemory => "Ask for fewer records or fields at once.",
            ErrorKind::Database => {
                "Wait a few minutes, then try again. If it stays, tell your REDCap administrator."
            }
            ErrorKind::EmptyAnswer | ErrorKind::Incomplete => {
                "Try again. If it stays, ask for fewer records or fields at once."
            }
            ErrorKind::TooLarge => "Ask for fewer records or fields at once.",
            ErrorKind::RequestTooLarge => "Name fewer records in one request, or send a smaller file.",
            ErrorKind::Decode => "Try again. If it stays, keep the server's words and report them.",
            ErrorKind::BadRequest => "Complete the request.",
            ErrorKind::Cancelled => "Start it again when you need it.",
        };
        advice.to_owned()
    }

    /// The rights that the method needs, by the names on REDCap's User Rights page.
    fn needed_rights(&self) -> Vec<&'static str> {
        METHODS
            .iter()
            .find(|m| m.title == self.method)
            .map(|m| m.gate.right().into_iter().chain(m.second).map(right_name).collect())
            .unwrap_or_default()
    }

    fn rights_reason(&self) -> String {
        match self.needed_rights().as_slice() {
            [] => "The rights of the user, or of the user's role, do not cover this.".to_owned(),
            rights => format!("'{}' needs: {}.", self.method, rights.join(", ")),
        }
    }

    fn rights_advice(&self) -> String {
        let right = match (&self.kind, self.needed_rights().as_slice()) {
            (ErrorKind::NoRight { right: Some(right) }, _) => format!("the right '{right}'"),
            (_, []) => "the right for it".to_owned(),
            (_, rights) => format!("the rights '{}'", rights.join("' and '")),
        };
        format!("Ask the project's owner for {right} on the User Rights page, or go on without it.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_kinds() -> Vec<ErrorKind> {
        use ErrorKind::*;
        vec![
            NoNetwork,
            Broken,
            Timeout,
            Certificate,
            Tls,
            TrustStore,
            Proxy,
            Redirect { to_host: "new.example.org".into() },
            RedirectLoop,
            NotRedcap,
            BadToken,
            NoRight { right: None },
            NoRight { right: Some("Logging".into()) },
            NotHere,
            NotSupported,
            Refused,
            Blocked,
            ServerBusy,
            OutOfMemory,
            Database,
            EmptyAnswer,
            Incomplete,
            TooLarge,
            RequestTooLarge,
            Decode,
            BadRequest,
            Cancelled,
        ]
    }

    #[test]
    fn every_error_says_what_why_and_what_to_do() {
        for kind in all_kinds() {
            let e = ApiError::new(kind, "Export Records").because("Something is missing.");
            assert!(!e.title().is_empty() && !e.title().ends_with('.'), "{e:?}");
            for said in [e.what(), e.reason(), e.advice()] {
                assert!(said.ends_with('.') && said.len() > 10, "{e:?}: {said}");
                assert!(!said.contains("  "), "{said}");
            }
        }
    }

    #[test]
    fn a_refused_token_is_never_called_wrong_as_a_fact() {
        let e = ApiError::new(ErrorKind::BadToken, "Export Version");
        let reason = e.reason();
        assert!(
            reason.contains("right shape")
                && reason.contains("replaced")
                && reason.contains("no API right")
                && reason.contains("expired")
        );
        assert!(!format!("{}{}{}", e.title(), e.what(), e.advice()).to_lowercase().contains("wrong"));
    }

    #[test]
    fn a_missing_right_is_named_from_the_answer_or_from_the_method() {
        let told = ApiError::new(ErrorKind::NoRight { right: Some("Data Access Groups".into()) }, "");
        assert!(told.advice().contains("'Data Access Groups'"));
        let untold = ApiError::new(ErrorKind::NoRight { right: None }, "Export Logging");
        assert!(untold.advice().contains("'API Export' and 'Logging'"), "{}", untold.advice());
    }
}
