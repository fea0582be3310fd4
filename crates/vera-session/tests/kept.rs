//! Modules are read and parsed once, while their texts are the same.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use vera_session::{Files, Kept, Overlay, ReadError};

/// Files in memory; what each path leads to can be changed.
#[derive(Clone, Default)]
struct Texts(Arc<Mutex<HashMap<PathBuf, String>>>);

impl Texts {
    fn put(&self, path: &str, text: &str) {
        self.0.lock().unwrap().insert(path.into(), text.to_owned());
    }
}

impl Files for Texts {
    fn read(&self, path: &Path) -> Result<String, ReadError> {
        self.0.lock().unwrap().get(path).cloned().ok_or(ReadError::Missing)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.0.lock().unwrap().contains_key(path)
    }

    fn identity(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn sources(&self, _: &Path, _: bool) -> Vec<PathBuf> {
        Vec::new()
    }
}

#[test]
fn a_module_is_the_same_while_its_text_is() {
    let texts = Texts::default();
    texts.put("a.vera", "type Whole = Int;\n");
    let kept = Kept::new(texts.clone());
    let read = || kept.module(Path::new("a.vera")).unwrap();
    let first = read();
    assert!(Arc::ptr_eq(&first, &read()));
    assert!(Arc::ptr_eq(&first, &kept.clone().module(Path::new("a.vera")).unwrap()));
    texts.put("a.vera", "type Part = Int;\n");
    let second = read();
    assert_eq!(second.source().text(), "type Part = Int;\n");
    assert!(!Arc::ptr_eq(&first, &second));
    texts.0.lock().unwrap().clear();
    kept.forget();
    assert_eq!(kept.module(Path::new("a.vera")).err(), Some(ReadError::Missing));
}

#[test]
fn an_open_text_is_one_module_until_it_is_another() {
    let texts = Texts::default();
    texts.put("a.vera", "type Whole = Int;\n");
    let mut files = Overlay::new(Kept::new(texts));
    files.put(Path::new("a.vera"), "\u{feff}type Open = Int;\n".to_owned());
    let read = |files: &Overlay<Kept<Texts>>| files.module(Path::new("a.vera")).unwrap();
    let first = read(&files);
    assert_eq!(first.source().text(), "type Open = Int;\n");
    assert!(Arc::ptr_eq(&first, &read(&files)));
    // Copies are of the same texts until one is changed.
    let mut copy = files.clone();
    assert!(Arc::ptr_eq(&first, &read(&copy)));
    copy.put(Path::new("a.vera"), "type Other = Int;\n".to_owned());
    assert_eq!(read(&copy).source().text(), "type Other = Int;\n");
    assert!(Arc::ptr_eq(&first, &read(&files)));
    files.remove(Path::new("a.vera"));
    assert_eq!(read(&files).source().text(), "type Whole = Int;\n");
}
