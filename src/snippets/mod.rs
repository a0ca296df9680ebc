//! A request as a program that sends it: cURL, Python, R, PHP, Java, Perl, Ruby, ...
//!
//! Every snippet is a whole program. It reads the token from `REDCAP_API_TOKEN` and never holds
//! it, verifies the server's certificate, follows no redirect, checks the status, and writes the
//! answer as it came. Values are quoted so that any text arrives unchanged. Pure text: nothing is
//! sent from here.

mod call;
mod capscope;
mod curl;
mod curl_windows;
mod java;
mod javascript;
mod library;
mod perl;
mod php;
mod powershell;
mod pycap;
mod python;
mod quote;
mod r;
mod redcapapi;
mod redcapr;
mod ruby;
mod rust;

pub use call::Call;

use thiserror::Error;

/// The environment variable from which every snippet reads the token.
pub const TOKEN_VARIABLE: &str = "REDCAP_API_TOKEN";

/// A language, or a library of one, in which a request can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// cURL in a POSIX shell.
    Curl,
    /// cURL in a Windows command file.
    CurlWindows,
    /// PowerShell, 5.1 and newer.
    PowerShell,
    /// Python with requests.
    Python,
    /// Python with PyCap.
    PyCap,
    /// R with httr2.
    R,
    /// R with REDCapR.
    RedcapR,
    /// R with redcapAPI.
    RedcapApi,
    /// PHP with its curl extension.
    Php,
    /// Java with its own HTTP client.
    Java,
    /// Perl with core modules.
    Perl,
    /// Ruby with its standard library.
    Ruby,
    /// JavaScript with fetch.
    JavaScript,
    /// Rust with reqwest.
    Rust,
    /// `capscope call`.
    Capscope,
}

impl Language {
    /// All languages, in the order in which they are offered.
    pub const ALL: [Self; 15] = [
        Self::Curl,
        Self::CurlWindows,
        Self::PowerShell,
        Self::Python,
        Self::PyCap,
        Self::R,
        Self::RedcapR,
        Self::RedcapApi,
        Self::Php,
        Self::Java,
        Self::Perl,
        Self::Ruby,
        Self::JavaScript,
        Self::Rust,
        Self::Capscope,
    ];

    /// The word on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::CurlWindows => "curl-windows",
            Self::PowerShell => "powershell",
            Self::Python => "python",
            Self::PyCap => "pycap",
            Self::R => "r",
            Self::RedcapR => "redcapr",
            Self::RedcapApi => "redcapapi",
            Self::Php => "php",
            Self::Java => "java",
            Self::Perl => "perl",
            Self::Ruby => "ruby",
            Self::JavaScript => "javascript",
            Self::Rust => "rust",
            Self::Capscope => "capscope",
        }
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Curl => "cURL (shell)",
            Self::CurlWindows => "cURL (Windows command file)",
            Self::PowerShell => "PowerShell",
            Self::Python => "Python (requests)",
            Self::PyCap => "Python (PyCap)",
            Self::R => "R (httr2)",
            Self::RedcapR => "R (REDCapR)",
            Self::RedcapApi => "R (redcapAPI)",
            Self::Php => "PHP",
            Self::Java => "Java",
            Self::Perl => "Perl",
            Self::Ruby => "Ruby",
            Self::JavaScript => "JavaScript (fetch)",
            Self::Rust => "Rust (reqwest)",
            Self::Capscope => "capscope call",
        }
    }

    /// The file name to save the program under; some languages insist on it.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Curl | Self::Capscope => "redcap_call.sh",
            Self::CurlWindows => "redcap_call.cmd",
            Self::PowerShell => "redcap_call.ps1",
            Self::Python | Self::PyCap => "redcap_call.py",
            Self::R | Self::RedcapR | Self::RedcapApi => "redcap_call.R",
            Self::Php => "redcap_call.php",
            Self::Java => "RedcapCall.java",
            Self::Perl => "redcap_call.pl",
            Self::Ruby => "redcap_call.rb",
            Self::JavaScript => "redcap_call.mjs",
            Self::Rust => "main.rs",
        }
    }

    /// The language with this word on the command line, capitals or not.
    pub fn from_key(key: &str) -> Option<Self> {
        let key = key.to_lowercase();
        Self::ALL.into_iter().find(|l| l.key() == key)
    }
}

/// Why a request cannot be written in a language.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A NUL character: command lines and environments end at it.
    #[error("The value of {0} holds a NUL character, which programs cannot pass on.")]
    Nul(String),
    /// A line break beside an uploaded file: HTTP libraries change it on the way.
    #[error(
        "The value of {0} holds a line break. Beside an uploaded file, HTTP libraries change line \
         breaks on the way."
    )]
    LineBreak(String),
    /// A value that the language cannot hold as one text.
    #[error("The value of {name} is too long for {language}: {limit} are possible. {advice}")]
    TooLong {
        /// The parameter.
        name: String,
        /// The language.
        language: &'static str,
        /// What fits, in words.
        limit: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// The library has no function for the method.
    #[error("{library} has no function for \"{method}\" that capscope knows of.")]
    NoFunction {
        /// The library.
        library: &'static str,
        /// The method's title.
        method: &'static str,
    },
    /// The library's function has no such parameter.
    #[error("{function} of {library} has no argument for \"{name}\" that capscope knows of.")]
    NoArgument {
        /// The library.
        library: &'static str,
        /// Its function.
        function: &'static str,
        /// The parameter.
        name: String,
    },
}

/// The program that sends a request, in a language. It ends with a line end.
pub fn write(language: Language, call: &Call) -> Result<String, Refusal> {
    call.check()?;
    match language {
        Language::Curl => curl::write(call),
        Language::CurlWindows => curl_windows::write(call),
        Language::PowerShell => Ok(powershell::write(call)),
        Language::Python => Ok(python::write(call)),
        Language::PyCap => pycap::write(call),
        Language::R => Ok(r::write(call)),
        Language::RedcapR => redcapr::write(call),
        Language::RedcapApi => redcapapi::write(call),
        Language::Php => Ok(php::write(call)),
        Language::Java => java::write(call),
        Language::Perl => Ok(perl::write(call)),
        Language::Ruby => Ok(ruby::write(call)),
        Language::JavaScript => Ok(javascript::write(call)),
        Language::Rust => Ok(rust::write(call)),
        Language::Capscope => capscope::write(call),
    }
}
