//! Files that are neither CSV nor JSON, told by how they begin: people drop the file they have.

/// A kind of file that holds no rows that could be read here.
#[derive(Debug, PartialEq, Eq)]
pub struct Foreign {
    /// What it looks like.
    pub what: &'static str,
    /// How its rows become a file that can be read.
    pub advice: &'static str,
}

const SPREADSHEET: &str = "Open it in the spreadsheet program and save the sheet as CSV UTF-8.";
const STATISTICS: &str = "Write the data as CSV in the program that made the file, and choose that file.";
const NO_ROWS: &str = "Choose the CSV or JSON file with the rows.";

static XLSX: Foreign = Foreign { what: "an Excel workbook (.xlsx)", advice: SPREADSHEET };
static ODS: Foreign = Foreign { what: "an OpenDocument spreadsheet (.ods)", advice: SPREADSHEET };
static ZIP: Foreign = Foreign {
    what: "a zipped file",
    advice: "Unpack it first, and choose the CSV or JSON file that was in it.",
};
static PACKED: Foreign = Foreign {
    what: "a compressed file (gzip), or data of R (.rds, .rda)",
    advice: "Unpack it first; from R write it with write.csv(..., na = \"\", row.names = FALSE).",
};
static XML: Foreign = Foreign {
    what: "XML",
    advice: "Choose the CSV or JSON file with the rows. A REDCap project XML is a whole project, no rows to check.",
};
static PAGE: Foreign = Foreign {
    what: "a web page, perhaps a login page that was saved in place of the file",
    advice: "Download the file again while you are logged in.",
};
static BINARY: Foreign = Foreign { what: "a file of another program", advice: NO_ROWS };

/// Kinds that are told by their first bytes alone.
static BY_START: &[(&[u8], Foreign)] = &[
    (
        b"\xd0\xcf\x11\xe0",
        Foreign { what: "an old Excel workbook (.xls), or an encrypted one", advice: SPREADSHEET },
    ),
    (b"%PDF", Foreign { what: "a PDF", advice: "A PDF holds pages, no rows. Ask for the data as CSV." }),
    (b"$FL2", Foreign { what: "a data file of SPSS (.sav)", advice: STATISTICS }),
    (b"$FL3", Foreign { what: "a data file of SPSS (.zsav)", advice: STATISTICS }),
    (
        b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60",
        Foreign { what: "a data set of SAS (.sas7bdat)", advice: STATISTICS },
    ),
    (b"HEADER RECORD*******", Foreign { what: "a transport file of SAS (.xpt)", advice: STATISTICS }),
    (b"<stata_dta>", Foreign { what: "a data file of Stata (.dta)", advice: STATISTICS }),
    (b"\x89PNG", Foreign { what: "a picture", advice: NO_ROWS }),
    (b"\xff\xd8\xff", Foreign { what: "a picture", advice: NO_ROWS }),
    (b"{\\rtf", Foreign { what: "a text document (.rtf)", advice: NO_ROWS }),
];

/// What a file is, if it is none that can be read.
pub(super) fn of_bytes(bytes: &[u8]) -> Option<&'static Foreign> {
    if let Some((_, kind)) = BY_START.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Some(kind);
    }
    if bytes.starts_with(b"\x1f\x8b") {
        return Some(&PACKED);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let has = |name: &[u8]| memchr::memmem::find(bytes, name).is_some();
        return Some(if has(b"xl/workbook") {
            &XLSX
        } else if has(b"opendocument.spreadsheet") {
            &ODS
        } else {
            &ZIP
        });
    }
    None
}

/// The same for what is text: pages and XML come where a file was asked for.
pub(super) fn of_text(text: &str) -> Option<&'static Foreign> {
    let start: String = text.trim_start().chars().take(200).collect::<String>().to_lowercase();
    if text.contains('\0') {
        return Some(&BINARY);
    }
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return Some(&PAGE);
    }
    start.starts_with("<?xml").then_some(&XML)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_programs_are_named_and_say_what_to_do() {
        for (bytes, what, advice) in [
            (&b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml"[..], ".xlsx", "save the sheet as CSV"),
            (b"PK\x03\x04..mimetypeapplication/vnd.oasis.opendocument.spreadsheet", ".ods", "save the sheet"),
            (b"PK\x03\x04..visits.csv", "a zipped file", "Unpack it first"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls", "save the sheet as CSV"),
            (b"%PDF-1.7", "a PDF", "Ask for the data as CSV"),
            (b"$FL2@(#) SPSS DATA FILE", "SPSS", "in the program that made the file"),
            (b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60\xb3\x14", "SAS (.sas7bdat)", "as CSV in the program"),
            (b"HEADER RECORD*******LIBRARY HEADER", "SAS (.xpt)", "as CSV in the program"),
            (b"<stata_dta><header>", "Stata", "as CSV in the program"),
            (b"\x1f\x8b\x08\x00", "gzip", "Unpack it first"),
            (b"\x89PNG\r\n", "a picture", "CSV or JSON"),
        ] {
            let found = of_bytes(bytes).unwrap_or_else(|| panic!("{what}"));
            assert!(found.what.contains(what) && found.advice.contains(advice), "{found:?}");
        }
        for (text, what) in [
            ("\n<!DOCTYPE html>\n<html>", "a web page"),
            ("<HTML><head>", "a web page"),
            ("<?xml version=\"1.0\"?><ODM>", "XML"),
            ("a\0b", "another program"),
        ] {
            assert!(of_text(text).is_some_and(|f| f.what.contains(what)), "{text}");
        }
        // Nothing that can be read is taken for something else.
        assert_eq!(of_bytes(b"study_id,weight\n001,70\n"), None);
        assert_eq!(of_text("record_id,note\n1,<html>\n"), None);
    }
}
