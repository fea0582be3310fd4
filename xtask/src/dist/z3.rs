//! The library of Z3: from the package that its authors publish for Python.

use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use super::target::Target;

/// A wheel of PyPI.
struct Wheel {
    version: &'static str,
    platform: &'static str,
    sha256: &'static str,
}

/// The newest that asks for no newer C library than Debian 12 has: on arm64, those from
/// 4.16 on ask for glibc 2.38.
fn wheel(target: Target) -> Wheel {
    match target {
        Target::LinuxX86 => Wheel {
            version: "5.4.1.0",
            platform: "manylinux_2_27_x86_64",
            sha256: "e680ce083683abca5d07c3e55c2f620ff9a29cb91c548eeeea27ae29e8060522",
        },
        Target::LinuxArm => Wheel {
            version: "4.15.4.0",
            platform: "manylinux_2_34_aarch64",
            sha256: "62c7e9cbdd711932301f29919ad9158de9b2f58b4d281dd259bbcd0a2f408ba1",
        },
    }
}

/// The licence under which its authors publish it.
pub const LICENCE: &str = "Z3
Copyright (c) Microsoft Corporation
All rights reserved.
MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the \"Software\"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED *AS IS*, WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.
";

/// Fetches the library into a directory.
///
/// # Errors
/// `pip` is missing or failed; the package is not the one that is known.
pub fn library(target: Target, work: &Path) -> Result<PathBuf, String> {
    let Wheel { version, platform, sha256 } = wheel(target);
    let status = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"])
        .args(["--disable-pip-version-check", "--platform", platform, "--dest"])
        .arg(work)
        .arg(format!("z3-solver=={version}"))
        .status()
        .map_err(|error| format!("python3: {error}"))?;
    if !status.success() {
        return Err(format!("pip could not get z3-solver {version} for {platform}"));
    }
    let file = work.join(format!("z3_solver-{version}-py3-none-{platform}.whl"));
    let bytes = std::fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if found != sha256 {
        return Err(format!("{}: SHA-256 is {found}, not {sha256}", file.display()));
    }
    let unpacked = work.join("z3");
    let status = Command::new("python3")
        .args(["-m", "zipfile", "--extract"])
        .args([&file, &unpacked])
        .status()
        .map_err(|error| format!("python3: {error}"))?;
    match status.success() {
        true => Ok(unpacked.join("z3/lib/libz3.so")),
        false => Err(format!("{} cannot be unpacked", file.display())),
    }
}
