//! What the command `vera` says.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What it prints.
///
/// # Errors
/// It does not run, or fails.
pub fn said(vera: &Path, words: &[&str]) -> Result<String, String> {
    let output = Command::new(vera)
        .args(words)
        .output()
        .map_err(|error| format!("{}: {error}", vera.display()))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("vera {}: {}\n{stderr}", words.join(" "), output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// The one item of a listing in JSON.
///
/// # Errors
/// As [`said`], or it is no JSON.
pub fn item(vera: &Path, words: &[&str]) -> Result<Value, String> {
    let text = said(vera, words)?;
    let json: Value =
        serde_json::from_str(&text).map_err(|why| format!("vera {}: {why}", words.join(" ")))?;
    Ok(json["items"][0].clone())
}
