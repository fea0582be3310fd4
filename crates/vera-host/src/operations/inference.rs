//! `Inference` (language reference, chapter 10.12.5). Keys are read where they are sent,
//! and kept out of every text that comes back.

use std::time::Duration;

use serde_json::{Value as Json, json};
use ureq::http::{HeaderMap, HeaderValue, Method, header};

use super::http::{Ask, Client};
use crate::value::Value;

/// How a provider wants to be asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `/messages` with a key of its own.
    Messages,
    /// `/chat/completions` with a bearer token.
    Chat,
}

struct Provider {
    name: &'static str,
    key: &'static str,
    /// Where its interface is, without the path of a request.
    base: &'static str,
    model: &'static str,
    style: Style,
    /// The default model of `embed`.
    embeddings: Option<&'static str>,
}

/// In the order in which they are looked for.
const PROVIDERS: [Provider; 6] = [
    Provider {
        name: "anthropic",
        key: "VERA_ANTHROPIC_API_KEY",
        base: "https://api.anthropic.com/v1",
        model: "claude-opus-5",
        style: Style::Messages,
        embeddings: None,
    },
    Provider {
        name: "openai",
        key: "VERA_OPENAI_API_KEY",
        base: "https://api.openai.com/v1",
        model: "gpt-5.6-sol",
        style: Style::Chat,
        embeddings: Some("text-embedding-3-small"),
    },
    Provider {
        name: "moonshot",
        key: "VERA_MOONSHOT_API_KEY",
        base: "https://api.moonshot.ai/v1",
        model: "kimi-k3",
        style: Style::Chat,
        embeddings: None,
    },
    Provider {
        name: "mistral",
        key: "VERA_MISTRAL_API_KEY",
        base: "https://api.mistral.ai/v1",
        model: "mistral-large-latest",
        style: Style::Chat,
        embeddings: Some("mistral-embed"),
    },
    Provider {
        name: "xai",
        key: "VERA_XAI_API_KEY",
        base: "https://api.x.ai/v1",
        model: "grok-4.6",
        style: Style::Chat,
        embeddings: None,
    },
    Provider {
        name: "deepseek",
        key: "VERA_DEEPSEEK_API_KEY",
        base: "https://api.deepseek.com/v1",
        model: "deepseek-v4-pro",
        style: Style::Chat,
        embeddings: None,
    },
];

const TIMEOUT: Duration = Duration::from_secs(60);

/// Tokens asked for where a provider wants a number and the program gives none.
const MAX_TOKENS: u64 = 1024;

/// Characters of a provider's text in an error.
const MAX_QUOTED: usize = 200;

/// Bytes of an error's body that are looked at.
const MAX_ERROR: usize = 64 << 10;

/// The variables that decide how is asked, beside the keys.
const VARIABLES: [&str; 6] = [
    "VERA_INFERENCE_PROVIDER",
    "VERA_INFERENCE_MODEL",
    "VERA_INFERENCE_BASE_URL",
    "VERA_INFERENCE_MAX_TOKENS",
    "VERA_INFERENCE_TEMPERATURE",
    "VERA_EMBEDDING_MODEL",
];

/// What the environment says: the variables that are set and not empty.
pub(crate) struct Settings(Vec<(&'static str, String)>);

impl Settings {
    pub fn of(env: &dyn Fn(&str) -> Option<String>) -> Settings {
        let names = VARIABLES.into_iter().chain(PROVIDERS.iter().map(|p| p.key));
        let set = names.filter_map(|name| Some((name, env(name).filter(|v| !v.is_empty())?)));
        Settings(set.collect())
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone())
    }
}

/// The variables that hold keys.
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    PROVIDERS.iter().map(|p| p.key)
}

/// What a call asks for beside its prompt.
#[derive(Default)]
struct Wishes {
    max_tokens: Option<u64>,
    temperature: Option<f64>,
    model: Option<String>,
}

