//! What a program may reach outside of itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ureq::http::Uri;

/// What a program may reach; clones are one.
#[derive(Clone, Debug)]
pub struct Permissions(Arc<Rules>);

/// What of each kind is allowed. For `None`, everything is.
#[derive(Debug, Default)]
pub struct Rules {
    pub net: Option<Vec<NetRule>>,
    /// Files of databases; databases in memory are always allowed.
    pub db: Option<Vec<PathBuf>>,
    /// Names of environment variables.
    pub env: Option<Vec<String>>,
    pub inference: bool,
}

/// `HOST` or `HOST:PORT`; a host with a leading `*.` stands for all below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetRule {
    host: String,
    port: Option<u16>,
}

impl Permissions {
    pub fn new(rules: Rules) -> Permissions {
        Permissions(Arc::new(rules))
    }

    /// Nothing is refused.
    pub fn all() -> Permissions {
        Permissions::new(Rules { inference: true, ..Rules::default() })
    }

    /// Nothing is allowed.
    pub fn none() -> Permissions {
        let (net, db, env) = (Some(Vec::new()), Some(Vec::new()), Some(Vec::new()));
        Permissions::new(Rules { net, db, env, inference: false })
    }

    pub(crate) fn admit_net(&self, uri: &Uri) -> Result<(), String> {
        let Some(rules) = &self.0.net else { return Ok(()) };
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
        let https = uri.scheme_str().is_some_and(|s| s.eq_ignore_ascii_case("https"));
        let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
        if rules.iter().any(|rule| rule.admits(&host, port)) {
            return Ok(());
        }
        Err(format!("permission denied: {host}:{port}"))
    }

    pub(crate) fn admit_db(&self, path: &Path) -> Result<(), String> {
        let Some(rules) = &self.0.db else { return Ok(()) };
        let place = super::io::resolve(path);
        if place.is_some_and(|place| rules.contains(&place)) {
            return Ok(());
        }
        Err(format!("permission denied: {}", path.display()))
    }

    pub(crate) fn admits_env(&self, name: &str) -> bool {
        self.0.env.as_ref().is_none_or(|names| names.iter().any(|n| n == name))
    }

    pub(crate) fn admit_inference(&self) -> Result<(), String> {
        if self.0.inference { Ok(()) } else { Err("permission denied: Inference".to_owned()) }
    }
}

impl Rules {
    /// Adds a database's file.
    ///
    /// # Errors
    /// When no such file can be: part of the path is no directory.
    pub fn allow_db(&mut self, path: &str) -> Result<(), String> {
        let place = super::io::resolve(Path::new(path)).filter(|_| !path.is_empty());
        let place = place.ok_or_else(|| path.to_owned())?;
        self.db.get_or_insert_default().push(place);
        Ok(())
    }
}

impl NetRule {
    /// Reads `HOST`, `HOST:PORT` or `[IPV6]:PORT`; `None` for anything else.
    pub fn parse(text: &str) -> Option<NetRule> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']')?;
                (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
            }
            None => match text.rsplit_once(':') {
                Some((host, port)) if !host.contains(':') => (host, Some(port)),
                Some(_) => (text, None),
                None => (text, None),
            },
        };
        let port = match port {
            Some(port) => Some(port.parse().ok()?),
            None => None,
        };
        let name = |c: char| c.is_ascii_alphanumeric() || "-._:*".contains(c);
        let fine = !host.is_empty() && host.chars().all(name);
        fine.then(|| NetRule { host: host.to_ascii_lowercase(), port })
    }

    fn admits(&self, host: &str, port: u16) -> bool {
        let host_fits = match self.host.strip_prefix("*.") {
            Some(parent) => host.strip_suffix(parent).is_some_and(|below| below.ends_with('.')),
            None => self.host == host,
        };
        host_fits && self.port.is_none_or(|own| own == port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_name_hosts_and_ports() {
        for (rule, url, admitted) in [
            ("a.example", "http://a.example/", true),
            ("a.example", "http://A.EXAMPLE:81/", true),
            ("a.example", "http://b.a.example/", false),
            ("*.a.example", "http://b.a.example/", true),
            ("*.a.example", "http://a.example/", false),
            ("a.example:443", "https://a.example/", true),
            ("a.example:443", "http://a.example/", false),
            ("127.0.0.1:8080", "http://127.0.0.1:8080/", true),
            ("[::1]:80", "http://[::1]/", true),
            ("::1", "http://[::1]:9/", true),
        ] {
            let net = Some(vec![NetRule::parse(rule).expect("a rule")]);
            let permissions = Permissions::new(Rules { net, ..Rules::default() });
            let uri: Uri = url.parse().expect("a URL");
            assert_eq!(permissions.admit_net(&uri).is_ok(), admitted, "{rule} {url}");
        }
        for rule in ["", "a b", "a:b", "a:99999", "http://a", "[::1", "[::1]80"] {
            assert_eq!(NetRule::parse(rule), None, "{rule}");
        }
    }
}
