//! Every way an obligation can end, on one program.

mod common;

use common::{records, verify};
use vera_verify::Status;

/// The records of each function but those of `true` clauses, in order.
const EXPECTED: &[(&str, &[&str])] = &[
    ("v01", &["requires verified", "ensures verified"]),
    ("v02", &["ensures violated E500"]),
    ("v03", &["ensures verified"]),
    ("v04", &["ensures verified"]),
    ("v05", &["call_pre violated E501"]),
    ("v06", &["ensures verified"]),
    ("v07", &["nat_sub violated E502"]),
    ("v08", &["nat_sub verified"]),
    ("v09", &["nat_bind violated E503"]),
    ("v10", &["ensures verified", "nat_bind verified"]),
    // The quotient of the least integer by -1 does not fit.
    ("v11", &["div_zero violated E526", "int_overflow tier3"]),
    ("v12", &["requires verified", "div_zero verified"]),
    ("v13", &["ensures verified"]),
    // The clause is evaluated after the body, whose sum fitted.
    ("v14", &["int_overflow tier3", "int_overflow verified", "ensures verified"]),
    ("v15", &["requires verified", "int_overflow verified", "ensures verified"]),
    ("v16", &["requires verified", "int_overflow violated E528"]),
    ("v17", &["requires verified", "index_bounds verified"]),
    ("v18", &["index_bounds tier3 W006"]),
    ("v19", &["index_bounds violated E527"]),
    // `random_int(4, 9)` is at least 4.
    ("v20", &["assert verified", "ensures verified"]),
    ("v21", &["requires verified", "assert verified"]),
    ("v22", &["assert tier3 E535", "ensures verified"]),
    ("v23", &["requires verified", "assert violated E507"]),
    ("v24", &["ensures verified"]),
    (
        "v25",
        &[
            "requires tier3_unguarded E538",
            "requires tier3_unguarded E538",
            "ensures tier3_unguarded E538",
        ],
    ),
    ("v26", &["refine_bind violated E505"]),
    ("v27", &["ensures verified"]),
    ("v28", &["refine_bind verified"]),
    ("v29", &["ensures verified"]),
    ("v30", &["refine_bind violated E505"]),
    (
        "v31",
        &[
            "requires verified",
            "int_overflow verified",
            "int_overflow verified",
            "nat_bind verified",
            "int_overflow verified",
            "ensures verified",
            "decreases verified",
        ],
    ),
    ("v32", &["decreases tier3 E525"]),
    ("v33", &["ensures verified", "decreases verified"]),
    ("v34", &["int_overflow verified", "nat_bind verified", "decreases verified"]),
    ("v35", &["int_overflow verified", "nat_bind verified", "decreases verified"]),
    (
        "v36",
        &[
            "int_overflow verified",
            "int_overflow verified",
            "nat_bind verified",
            "nat_bind verified",
            "decreases verified",
        ],
    ),
    ("v37", &["ensures verified"]),
    // What the prover knows of `string_length` is little, but it is a function.
    ("v38", &["requires verified"]),
    ("v39", &["call_pre tier3 E532"]),
    ("v40", &["requires verified", "ensures verified"]),
    ("v41", &["ensures violated E500"]),
    ("v42", &["float_to_int_domain tier3 W010"]),
    ("v43", &["float_to_int_domain violated E529"]),
    ("v44", &["float_to_int_domain verified", "ensures verified"]),
    ("v45", &["ensures verified"]),
    ("v46", &[]),
    ("v47", &["div_zero verified"]),
    ("v48", &["div_zero violated E526", "requires verified"]),
    ("v49", &["div_zero verified", "requires verified", "div_zero verified"]),
    // The cell is a value the proof follows.
    ("v50", &["ensures verified"]),
    // The only element is 1.
    ("v51", &["div_zero verified"]),
    // Whether the closure is called, only a run tells.
    ("v52", &["div_zero tier3 W007"]),
    // Values of a type of which nothing is known may differ from themselves.
    ("v53", &["ensures tier3 E523"]),
    ("v54", &["ensures violated E500"]),
    ("v55", &[]),
    ("v56", &["ensures verified"]),
    ("v57", &["call_pre violated E501"]),
    ("v58", &["int_overflow tier3", "ensures verified"]),
    (
        "v59",
        &[
            "int_overflow tier3",
            "int_overflow tier3",
            "int_overflow tier3",
            "requires tier3_unguarded E540",
            "requires tier3_unguarded E540",
            "ensures tier3_unguarded E540",
        ],
    ),
    ("v60", &["refine_bind violated E505"]),
];

#[test]
fn every_row_of_the_acceptance_table() {
    let (verification, _) = verify(include_str!("programs/acceptance.vera"));
    for (function, expected) in EXPECTED {
        assert_eq!(&records(&verification, function), expected, "records of {function}");
    }
    assert_eq!(verification.assumptions, 1);
}

#[test]
fn no_obligation_is_dropped() {
    let (verification, _) = verify(include_str!("programs/acceptance.vera"));
    let s = verification.summary();
    let sum = s.verified + s.runtime + s.violated + s.unguarded;
    assert_eq!(sum, verification.records.len());
    for record in &verification.records {
        let silent = record.code.is_none();
        let settled = record.status != Status::Violated && record.status != Status::Tier3Unguarded;
        assert!(!silent || settled, "{record:?} ends badly without a report");
    }
}

#[test]
fn results_do_not_depend_on_scheduling() {
    let text = include_str!("programs/acceptance.vera");
    let all = |_| verify(text).0.records.iter().map(|r| format!("{r:?}")).collect::<Vec<_>>();
    let runs: Vec<Vec<String>> = (0..3).map(all).collect();
    assert!(runs.windows(2).all(|w| w[0] == w[1]));
}
