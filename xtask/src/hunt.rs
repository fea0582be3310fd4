//! `cargo xtask hunt`: a campaign of random programs against every oracle.
//!
//! `--minutes n` or `--programs n` limit it, `--seed n` says where it begins, `--jobs n`
//! how many threads it takes, `--profile name` which programs, `--keep-going` that it
//! does not stop at a finding. `--show` prints the program of
//! a number, and what the prover is given, and ends; `--file` looks at a program that is
//! written already.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use vera_hunt::{Campaign, Ending, Files, Found, Profile, Report};

const USAGE: &str = "usage: cargo xtask hunt [--minutes n | --programs n] [--seed n] [--jobs n] [--profile name] [--keep-going] [--show] [--file program] [--planted [name]]";

/// How long a program that shows something may be made smaller.
const REDUCING: Duration = Duration::from_secs(12);

pub fn run(args: &[String]) -> Result<(), String> {
    let options = Options::of(args)?;
    // Panics of the tool are findings; only those of the search itself end it.
    let last: &'static Mutex<Vec<String>> = Box::leak(Box::default());
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut last) = last.lock() {
            let kept = last.len().min(2);
            last.truncate(kept);
            last.insert(0, panic.to_string());
        }
    }));
    let hunted = std::panic::catch_unwind(|| hunt(options));
    hunted.unwrap_or_else(|_| Err(format!("the search failed: {}", text(last))))
}

/// The last panics, the latest first: a thread's own comes before that of who waits.
fn text(last: &Mutex<Vec<String>>) -> String {
    last.lock().map(|texts| texts.join("; after ")).unwrap_or_default()
}

fn hunt(options: Options) -> Result<(), String> {
    if options.show {
        let (profile, text) = vera_hunt::program(options.campaign.seed, options.campaign.profile);
        println!("-- {}\n{text}", profile.name());
        if let Some(text) = vera_hunt::claimed(options.campaign.seed, options.campaign.profile) {
            println!("-- module with_claims\n{text}");
        }
        return Ok(());
    }
    if let Some(path) = &options.file {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
        planted::plant(options.planted.flatten().as_deref())?;
        let found = vera_hunt::examine(&text, options.campaign.seed).map_err(|e| e.to_string())?;
        return match found {
            None => Ok(()),
            Some(finding) => {
                Err(format!("{}: {}\n{}", finding.oracle.name(), finding.kind, finding.details))
            }
        };
    }
    if let Some(only) = &options.planted {
        return planted::run(&options.campaign, only.as_deref());
    }
    let report = vera_hunt::hunt(&options.campaign, &tell).map_err(|e| e.to_string())?;
    print!("{}", summary(&report));
    match report.found.len() {
        0 => Ok(()),
        n => Err(format!("{n} findings")),
    }
}

struct Options {
    campaign: Campaign,
    show: bool,
    /// Faults are planted: this one, or all.
    planted: Option<Option<String>>,
    /// The only program to look at.
    file: Option<String>,
}

impl Options {
    fn of(args: &[String]) -> Result<Options, String> {
        let jobs = std::thread::available_parallelism().map_or(1, usize::from);
        let mut campaign = Campaign {
            seed: 1,
            programs: None,
            time: None,
            jobs,
            keep_going: false,
            profile: None,
            reducing: REDUCING,
        };
        let (mut show, mut planted, mut file) = (false, None, None);
        let mut words = args.iter().peekable();
        while let Some(word) = words.next() {
            let mut number = || -> Result<f64, String> {
                let text = words.next().ok_or(USAGE)?;
                text.parse().map_err(|_| USAGE.to_owned())
            };
            match word.as_str() {
                "--minutes" => campaign.time = Some(Duration::from_secs_f64(number()? * 60.0)),
                "--programs" => campaign.programs = Some(number()? as u64),
                "--seed" => campaign.seed = number()? as u64,
                "--jobs" => campaign.jobs = number()? as usize,
                "--keep-going" => campaign.keep_going = true,
                "--show" => show = true,
                "--file" => file = Some(words.next().ok_or(USAGE)?.clone()),
                "--profile" => {
                    let name = words.next().ok_or(USAGE)?;
                    campaign.profile = Some(Profile::from_name(name).ok_or_else(|| {
                        let names: Vec<&str> = Profile::ALL.iter().map(|p| p.name()).collect();
                        format!("no profile '{name}'; there are {}", names.join(", "))
                    })?);
                }
                "--planted" => {
                    planted = Some(words.next_if(|w| !w.starts_with("--")).cloned());
                }
                _ => return Err(USAGE.to_owned()),
            }
        }
        if campaign.time.is_none() && campaign.programs.is_none() {
            campaign.time = Some(Duration::from_secs(60));
        }
        Ok(Options { campaign, show, planted, file })
    }
}