/// Performs an operation of `Inference`.
pub(crate) fn perform(client: &Client, settings: &Settings, op: &str, args: Vec<Value>) -> Value {
    let mut args = args.into_iter();
    let prompt = match args.next() {
        Some(Value::String(prompt)) => String::from_utf8_lossy(&prompt).into_owned(),
        _ => String::new(),
    };
    let answer = Session::open(client, settings).and_then(|session| match op {
        "embed" => session.embed(&prompt),
        "complete_with" => session.complete(&prompt, wishes(args.next())).map(Value::text),
        _ => session.complete(&prompt, from_environment(settings)).map(Value::text),
    });
    match answer {
        Ok(value) => Value::ok(value),
        Err(why) => Value::err(why),
    }
}

fn wishes(options: Option<Value>) -> Wishes {
    let Some(Value::Data { fields, .. }) = options else { return Wishes::default() };
    let mut fields = fields.into_vec().into_iter();
    let some = |value: Option<Value>| match value {
        Some(Value::Data { fields, .. }) => fields.into_vec().pop(),
        _ => None,
    };
    let max_tokens = match fields.next() {
        Some(Value::Int(n @ 1..)) => Some(n as u64),
        _ => None,
    };
    let temperature = match some(fields.next()) {
        Some(Value::Float64(x)) => Some(x),
        _ => None,
    };
    let model = match some(fields.next()) {
        Some(Value::String(model)) => Some(String::from_utf8_lossy(&model).into_owned()),
        _ => None,
    };
    Wishes { max_tokens, temperature, model }
}

fn from_environment(settings: &Settings) -> Wishes {
    let env = |name| settings.get(name);
    let max_tokens = env("VERA_INFERENCE_MAX_TOKENS").and_then(|n| n.trim().parse().ok());
    let temperature = env("VERA_INFERENCE_TEMPERATURE").and_then(|x| x.trim().parse().ok());
    Wishes { max_tokens: max_tokens.filter(|n| *n > 0), temperature, model: None }
}

/// A provider that is chosen, with its key.
struct Session<'a> {
    client: &'a Client,
    provider: &'static Provider,
    key: String,
    /// The model that the environment names.
    model: Option<String>,
    embedding_model: Option<String>,
    base: String,
}

