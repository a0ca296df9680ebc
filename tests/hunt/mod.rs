//! Looking for planted secrets in everything that came out of the program.

#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::path::Path;

/// The ways in which a text may be written down, each with its name.
pub fn forms(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = secret.as_bytes();
    let each = |write: &dyn Fn(u8) -> String| bytes.iter().map(|b| write(*b)).collect::<Vec<_>>().concat();
    let hex = each(&|b| format!("{b:02x}"));
    let percent = each(&|b| format!("%{b:02X}"));
    let json: Vec<String> = secret.encode_utf16().map(|u| format!("\\u{u:04x}")).collect();
    let json = json.concat();
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut forms = vec![
        ("plain", bytes.to_vec()),
        ("lower case", secret.to_lowercase().into_bytes()),
        ("upper case", secret.to_uppercase().into_bytes()),
        ("hex", hex.clone().into_bytes()),
        ("hex", hex.to_uppercase().into_bytes()),
        ("percent-encoded", percent.into_bytes()),
        ("form-encoded", form_urlencoded::byte_serialize(bytes).collect::<String>().into_bytes()),
        ("JSON-escaped", json.into_bytes()),
        ("UTF-16", utf16),
        ("backwards", secret.chars().rev().collect::<String>().into_bytes()),
    ];
    // Base64 looks different at each of three places in a text; what depends on the neighbours is
    // left out.
    for shift in 0..3 {
        let padded = [vec![0; shift], bytes.to_vec()].concat();
        let text = base64(&padded);
        let from = (shift * 8).div_ceil(6);
        let to = padded.len() * 8 / 6;
        forms.push(("base64", text[from..to].to_vec()));
    }
    forms
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = bytes.iter().flat_map(|b| (0..8).rev().map(move |i| b >> i & 1)).collect();
    bits.chunks(6)
        .map(|six| {
            let n = six.iter().fold(0, |n, bit| n << 1 | usize::from(*bit)) << (6 - six.len());
            SIGNS[n]
        })
        .collect()
}

/// Fails if one of the secrets is in the bytes, in any form.
pub fn clean(place: &str, bytes: &[u8], secrets: &[&str]) {
    for secret in secrets {
        for (form, needle) in forms(secret) {
            let at = bytes.windows(needle.len()).position(|w| w == needle);
            assert!(
                at.is_none(),
                "{secret} is in {place}, {form}, at byte {}: {:?}",
                at.unwrap(),
                String::from_utf8_lossy(&bytes[at.unwrap().saturating_sub(80)..][..160.min(bytes.len())])
            );
        }
    }
}

/// Fails if one of the secrets is in a name or the content of a file under the folder, or if a
/// file may be read by others. Gives back how many files there are.
pub fn clean_folder(folder: &Path, secrets: &[&str]) -> usize {
    let mut files = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            clean(&format!("the name {name}"), name.as_bytes(), secrets);
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_dump = path.file_name().unwrap().to_string_lossy().starts_with("core");
            assert!(!is_dump, "{name} is a dump of memory");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let mode = std::fs::metadata(&path).unwrap().permissions().mode();
                assert_eq!(mode & 0o077, 0, "{name} can be read by others");
            }
            clean(&name, &std::fs::read(&path).unwrap(), secrets);
            files += 1;
        }
    }
    files
}

#[test]
fn the_hunter_finds_what_is_hidden_in_every_way() {
    let secret = "Q7-Zeisig";
    for shift in 0..6 {
        let text = format!("{}{secret}{}", "x".repeat(shift), "y".repeat(7));
        let hidden = base64(text.as_bytes());
        let found = forms(secret)
            .iter()
            .any(|(form, needle)| *form == "base64" && hidden.windows(needle.len()).any(|w| w == needle));
        assert!(found, "base64 after {shift} bytes");
    }
    for hidden in ["51372d5a6569736967", "%51%37%2D%5A%65%69%73%69%67", "gisieZ-7Q", "q7-zeisig"] {
        let hit = std::panic::catch_unwind(|| clean("here", hidden.as_bytes(), &[secret])).is_err();
        assert!(hit, "{hidden}");
    }
}