/// Writes the files of a finding and says where they are.
fn tell(found: &Found) {
    let (finding, profile) = (&found.finding, found.profile.name());
    let dir = std::env::temp_dir().join(format!("vera-hunt-{}-{profile}", found.seed));
    let place = match write(&dir, &found.text) {
        Ok(place) => place.display().to_string(),
        Err(error) => format!("nowhere, {error}"),
    };
    println!(
        "FOUND {}: {}\n{}\n seed {} profile {profile}, after {:.1} s and {} programs; see {place}\n",
        finding.oracle.name(),
        finding.kind,
        finding.details,
        found.seed,
        found.after.as_secs_f64(),
        found.programs,
    );
}

fn write(dir: &Path, text: &str) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(dir)?;
    for (name, text) in Files::new(text).named() {
        std::fs::write(dir.join(name), text)?;
    }
    Ok(dir.join("hunt.vera"))
}

fn summary(report: &Report) -> String {
    let ends: Vec<String> =
        report.endings.iter().map(|(e, n)| format!("{} {n}", ending(*e))).collect();
    let looked = report.looked;
    format!(
        "{} programs in {:.0} s ({}); {} calls interpreted, {} calls compiled; {} obligations, {} proved, {} refuted and run; {} findings\n",
        report.programs,
        report.elapsed.as_secs_f64(),
        ends.join(", "),
        looked.calls,
        looked.compiled,
        looked.records,
        looked.proved,
        looked.refuted,
        report.found.len(),
    )
}

fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Value => "a value",
        Ending::Trap(kind) => kind,
        Ending::TooLong => "too long",
        Ending::Refused => "not admitted",
    }
}

#[cfg(feature = "plant")]
mod planted {
    //! Whether the campaign finds the faults the tool once had.

    use std::time::{Duration, Instant};

    use vera_faults::Fault;
    use vera_hunt::{Campaign, Found, Profile};

    /// Plants a fault for what comes next.
    pub fn plant(name: Option<&str>) -> Result<(), String> {
        let fault = name.map(|name| Fault::from_name(name).ok_or_else(names)).transpose()?;
        vera_faults::plant(fault);
        Ok(())
    }

    /// The most time a fault gets.
    const TIME: Duration = Duration::from_secs(120);

    pub fn run(campaign: &Campaign, only: Option<&str>) -> Result<(), String> {
        let wanted = |f: &&Fault| only.is_none_or(|name| f.name() == name);
        let faults: Vec<Fault> = Fault::ALL.iter().filter(wanted).copied().collect();
        if faults.is_empty() {
            return Err(format!("no such fault; there are {}", names()));
        }
        let mut missed = 0;
        println!("{:<28} {:>8} {:>9}  found by", "fault", "seconds", "programs");
        for fault in faults {
            let line = match search(campaign, fault)? {
                (Some(found), seconds, programs) => format!(
                    "{seconds:>8.1} {programs:>9}  {}: {} (seed {}, {})",
                    found.finding.oracle.name(),
                    found.finding.kind,
                    found.seed,
                    found.profile.name(),
                ),
                (None, _, programs) if why_not(fault).is_some() => {
                    let why = why_not(fault).unwrap_or_default();
                    format!("{:>8} {programs:>9}  not found: {why}", "-")
                }
                (None, _, programs) => {
                    missed += 1;
                    format!("{:>8} {programs:>9}  not found", "-")
                }
            };
            println!("{:<28} {line}", fault.name());
        }
        if missed == 0 { Ok(()) } else { Err(format!("{missed} faults not found")) }
    }