impl<'a> Session<'a> {
    fn open(client: &'a Client, settings: &Settings) -> Result<Session<'a>, String> {
        client.permissions().admit_inference()?;
        let set = |name: &str| settings.get(name);
        let provider = match set("VERA_INFERENCE_PROVIDER") {
            Some(wanted) => {
                let name = wanted.trim().to_ascii_lowercase();
                PROVIDERS.iter().find(|p| p.name == name).ok_or_else(|| {
                    let mut names = PROVIDERS.map(|p| p.name);
                    names.sort_unstable();
                    format!(
                        "Unknown inference provider '{wanted}'. Valid values: {}.",
                        names.join(", ")
                    )
                })?
            }
            None => PROVIDERS.iter().find(|p| set(p.key).is_some()).ok_or_else(|| {
                let keys = PROVIDERS.map(|p| p.key);
                format!("No inference provider configured. Set {}.", keys.join(", "))
            })?,
        };
        let key = set(provider.key).ok_or_else(|| {
            let (name, key) = (provider.name, provider.key);
            format!("Inference provider '{name}' selected but {key} is not set.")
        })?;
        let base = set("VERA_INFERENCE_BASE_URL").unwrap_or_else(|| provider.base.to_owned());
        Ok(Session {
            client,
            provider,
            key,
            model: set("VERA_INFERENCE_MODEL"),
            embedding_model: set("VERA_EMBEDDING_MODEL"),
            base: base.trim_end_matches('/').to_owned(),
        })
    }

    fn complete(&self, prompt: &str, wishes: Wishes) -> Result<String, String> {
        let named = wishes.model.filter(|m| !m.is_empty()).or_else(|| self.model.clone());
        let model = named.unwrap_or_else(|| self.provider.model.to_owned());
        let mut body = json!({ "model": model });
        match (self.provider.style, wishes.max_tokens) {
            (_, Some(n)) => body["max_tokens"] = json!(n),
            (Style::Messages, None) => body["max_tokens"] = json!(MAX_TOKENS),
            (Style::Chat, None) => {}
        }
        if let Some(temperature) = wishes.temperature {
            body["temperature"] = json!(temperature);
        }
        body["messages"] = json!([{ "role": "user", "content": prompt }]);
        let path = match self.provider.style {
            Style::Messages => "/messages",
            Style::Chat => "/chat/completions",
        };
        let reply = self.ask(path, &model, &body)?;
        let (text, stop) = match self.provider.style {
            Style::Messages => (messages_text(&reply), reply["stop_reason"].as_str()),
            Style::Chat => {
                let choice = &reply["choices"][0];
                if let Some(refusal) = choice["message"]["refusal"].as_str() {
                    let quoted = self.quoted(refusal);
                    return Err(self.report(&model, &format!("refused the request: {quoted}")));
                }
                (chat_text(choice), choice["finish_reason"].as_str())
            }
        };
        let stop_words = stop.map(|stop| format!(" (stop reason: {})", self.quoted(stop)));
        let stop_words = stop_words.unwrap_or_default();
        match text {
            Ok(text) if !text.is_empty() => Ok(text),
            Ok(_) => match stop.map(str::to_ascii_lowercase).as_deref() {
                Some("refusal") => {
                    let why = format!("refused the request: no text was given{stop_words}");
                    Err(self.report(&model, &why))
                }
                Some("max_tokens" | "length") => {
                    let why = format!("returned no text before it was cut off{stop_words}");
                    Err(self.report(&model, &why))
                }
                _ => Ok(String::new()),
            },
            Err(what) => Err(self.report(&model, &format!("returned {what}{stop_words}"))),
        }
    }

    fn embed(&self, text: &str) -> Result<Value, String> {
        let named = self.embedding_model.as_deref().filter(|_| self.provider.style == Style::Chat);
        let Some(model) = named.or(self.provider.embeddings) else {
            let name = self.provider.name;
            return Err(format!("Inference provider '{name}' does not support embeddings."));
        };
        let reply = self.ask("/embeddings", model, &json!({ "model": model, "input": text }))?;
        let no_vector = || self.report(model, "returned no embedding");
        let numbers = reply["data"][0]["embedding"].as_array().ok_or_else(no_vector)?;
        let numbers: Option<Vec<Value>> =
            numbers.iter().map(|n| n.as_f64().map(Value::Float64)).collect();
        Ok(Value::Array(numbers.ok_or_else(no_vector)?.into()))
    }

    /// Sends a request and reads the JSON that comes back.
    fn ask(&self, path: &str, model: &str, body: &Json) -> Result<Json, String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let secret = |text: &str| {
            let mut value = HeaderValue::from_str(text).ok()?;
            value.set_sensitive(true);
            Some(value)
        };
        let key = match self.provider.style {
            Style::Messages => secret(&self.key),
            Style::Chat => secret(&format!("Bearer {}", self.key)),
        };
        let key = key.ok_or_else(|| {
            self.report(model, &format!("failed: key: {} is not valid", self.provider.key))
        })?;
        match self.provider.style {
            Style::Messages => {
                headers.insert("x-api-key", key);
                headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
            }
            Style::Chat => _ = headers.insert(header::AUTHORIZATION, key),
        }
        let url = format!("{}{path}", self.base);
        let text = body.to_string();
        let ask = Ask {
            method: Method::POST,
            url: &url,
            headers,
            body: text.as_bytes(),
            timeout: Some(TIMEOUT),
        };
        let sent = self.client.send_unlisted(ask);
        let reply = sent.map_err(|why| {
            let kind = if why == "timed out" { "timeout" } else { "transport" };
            self.report(model, &format!("failed: {kind}: {why}"))
        })?;
        if reply.status >= 300 {
            let detail = self.detail(&reply.body);
            let why = format!("rejected the request: HTTP {}: {detail}", reply.status);
            return Err(self.report(model, &why));
        }
        let text = std::str::from_utf8(&reply.body)
            .map_err(|_| self.report(model, "returned a body that is not UTF-8"))?;
        serde_json::from_str(text)
            .map_err(|_| self.report(model, "returned a body that is not JSON"))
    }

