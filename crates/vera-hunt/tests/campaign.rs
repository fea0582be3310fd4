//! A slice of the campaign: bounded work, the same on every machine.
//!
//! `VERA_HUNT_PROGRAMS=n` looks at n programs, `VERA_HUNT_SEED=n` begins with another
//! one. Longer campaigns are run by `cargo xtask hunt`.

use std::time::Duration;

use vera_hunt::{Campaign, Ending, Profile, hunt};

/// About a minute's work on two cores.
const PROGRAMS: u64 = 77;

#[test]
fn nothing_contradicts_itself() {
    let campaign = Campaign {
        seed: number("VERA_HUNT_SEED").unwrap_or(1),
        programs: Some(number("VERA_HUNT_PROGRAMS").unwrap_or(PROGRAMS)),
        time: None,
        jobs: 2,
        keep_going: false,
        profile: None,
        reducing: Duration::from_secs(60),
    };
    let report = hunt(&campaign, &|_| {}).expect("an engine");
    println!("{:?} {:?} in {:?}", report.endings, report.looked, report.elapsed);
    if let Some(found) = report.found.first() {
        panic!(
            "{}: {} (seed {}, {})\n{}\n{}",
            found.finding.oracle.name(),
            found.finding.kind,
            found.seed,
            found.profile.name(),
            found.finding.details,
            found.text,
        );
    }
    let values = report.endings.get(&Ending::Value).copied().unwrap_or(0);
    assert!(values >= report.programs / 2, "too few programs come to an end: {report:?}");
    assert!(report.looked.proved > 0 && report.looked.compiled > 0, "{report:?}");
}

#[test]
fn programs_are_functions_of_their_number() {
    for profile in Profile::ALL {
        let text = |seed| vera_hunt::program(seed, Some(*profile)).1;
        assert_eq!(text(5), text(5));
        assert_ne!(text(5), text(6));
        assert_eq!(Profile::from_name(profile.name()), Some(*profile));
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|v| v.parse().ok())
}
