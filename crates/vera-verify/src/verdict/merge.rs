//! One record per source site for the instances of a generic function, the worst
//! verdict winning (language reference, chapter 08.9).

use super::{Settled, Status};

/// Merges the records of the instances, which come in the order of their names.
pub(crate) fn merge(instances: Vec<Vec<Settled>>) -> Vec<Settled> {
    let mut merged: Vec<(usize, Settled)> = Vec::new();
    for records in instances {
        let mut used = vec![false; merged.len()];
        for record in records {
            // Sites repeat, so each record meets at most one of another instance.
            let same = |(i, (_, m)): (usize, &(usize, Settled))| {
                let twin = m.kind == record.kind && m.at == record.at && m.phase == record.phase;
                (twin && i < used.len() && !used[i]).then_some(i)
            };
            match merged.iter().enumerate().find_map(same) {
                Some(i) => {
                    used[i] = true;
                    join(&mut merged[i].1, record);
                }
                None => merged.push((merged.len(), record)),
            }
        }
    }
    merged.sort_by_key(|(place, record)| (record.phase, *place));
    merged.into_iter().map(|(_, record)| record).collect()
}

fn join(kept: &mut Settled, other: Settled) {
    let (mut old, mut new) = (kept.status, other.status);
    for status in [&mut old, &mut new] {
        if *status == Status::Timeout {
            *status = Status::Tier3;
        }
    }
    kept.status = old;
    if new.severity() > old.severity() {
        *kept = Settled { status: new, ..other };
    } else if new == old && new != Status::Verified {
        kept.instances.extend(other.instances);
    }
}