    /// What a provider says of its refusal.
    fn detail(&self, body: &[u8]) -> String {
        let body = &body[..body.len().min(MAX_ERROR)];
        if body.trim_ascii().is_empty() {
            return "(empty response body)".to_owned();
        }
        let Ok(text) = std::str::from_utf8(body) else {
            return "(unreadable response body)".to_owned();
        };
        let parsed: Json = serde_json::from_str(text).unwrap_or_default();
        let said = parsed["error"]["message"]
            .as_str()
            .or_else(|| parsed["error"].as_str())
            .or_else(|| parsed["message"].as_str());
        self.quoted(said.unwrap_or(text))
    }

    fn report(&self, model: &str, what: &str) -> String {
        format!("Inference provider '{}' ({model}) {what}", self.provider.name)
    }

    /// A provider's words without secrets, and not too many of them.
    fn quoted(&self, text: &str) -> String {
        let safe = redacted(&text.replace(&self.key, REDACTED));
        match safe.char_indices().nth(MAX_QUOTED) {
            Some((at, _)) => format!("{}... (truncated)", &safe[..at]),
            None => safe,
        }
    }
}

const REDACTED: &str = "[redacted]";

/// Replaces what looks like a key: `(sk|key|token|xai)[-_][A-Za-z0-9_-]{8,}`.
pub(crate) fn redacted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.char_indices().find_map(|(at, _)| key_at(&rest[at..]).map(|_| at)) {
        let length = key_at(&rest[at..]).unwrap_or(0);
        out.push_str(&rest[..at]);
        out.push_str(REDACTED);
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    out
}

/// Bytes of the key that a text starts with.
fn key_at(text: &str) -> Option<usize> {
    let word = ["sk", "key", "token", "xai"].into_iter().find(|word| text.starts_with(word))?;
    let rest = text[word.len()..].strip_prefix(['-', '_'])?;
    let of_key = |c: &char| c.is_ascii_alphanumeric() || *c == '_' || *c == '-';
    let length = rest.chars().take_while(of_key).count();
    (length >= 8).then_some(word.len() + 1 + length)
}

/// The text of a reply, or what there is instead.
fn messages_text(reply: &Json) -> Result<String, &'static str> {
    let parts = reply["content"].as_array().ok_or("no text")?;
    let mut text = String::new();
    let mut any = false;
    for part in parts.iter().filter(|part| part["type"] == "text") {
        text.push_str(part["text"].as_str().ok_or("a text part without text")?);
        any = true;
    }
    if any || parts.is_empty() { Ok(text) } else { Err("no text") }
}

fn chat_text(choice: &Json) -> Result<String, &'static str> {
    match &choice["message"]["content"] {
        Json::String(text) => Ok(text.clone()),
        Json::Array(parts) => {
            let of = |kind: &str| {
                let mut text = String::new();
                for part in parts.iter().filter(|part| part["type"] == *kind) {
                    text.push_str(part["text"].as_str().ok_or("a text part without text")?);
                }
                Ok(text)
            };
            let text = of("text")?;
            if text.trim().is_empty() { of("output_text") } else { Ok(text) }
        }
        _ => Err("no text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_key_is_redacted() {
        for (text, safe) in [
            ("bad key sk-abcdefgh1 given", "bad key [redacted] given"),
            ("token_12345678, xai-ABCDEFGH_x", "[redacted], [redacted]"),
            ("sk-short key- tokens", "sk-short key- tokens"),
            ("é sk-12345678", "é [redacted]"),
        ] {
            assert_eq!(redacted(text), safe);
        }
    }
}
