//! Damaged copies of texts that are well formed: closer to what parsers meet than random bytes.

use proptest::prelude::*;

/// One change: where (of the length, in 1/65536), how much is taken away, and what is put there.
type Change = (u16, u8, Vec<u8>);

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<&[u8]> = vec![
        b"",
        b"\"",
        b"'",
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r\n",
        b"\r",
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b"null",
        b"true",
        b"-1",
        b"0",
        b"1e999",
        b"18446744073709551616",
        b"\\u0000",
        b"\\ud800",
        b"\\",
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xc3",
        b"\xf0\x9f\x98\x80",
        b"<",
        b">",
        b"</",
        b"/>",
        b"<!--",
        b"]]>",
        b"<![CDATA[",
        b"&",
        b"&amp;",
        b"&#0;",
        b"&#x110000;",
        b"<?xml version=\"1.0\"?>",
        b"=",
        b"%",
        b"%zz",
        b"%00",
        b"\x1b[2J",
    ];
    prop_oneof![
        4 => prop::sample::select(known).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..12),
        1 => (any::<u8>(), 1_usize..3000).prop_map(|(b, n)| vec![b; n]),
    ]
}

/// A copy of one of the seeds with a few changes; sometimes cut off, sometimes untouched.
pub fn of(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<u16>(), any::<u8>(), piece()), 0..6);
    (prop::sample::select(seeds), changes, any::<u16>()).prop_map(|(seed, changes, cut)| {
        let mut bytes = changes.into_iter().fold(seed, change);
        if cut % 4 == 0 {
            bytes.truncate(bytes.len() * usize::from(cut) / usize::from(u16::MAX));
        }
        bytes
    })
}

fn change(mut bytes: Vec<u8>, (at, away, put): Change) -> Vec<u8> {
    let at = bytes.len() * usize::from(at) / (usize::from(u16::MAX) + 1);
    // Most changes are small; some take a whole part away.
    let away = if away > 200 { usize::from(away) * 4 } else { usize::from(away % 4) };
    let end = (at + away).min(bytes.len());
    bytes.splice(at..end, put);
    bytes
}

/// The same as text, as a program reads a damaged file.
pub fn text_of(seeds: &[&str]) -> impl Strategy<Value = String> + use<> {
    of(seeds.iter().map(|s| s.as_bytes().to_vec()).collect())
        .prop_map(|b| String::from_utf8_lossy(&b).into_owned())
}
