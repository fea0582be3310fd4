//! Any pattern, text and template have an answer, and the answers agree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vera_data::regex::Regex;

fuzz_target!(|input: (&[u8], &[u8], &[u8])| {
    let (pattern, text, template) = input;
    let Ok(mut regex) = Regex::new(pattern) else { return };
    let found = regex.find(text);
    if let (Ok(found), Ok(groups)) = (&found, regex.captures(text)) {
        assert_eq!(*found, groups.and_then(|groups| groups[0].clone()));
    }
    if let (Ok(found), Ok(all)) = (found, regex.find_all(text)) {
        assert_eq!(found.as_ref(), all.first());
        assert!(all.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }
    let _ = regex.replace_first(text, template);
});
