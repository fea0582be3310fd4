//! What can be asked.
//!
//! | method | parameters | answer |
//! |---|---|---|
//! | `version` | | `version` |
//! | `enter` | `directory` | |
//! | `file` | `path`, `text` or `null` | |
//! | `runtime` | `name`; bytes | |
//! | `update` | `uri`, `version`, `text` | `diagnostics` of the protocol |
//! | `check` | `file`, `text` | the envelope of `vera check --json`, `rendered` |
//! | `prove` | `uri`, `solver`, `runs`, `timeout_ms` | `functions`, `diagnostics`, `lines`, `unsolved`, `questions`, `answered`, `runs` |
//! | `verify` | `file`, `text`, `solver`, `runs`, `timeout_ms` | the envelope of `vera verify --json`, `rendered`, `lines`, `questions`, `answered`, `runs` |
//! | `solved` | `question`, `outcome`, `model`, `interrupted` | |
//! | `ran` | `run`, `end` | |
//! | `format` | `file`, `text` | `text`, or the envelope of what is wrong |
//! | `compile` | `file`, `text`, `fuel` | the envelope, `exports`, `size`, `interface`, or `runtime`; the module |
//! | `replay` | `file`, `text`, `functions`: where they begin | `functions`, `calls`, or `runtime`; a module |
//! | `places` | `offsets` of frames in that module | `places` |
//! | `wat` | a module's bytes | `text` |
//! | `interface` | `text` | `items` |
//! | `explain` | `code` | `text`, and as `vera explain --json` |
//! | `textDocument/…`, `workspace/…`, `callHierarchy/…` | as the protocol has them | `result` |
//!
//! Any answer may have `wanted`, paths of files to hand in by `file`; a request that was
//! refused has `error`, with the protocol's `code` and a `message`.

use serde_json::{Value, json};

use crate::{Answer, Compiler};

/// The protocol's numbers for what is wrong with a request.
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;

/// Why a request has no answer.
pub type Refusal = (i32, String);

pub fn invalid(message: impl Into<String>) -> Refusal {
    (INVALID_PARAMS, message.into())
}

#[cfg(feature = "front")]
pub fn string<'v>(params: &'v Value, key: &str) -> Result<&'v str, Refusal> {
    params[key].as_str().ok_or_else(|| invalid(format!("'{key}' must be a string")))
}

/// What a part of the compiler makes of a request; `None` of another part's.
pub type Answered = Option<Result<Answer, Refusal>>;

impl Compiler {
    /// Answers a request; see the table in `requests`.
    pub fn answer(&mut self, method: &str, params: &Value, bytes: Vec<u8>) -> Answer {
        let answered = self
            .answered(method, params, &bytes)
            .unwrap_or_else(|| Err((METHOD_NOT_FOUND, format!("there is no method `{method}`"))));
        #[cfg_attr(not(feature = "front"), expect(unused_mut, reason = "only files are wanted"))]
        let mut answer = answered.unwrap_or_else(|(code, message)| {
            json!({ "error": { "code": code, "message": message } }).into()
        });
        #[cfg(feature = "front")]
        self.say_wanted(&mut answer);
        answer
    }

    /// Asks the parts that this module has, one after the other.
    fn answered(&mut self, method: &str, params: &Value, bytes: &[u8]) -> Answered {
        let answered = match method {
            "version" => Some(Ok(json!({ "version": env!("CARGO_PKG_VERSION") }).into())),
            #[cfg(feature = "text")]
            "wat" => Some(text(bytes)),
            _ => None,
        };
        #[cfg(feature = "front")]
        let answered = answered.or_else(|| crate::front::answer(self, method, params));
        #[cfg(feature = "codegen")]
        let answered = answered.or_else(|| crate::codegen::answer(self, method, params, bytes));
        #[cfg(feature = "editor")]
        let answered = answered.or_else(|| crate::editor::answer(self, method, params));
        _ = (params, bytes);
        answered
    }
}

/// A module as text.
#[cfg(feature = "text")]
fn text(module: &[u8]) -> Result<Answer, Refusal> {
    let text = wasmprinter::print_bytes(module).map_err(|error| invalid(error.to_string()))?;
    Ok(json!({ "text": text }).into())
}
