//! Files as the protocol names them.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;

/// The path that a `file:` URI means; `None` for any other.
pub fn path(uri: &Uri) -> Option<PathBuf> {
    let text = uri.as_str();
    let (scheme, rest) = text.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let rest = rest.strip_prefix("//")?;
    let (host, path) = rest.split_at(rest.find('/')?);
    if !host.is_empty() && !host.eq_ignore_ascii_case("localhost") {
        return None;
    }
    let path = decoded(path)?;
    (path != "/").then(|| PathBuf::from(path))
}

/// The URI of a file.
pub fn uri(path: &Path) -> Option<Uri> {
    // Where there is no current directory, paths are whole.
    let absolute = std::path::absolute(path).ok();
    let absolute = absolute.or_else(|| path.has_root().then(|| path.to_owned()))?;
    let mut out = "file://".to_owned();
    for byte in absolute.to_str()?.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Uri::from_str(&out).ok()
}

/// The text without percent signs; `None` where they stand for no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push((high * 16 + low) as u8);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_back() {
        let uri = |text: &str| Uri::from_str(text).unwrap();
        let path = |text: &str| super::path(&uri(text));
        assert_eq!(path("file:///p/a%20b.vera"), Some("/p/a b.vera".into()));
        assert_eq!(path("FILE://localhost/p/x.vera"), Some("/p/x.vera".into()));
        assert_eq!(path("file://other/p/x.vera"), None);
        assert_eq!(path("untitled:Untitled-1"), None);
        assert_eq!(path("file:///%FF"), None);
        let back = super::uri(Path::new("/p/a b.vera")).unwrap();
        assert_eq!(back.as_str(), "file:///p/a%20b.vera");
    }
}
