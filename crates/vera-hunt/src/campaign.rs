//! Many programs, on several threads, until time is up or something is found.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use vera_host::HostError;

use crate::examine::{Ending, Examiner, Finding, Looked, Oracle};
use crate::generate::{self, Profile};
use crate::interpret::STACK;
use crate::reduce;

/// What to look at.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The number of the first program; the others follow.
    pub seed: u64,
    /// Ends after so many programs.
    pub programs: Option<u64>,
    /// Begins no program after this time.
    pub time: Option<Duration>,
    pub jobs: usize,
    /// Goes on after a finding; of findings alike only the first is kept.
    pub keep_going: bool,
    /// The only profile; all of them in turn otherwise.
    pub profile: Option<Profile>,
    /// How long a program that shows something may be made smaller.
    pub reducing: Duration,
}

/// A finding with the program that shows it.
#[derive(Clone, Debug)]
pub struct Found {
    pub seed: u64,
    pub profile: Profile,
    pub finding: Finding,
    /// The smallest text found.
    pub text: String,
    /// Since the campaign began, without making it smaller.
    pub after: Duration,
    /// Programs that were examined before.
    pub programs: u64,
}

/// What a campaign saw.
#[derive(Default, Debug)]
pub struct Report {
    pub programs: u64,
    pub endings: BTreeMap<Ending, u64>,
    pub looked: Looked,
    pub found: Vec<Found>,
    pub elapsed: Duration,
}

/// The text of a program, by number and profile.
pub fn program(seed: u64, profile: Option<Profile>) -> (Profile, String) {
    let all = Profile::ALL;
    let profile = profile.unwrap_or(all[(seed % all.len() as u64) as usize]);
    (profile, generate::program(seed, profile))
}

/// A program as the prover is given it: with claims about what its runs show.
pub fn claimed(seed: u64, profile: Option<Profile>) -> Option<String> {
    let (_, text) = program(seed, profile);
    let builder = std::thread::Builder::new().stack_size(STACK);
    let thread = builder.spawn(move || crate::examine::with_claims(&text, seed)).ok()?;
    thread.join().ok()?
}

/// Looks at one program, with all oracles.
///
/// # Errors
/// When the engine cannot start.
pub fn examine(text: &str, seed: u64) -> Result<Option<Finding>, HostError> {
    let (examiner, text) = (Examiner::new()?, text.to_owned());
    let look = move || examiner.examine(&text, seed, true).err().map(|(finding, _)| finding);
    let thread = std::thread::Builder::new().stack_size(STACK);
    let thread = thread.spawn(look).map_err(HostError::Thread)?;
    Ok(thread.join().unwrap_or(None))
}

/// Whether the tool as it is now shows a finding.
///
/// # Errors
/// When the engine cannot start.
pub fn shows(found: &Found) -> Result<bool, HostError> {
    let (examiner, found) = (Examiner::new()?, found.clone());
    let confirm = move || examiner.confirm(&found.text, found.seed, &found.finding).is_some();
    let thread = std::thread::Builder::new().stack_size(STACK);
    let thread = thread.spawn(confirm).map_err(HostError::Thread)?;
    Ok(thread.join().unwrap_or(false))
}

/// Runs a campaign.
///
/// # Errors
/// When the engine cannot start.
pub fn hunt(campaign: &Campaign, told: &(dyn Fn(&Found) + Sync)) -> Result<Report, HostError> {
    let start = Instant::now();
    let state = State {
        campaign,
        start,
        next: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        report: Mutex::default(),
        told,
    };
    let examiners: Result<Vec<Examiner>, HostError> =
        (0..campaign.jobs.max(1)).map(|_| Examiner::new()).collect();
    std::thread::scope(|scope| {
        for examiner in examiners? {
            let state = &state;
            let builder = std::thread::Builder::new().stack_size(STACK);
            builder
                .spawn_scoped(scope, move || state.work(&examiner))
                .map_err(HostError::Thread)?;
        }
        Ok(())
    })?;
    let mut report = state.report.into_inner().expect("no panic with the lock");
    report.elapsed = start.elapsed();
    Ok(report)
}

struct State<'c> {
    campaign: &'c Campaign,
    start: Instant,
    next: AtomicU64,
    stop: AtomicBool,
    report: Mutex<Report>,
    told: &'c (dyn Fn(&Found) + Sync),
}

impl State<'_> {
    fn work(&self, examiner: &Examiner) {
        let campaign = self.campaign;
        while !self.stop.load(Ordering::Relaxed)
            && campaign.time.is_none_or(|time| self.start.elapsed() < time)
        {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if campaign.programs.is_some_and(|most| number >= most) {
                break;
            }
            let seed = campaign.seed.wrapping_add(number);
            let (profile, text) = program(seed, campaign.profile);
            match examiner.examine(&text, seed, profile.is_proved(seed)) {
                Ok(examined) => {
                    let mut report = self.report.lock().expect("no panic with the lock");
                    report.programs += 1;
                    *report.endings.entry(examined.ending).or_default() += 1;
                    report.looked.add(examined.looked);
                }
                Err((finding, text)) => self.found(examiner, seed, profile, finding, text),
            }
        }
    }

    fn found(
        &self,
        examiner: &Examiner,
        seed: u64,
        profile: Profile,
        finding: Finding,
        text: String,
    ) {
        let after = self.start.elapsed();
        if !self.campaign.keep_going {
            self.stop.store(true, Ordering::Relaxed);
        }
        let programs = {
            let mut report = self.report.lock().expect("no panic with the lock");
            report.programs += 1;
            if report.found.iter().any(|f| f.finding.is_like(&finding)) {
                return;
            }
            report.programs
        };
        // A smaller program is refused for any reason.
        let refused = finding.oracle == Oracle::Accepted && finding.kind.starts_with("refused");
        let time = if refused { Duration::ZERO } else { self.campaign.reducing };
        let (text, finding) = reduce::reduce(text, finding, time, |text, finding| {
            examiner.confirm(text, seed, finding)
        });
        let found = Found { seed, profile, finding, text, after, programs };
        let mut report = self.report.lock().expect("no panic with the lock");
        if report.found.iter().any(|f| f.finding.is_like(&found.finding)) {
            return;
        }
        (self.told)(&found);
        report.found.push(found);
    }
}
