//! PowerShell, from Windows PowerShell 5.1 on.

use super::quote::comment;
use super::{Call, TOKEN_VARIABLE};

/// A PowerShell text. Windows PowerShell reads a file without a mark as its own code page and
/// takes curly quotes for quotes, so everything beyond plain ASCII is written as a number.
pub(super) fn quoted(text: &str) -> String {
    if text.chars().all(|c| matches!(c, ' '..='~')) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    let mut units = [0; 2];
    for c in text.chars() {
        match c {
            '"' | '`' | '$' => {
                out.push('`');
                out.push(c);
            }
            '\n' => out.push_str("`n"),
            ' '..='~' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("$([char]0x{unit:04X})"));
                }
            }
        }
    }
    out.push('"');
    out
}

pub(super) fn write(call: &Call) -> String {
    let mut text = comment("#", &call.about());
    text.push_str(&format!(
        "$ErrorActionPreference = 'Stop'\n\
         $token = $env:{TOKEN_VARIABLE}\n\
         if (-not $token) {{ throw 'Set {TOKEN_VARIABLE} to your API token.' }}\n\
         Add-Type -AssemblyName System.Net.Http\n\
         [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12\n\n\
         $fields = @(\n  ,@('token', $token)\n"
    ));
    for (name, value) in call.pairs() {
        text.push_str(&format!("  ,@({}, {})\n", quoted(&name), quoted(&value)));
    }
    text.push_str(")\n");
    match (call.file, call.file_name()) {
        (Some(path), Some(name)) => text.push_str(&format!(
            "$body = New-Object System.Net.Http.MultipartFormDataContent\n\
             foreach ($field in $fields) {{\n  \
             $body.Add((New-Object System.Net.Http.StringContent($field[1])), ('\"' + $field[0] + '\"'))\n}}\n\
             $path = (Resolve-Path -LiteralPath {}).Path\n\
             $file = New-Object System.Net.Http.ByteArrayContent(,[IO.File]::ReadAllBytes($path))\n\
             $file.Headers.ContentType = 'application/octet-stream'\n\
             $body.Add($file, '\"file\"', {})\n",
            quoted(path),
            quoted(name)
        )),
        _ => text.push_str(
            "$pairs = foreach ($field in $fields) {\n  \
             [Net.WebUtility]::UrlEncode($field[0]) + '=' + [Net.WebUtility]::UrlEncode($field[1])\n}\n\
             $body = New-Object System.Net.Http.StringContent(($pairs -join '&'), [Text.Encoding]::ASCII, 'application/x-www-form-urlencoded')\n",
        ),
    }
    text.push_str(&format!(
        "\n$handler = New-Object System.Net.Http.HttpClientHandler\n\
         $handler.AllowAutoRedirect = $false\n\
         $client = New-Object System.Net.Http.HttpClient($handler)\n\
         $client.Timeout = [TimeSpan]::FromMinutes(5)\n\
         $answer = $client.PostAsync({}, $body).GetAwaiter().GetResult()\n\
         $bytes = $answer.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult()\n\
         if ([int]$answer.StatusCode -ne 200) {{\n  \
         throw \"REDCap answered $([int]$answer.StatusCode): $([Text.Encoding]::UTF8.GetString($bytes))\"\n}}\n\
         $out = [Console]::OpenStandardOutput()\n\
         $out.Write($bytes, 0, $bytes.Length)\n\
         $out.Flush()\n",
        quoted(call.url)
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snippets::quote::nasty;
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        assert!(text.is_ascii());
        if let Some(inside) = text.strip_prefix('\'') {
            let inside = inside.strip_suffix('\'').unwrap();
            assert!(!inside.replace("''", "").contains('\''));
            return inside.replace("''", "'");
        }
        let inside = text.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
        let mut units: Vec<u16> = Vec::new();
        let mut rest = inside;
        while let Some(c) = rest.chars().next() {
            if let Some(tail) = rest.strip_prefix("$([char]0x") {
                units.push(u16::from_str_radix(&tail[..4], 16).unwrap());
                rest = tail[4..].strip_prefix(')').unwrap();
                continue;
            }
            assert!(c != '"' && c != '$', "{c} acts in {text}");
            if c == '`' {
                let next = rest.chars().nth(1).unwrap();
                units.push(if next == 'n' { 10 } else { next as u16 });
                rest = &rest[2..];
            } else {
                units.push(c as u16);
                rest = &rest[1..];
            }
        }
        String::from_utf16(&units).unwrap()
    }

    proptest! {
        #[test]
        fn any_text_can_be_read_back(text in nasty()) {
            prop_assert_eq!(read(&quoted(&text)), text);
        }
    }
}
