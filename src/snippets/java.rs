//! Java, from 11 on, with its own HTTP client.

use super::quote::{comment, escape};
use super::{Call, Refusal, TOKEN_VARIABLE};

/// What one text of a class file can hold for certain: 65,535 bytes, where a character of four
/// bytes takes six.
const LONGEST: usize = 43_000;

/// A Java text, in ASCII: older compilers read files in the computer's own encoding. Controls are
/// octal, since `\u000a` is a line end to the compiler even inside of quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut units = [0; 2];
    let inside = escape(text, "\"\\", true, |c, out| {
        if c.is_ascii() {
            out.push_str(&format!("\\{:03o}", u32::from(c)));
        } else {
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    });
    format!("\"{inside}\"")
}

pub(super) fn write(call: &Call) -> Result<String, Refusal> {
    let pairs = call.pairs();
    if let Some((name, _)) = pairs.iter().find(|(_, value)| value.len() > LONGEST) {
        return Err(Refusal::TooLong {
            name: name.clone(),
            language: "Java",
            limit: "43,000 bytes as one text",
            advice: "Read it from a file in your own program, or use another language.",
        });
    }
    let mut text = comment("//", &call.about());
    text.push_str("// Java 11 or newer: java RedcapCall.java\n");
    text.push_str(
        "import java.io.ByteArrayOutputStream;\n\
         import java.net.URI;\n\
         import java.net.URLEncoder;\n\
         import java.net.http.HttpClient;\n\
         import java.net.http.HttpRequest;\n\
         import java.net.http.HttpResponse;\n\
         import java.nio.charset.StandardCharsets;\n\
         import java.nio.file.Files;\n\
         import java.nio.file.Path;\n\
         import java.time.Duration;\n\
         import java.util.UUID;\n\n\
         public class RedcapCall {\n    \
         public static void main(String[] args) throws Exception {\n",
    );
    text.push_str(&format!(
        "        String token = System.getenv(\"{TOKEN_VARIABLE}\");\n        \
         if (token == null || token.isBlank()) {{\n            \
         System.err.println(\"Set {TOKEN_VARIABLE} to your API token.\");\n            \
         System.exit(1);\n        }}\n        \
         String[][] fields = {{\n            {{\"token\", token.strip()}},\n"
    ));
    for (name, value) in &pairs {
        text.push_str(&format!("            {{{}, {}}},\n", quoted(name), quoted(value)));
    }
    text.push_str("        };\n        ByteArrayOutputStream body = new ByteArrayOutputStream();\n");
    match (call.file, call.file_name()) {
        (Some(path), Some(name)) => {
            text.push_str(&format!(
                "        String boundary = UUID.randomUUID().toString();\n        \
                 for (String[] field : fields) {{\n            \
                 body.write((\"--\" + boundary + \"\\r\\nContent-Disposition: form-data; name=\\\"\" + field[0]\n                \
                 + \"\\\"\\r\\n\\r\\n\" + field[1] + \"\\r\\n\").getBytes(StandardCharsets.UTF_8));\n        }}\n        \
                 String name = {}.replace(\"\\\"\", \"%22\");\n        \
                 body.write((\"--\" + boundary + \"\\r\\nContent-Disposition: form-data; name=\\\"file\\\"; filename=\\\"\"\n            \
                 + name + \"\\\"\\r\\nContent-Type: application/octet-stream\\r\\n\\r\\n\").getBytes(StandardCharsets.UTF_8));\n        \
                 body.write(Files.readAllBytes(Path.of({})));\n        \
                 body.write((\"\\r\\n--\" + boundary + \"--\\r\\n\").getBytes(StandardCharsets.UTF_8));\n        \
                 String type = \"multipart/form-data; boundary=\" + boundary;\n",
                quoted(name),
                quoted(path)
            ));
        }
        _ => text.push_str(
            "        for (String[] field : fields) {\n            \
             String pair = URLEncoder.encode(field[0], StandardCharsets.UTF_8) + \"=\"\n                \
             + URLEncoder.encode(field[1], StandardCharsets.UTF_8);\n            \
             body.write(((body.size() > 0 ? \"&\" : \"\") + pair).getBytes(StandardCharsets.UTF_8));\n        }\n        \
             String type = \"application/x-www-form-urlencoded\";\n",
        ),
    }
    text.push_str(&format!(
        "        HttpRequest request = HttpRequest.newBuilder(URI.create({}))\n            \
         .header(\"Content-Type\", type)\n            \
         .timeout(Duration.ofMinutes(5))\n            \
         .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))\n            \
         .build();\n        \
         HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();\n        \
         HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());\n        \
         if (answer.statusCode() != 200) {{\n            \
         System.err.println(\"REDCap answered \" + answer.statusCode() + \": \"\n                \
         + new String(answer.body(), StandardCharsets.UTF_8));\n            \
         System.exit(1);\n        }}\n        \
         System.out.write(answer.body());\n        \
         System.out.flush();\n    }}\n}}\n",
        quoted(call.url)
    ));
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snippets::quote::{hex, nasty, unescape};
    use proptest::prelude::*;

    /// What the compiler does first: `\uXXXX` becomes a character wherever an odd number of
    /// backslashes stands.
    fn translate(text: &str) -> Vec<u16> {
        let mut out = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '\\' && chars.peek() == Some(&'u') {
                chars.next();
                out.push(hex(&mut chars, Some(4)) as u16);
            } else if c == '\\' {
                out.push(c as u16);
                out.push(chars.next().unwrap() as u16);
            } else {
                out.push(c as u16);
            }
        }
        out
    }

    proptest! {
        #[test]
        fn any_text_can_be_read_back(text in nasty()) {
            let quoted = quoted(&text);
            assert!(quoted.is_ascii());
            let translated = String::from_utf16(&translate(&quoted)).unwrap();
            let inside = translated.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
            let read = unescape(inside, "\"\\", |c, chars| {
                let octal: String = [c].into_iter().chain(chars.by_ref().take(2)).collect();
                char::from_u32(u32::from_str_radix(&octal, 8).unwrap()).unwrap()
            });
            prop_assert_eq!(read, text);
        }
    }
}
