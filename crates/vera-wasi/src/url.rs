//! URLs, as far as requests need them.

/// A URL with a scheme and a host that are allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    pub is_secure: bool,
    /// Host and port.
    pub authority: String,
    /// Path and query, at least `/`.
    pub target: String,
}

impl Url {
    /// Reads a URL; `None` unless it is one of the web.
    pub fn parse(text: &str) -> Option<Url> {
        let text = text.split('#').next().unwrap_or_default();
        let (scheme, rest) = text.split_once("://")?;
        let is_secure = scheme.eq_ignore_ascii_case("https");
        if !is_secure && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let host = authority.rsplit('@').next().unwrap_or_default();
        let printable = |text: &str| text.bytes().all(|b| b > b' ' && b != 0x7f);
        if host.is_empty() || host.starts_with(':') || !printable(authority) || !printable(target) {
            return None;
        }
        let target = match target.as_bytes().first() {
            None => "/".to_owned(),
            Some(b'?') => ["/", target].concat(),
            Some(_) => target.to_owned(),
        };
        Some(Url { is_secure, authority: authority.to_owned(), target })
    }

    /// Where a `Location` leads (RFC 3986, section 5.3, for what servers send).
    pub fn resolve(&self, location: &str) -> Option<Url> {
        let location = location.trim();
        if location.contains("://") || location.split(['/', '?']).next()?.contains(':') {
            return Url::parse(location);
        }
        let scheme = if self.is_secure { "https:" } else { "http:" };
        if location.starts_with("//") {
            return Url::parse(&[scheme, location].concat());
        }
        let path = self.target.split('?').next().unwrap_or_default();
        let target = if location.starts_with('/') {
            location.to_owned()
        } else if location.starts_with('?') {
            [path, location].concat()
        } else {
            let dir = &path[..path.rfind('/').map_or(0, |at| at + 1)];
            let (relative, query) = location.split_once('?').unwrap_or((location, ""));
            let whole = [dir, relative].concat();
            let mut parts: Vec<&str> = Vec::new();
            for part in whole.trim_start_matches('/').split('/') {
                match part {
                    "." => {}
                    ".." => _ = parts.pop(),
                    part => parts.push(part),
                }
            }
            let mark = if query.is_empty() { "" } else { "?" };
            ["/", &parts.join("/"), mark, query].concat()
        };
        Url::parse(&[scheme, "//", &self.authority, &target].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(url: &Url) -> String {
        format!("http{}://{}{}", if url.is_secure { "s" } else { "" }, url.authority, url.target)
    }

    #[test]
    fn redirects_lead_where_their_text_says() {
        let from = Url::parse("http://a.example:8/x/y?q=1").expect("a URL");
        for (location, to) in [
            ("https://b.example/z", Some("https://b.example/z")),
            ("//b.example/z", Some("http://b.example/z")),
            ("/z?r=2", Some("http://a.example:8/z?r=2")),
            ("z", Some("http://a.example:8/x/z")),
            ("../z/./w", Some("http://a.example:8/z/w")),
            ("../../../z", Some("http://a.example:8/z")),
            ("?r", Some("http://a.example:8/x/y?r")),
            ("file:///etc/passwd", None),
            ("javascript:alert(1)", None),
        ] {
            assert_eq!(from.resolve(location).as_ref().map(text).as_deref(), to, "{location}");
        }
    }

    #[test]
    fn only_web_addresses_are_read() {
        for url in ["http://h", "HTTPS://h/p?q#f", "http://[::1]:80/"] {
            assert!(Url::parse(url).is_some(), "{url}");
        }
        for url in ["", "h", "/p", "ftp://h", "file:///p", "http://", "http:///p", "ht tp://h"] {
            assert!(Url::parse(url).is_none(), "{url}");
        }
    }
}
