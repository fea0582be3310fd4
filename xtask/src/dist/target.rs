//! The systems that releases are made for.

/// A system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    LinuxX86,
    LinuxArm,
}

impl Target {
    const ALL: [Target; 2] = [Target::LinuxX86, Target::LinuxArm];

    /// The one that this program runs on.
    ///
    /// # Errors
    /// No releases are made for it.
    pub fn host() -> Result<Target, String> {
        let own = |target: &Target| {
            cfg!(target_os = "linux") && target.architecture() == std::env::consts::ARCH
        };
        let found = Target::ALL.into_iter().find(own);
        found.ok_or_else(|| "no releases are made for this system".to_owned())
    }

    /// The one that Rust calls so.
    ///
    /// # Errors
    /// There is none; the text lists those that there are.
    pub fn of(triple: &str) -> Result<Target, String> {
        let found = Target::ALL.into_iter().find(|target| target.triple() == triple);
        found.ok_or_else(|| {
            let known = Target::ALL.map(Target::triple).join(", ");
            format!("no releases are made for {triple}; there are {known}")
        })
    }

    /// Rust's name.
    pub fn triple(self) -> &'static str {
        match self {
            Target::LinuxX86 => "x86_64-unknown-linux-gnu",
            Target::LinuxArm => "aarch64-unknown-linux-gnu",
        }
    }

    /// The name of the architecture in the tags of wheels.
    pub fn architecture(self) -> &'static str {
        match self {
            Target::LinuxX86 => "x86_64",
            Target::LinuxArm => "aarch64",
        }
    }

    /// A tool of GNU's compiler collection for this system, as Debian calls it.
    pub fn tool(self, name: &str) -> String {
        match Target::host() {
            Ok(host) if host == self => name.to_owned(),
            Ok(_) | Err(_) => format!("{}-linux-gnu-{name}", self.architecture()),
        }
    }
}
