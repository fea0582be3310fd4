//! What a program or library for Linux needs of the system, as `readelf` tells it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The needs of files that are shipped together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The minor version of glibc 2.
    pub glibc: u32,
    /// The libraries, by the names that the loader looks for.
    pub libraries: BTreeSet<String>,
}

/// What tags of wheels call a system with this much, for files that need no more: every
/// system with glibc 2.34 has the run-time library of GCC 11 (PEP 600; auditwheel's
/// policies).
const OLDEST: u32 = 34;
const GLIBCXX_OF_OLDEST: u32 = 29;

/// Libraries that every system with such a tag has.
const PRESENT: [&str; 8] = [
    "ld-linux-aarch64.so.1",
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "libstdc++.so.6",
];

impl Needs {
    /// Adds what a file needs.
    ///
    /// # Errors
    /// It is no such file, or needs what a system need not have.
    pub fn add(&mut self, file: &Path) -> Result<(), String> {
        let failed = |why: String| format!("readelf {}: {why}", file.display());
        let run = Command::new("readelf")
            .args(["--wide", "--dynamic", "--version-info"])
            .arg(file)
            .env("LC_ALL", "C")
            .output()
            .map_err(|error| failed(error.to_string()))?;
        let said = String::from_utf8_lossy(&run.stdout);
        if !run.status.success() || !said.contains("Version needs section") {
            return Err(failed(String::from_utf8_lossy(&run.stderr).into_owned()));
        }
        self.read(&said).map_err(|why| format!("{}: {why}", file.display()))
    }

    /// The platform of a wheel, without its architecture: `manylinux_2_34`.
    pub fn tag(&self) -> String {
        format!("manylinux_2_{}", self.glibc.max(OLDEST))
    }

    /// Reads what `readelf` printed.
    fn read(&mut self, said: &str) -> Result<(), String> {
        let between = |line: &str, start: &str, end: char| -> Option<String> {
            let (_, rest) = line.split_once(start)?;
            Some(rest.split(end).next()?.to_owned())
        };
        for line in said.lines() {
            if line.contains("(NEEDED)")
                && let Some(name) = between(line, "[", ']')
            {
                if !PRESENT.contains(&name.as_str()) {
                    return Err(format!("needs {name}, which not every system has"));
                }
                self.libraries.insert(name);
            }
            if let Some(version) = between(line, "Name: ", ' ') {
                self.version(&version)?;
            }
        }
        Ok(())
    }

    /// Adds a version of a library's symbols, such as `GLIBC_2.34`.
    fn version(&mut self, name: &str) -> Result<(), String> {
        let minor = |rest: &str| rest.split('.').next().and_then(|n| n.parse::<u32>().ok());
        if let Some(minor) = name.strip_prefix("GLIBC_2.").and_then(minor) {
            self.glibc = self.glibc.max(minor);
        } else if let Some(minor) = name.strip_prefix("GLIBCXX_3.4.").and_then(minor)
            && minor > GLIBCXX_OF_OLDEST
        {
            return Err(format!("needs {name}, newer than GCC 11"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "
 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
 0x000000000000000e (SONAME)             Library soname: [libz3.so.5.4]
Version needs section '.gnu.version_r' contains 1 entry:
  000000: Version: 1  File: libc.so.6  Cnt: 2
  0x0010:   Name: GLIBC_2.2.5  Flags: none  Version: 3
  0x0020:   Name: GLIBC_2.36  Flags: none  Version: 2
  0x0030:   Name: GLIBCXX_3.4.22  Flags: none  Version: 4
";

    #[test]
    fn the_newest_version_decides() {
        let mut needs = Needs::default();
        assert_eq!(needs.tag(), "manylinux_2_34");
        needs.read(SAID).expect("every system has it");
        assert_eq!(needs.tag(), "manylinux_2_36");
        assert_eq!(needs.libraries, BTreeSet::from(["libc.so.6".to_owned()]));
    }

    #[test]
    fn what_a_system_need_not_have_is_refused() {
        let newer = SAID.replace("3.4.22", "3.4.32");
        let why = Needs::default().read(&newer);
        assert_eq!(why, Err("needs GLIBCXX_3.4.32, newer than GCC 11".to_owned()));
        let foreign = SAID.replace("libc.so.6", "libssl.so.3");
        let why = Needs::default().read(&foreign);
        assert_eq!(why, Err("needs libssl.so.3, which not every system has".to_owned()));
    }
}