    /// The programs that a fault shows itself in.
    fn theme(fault: Fault) -> Profile {
        match fault {
            Fault::TruthOutlivesBranch => Profile::Branches,
            Fault::SharedInstance | Fault::HandlerLookedUpAgain | Fault::InstancesOfPredicates => {
                Profile::Generics
            }
            Fault::RangeOfHandledOperation
            | Fault::ClauseInPlace
            | Fault::OperationPrecondition => Profile::Effects,
            Fault::StringsOfCodePoints => Profile::Strings,
            Fault::DeepClaimIsTrue
            | Fault::FunctionParameter
            | Fault::FunctionInside
            | Fault::ZeroCell => Profile::Narrowing,
            Fault::LaterQuantifierSteps => Profile::Quantifiers,
            Fault::MeasureTeaches | Fault::UnprovedMeasure => Profile::Measures,
            Fault::HiddenFloat => Profile::Floats,
            Fault::AssumeInClause => Profile::Trust,
            Fault::UnguardedDefinition | Fault::SharedUnknown => Profile::Claims,
        }
    }

    /// Why no program can show a fault in a run, if that is so.
    fn why_not(fault: Fault) -> Option<&'static str> {
        match fault {
            Fault::UnprovedMeasure => Some(
                "what rests on a measure holds wherever the recursion comes back; where it would not, the check of the measure ends the run before",
            ),
            Fault::TruthOutlivesBranch
            | Fault::SharedInstance
            | Fault::HandlerLookedUpAgain
            | Fault::RangeOfHandledOperation
            | Fault::StringsOfCodePoints
            | Fault::ClauseInPlace
            | Fault::DeepClaimIsTrue
            | Fault::LaterQuantifierSteps
            | Fault::InstancesOfPredicates
            | Fault::MeasureTeaches
            | Fault::HiddenFloat
            | Fault::AssumeInClause
            | Fault::FunctionParameter
            | Fault::FunctionInside
            | Fault::ZeroCell
            | Fault::OperationPrecondition
            | Fault::UnguardedDefinition
            | Fault::SharedUnknown => None,
        }
    }

    /// The first finding that is due to the fault; seconds and programs it took.
    fn search(campaign: &Campaign, fault: Fault) -> Result<(Option<Found>, f64, u64), String> {
        let start = Instant::now();
        let (mut seed, mut programs) = (campaign.seed, 0);
        loop {
            let left = TIME.saturating_sub(start.elapsed());
            let one = Campaign {
                seed,
                time: Some(left),
                programs: None,
                keep_going: false,
                profile: campaign.profile.or(Some(theme(fault))),
                reducing: Duration::ZERO,
                ..campaign.clone()
            };
            vera_faults::plant(Some(fault));
            let report = vera_hunt::hunt(&one, &|_| {});
            vera_faults::plant(None);
            let report = report.map_err(|e| e.to_string())?;
            programs += report.programs;
            let seconds = start.elapsed().as_secs_f64();
            let Some(found) = report.found.into_iter().next() else {
                return Ok((None, seconds, programs));
            };
            // Not what the tool says without the fault, too.
            if !vera_hunt::shows(&found).map_err(|e| e.to_string())? {
                return Ok((Some(found), seconds, programs));
            }
            seed = found.seed + 1;
        }
    }

    fn names() -> String {
        Fault::ALL.iter().map(|f| f.name()).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(not(feature = "plant"))]
mod planted {
    //! Builds with faults that can be planted, and does it there.

    use std::process::Command;

    use vera_hunt::Campaign;

    /// Nothing can be planted here.
    pub fn plant(name: Option<&str>) -> Result<(), String> {
        name.map_or(Ok(()), |_| Err("faults need `--features plant`".to_owned()))
    }

    pub fn run(campaign: &Campaign, only: Option<&str>) -> Result<(), String> {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args([
            "run",
            "--quiet",
            "--release",
            "--package",
            "xtask",
            "--features",
            "plant",
            "--",
        ]);
        command.args(["hunt", "--jobs", &campaign.jobs.to_string()]);
        command.args(["--seed", &campaign.seed.to_string(), "--planted"]).args(only);
        let status = command.status().map_err(|e| e.to_string())?;
        if status.success() { Ok(()) } else { Err("some fault was not found".to_owned()) }
    }
}
