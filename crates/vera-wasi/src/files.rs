//! Files, in the first directory that the component was given.

use std::cell::RefCell;

use wasi::filesystem::preopens::get_directories;
use wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};

use crate::random;
use crate::wire::{self, Nodes, Part, Types};

/// Bytes read at once.
const CHUNK: u64 = 1 << 16;

/// Most bytes that `read_chunk` reads.
const MAX_CHUNK: u64 = 64 << 20;

thread_local! {
    static ROOT: RefCell<Option<Descriptor>> = const { RefCell::new(None) };
}

/// Does something in the directory, with the path as it is there.
fn within<T>(
    path: &str,
    act: impl FnOnce(&Descriptor, &str) -> Result<T, ErrorCode>,
) -> Result<T, String> {
    let done = ROOT.with_borrow_mut(|root| {
        if root.is_none() {
            *root = get_directories().into_iter().next().map(|(dir, _)| dir);
        }
        let Some(root) = root else { return Err(ErrorCode::Access) };
        // The directory is all there is.
        let inside = path.trim_start_matches('/');
        act(root, if inside.is_empty() { "." } else { inside })
    });
    done.map_err(|error| why(path, error))
}

/// The texts programs can depend on.
fn why(path: &str, error: ErrorCode) -> String {
    let reason = match error {
        ErrorCode::NoEntry => "not found: ",
        ErrorCode::Access | ErrorCode::NotPermitted | ErrorCode::ReadOnly => "permission denied: ",
        ErrorCode::IsDirectory => "is a directory: ",
        _ => "io error: ",
    };
    [reason, path].concat()
}

fn is_dir(root: &Descriptor, path: &str) -> Result<bool, ErrorCode> {
    Ok(root.stat_at(PathFlags::SYMLINK_FOLLOW, path)?.type_ == DescriptorType::Directory)
}

fn open(root: &Descriptor, path: &str) -> Result<Descriptor, ErrorCode> {
    if is_dir(root, path)? {
        return Err(ErrorCode::IsDirectory);
    }
    root.open_at(PathFlags::SYMLINK_FOLLOW, path, OpenFlags::empty(), DescriptorFlags::READ)
}

fn read_from(file: &Descriptor, mut at: u64, most: u64) -> Result<Vec<u8>, ErrorCode> {
    let (mut bytes, end) = (Vec::new(), at.saturating_add(most));
    loop {
        let (mut piece, is_last) = file.read(CHUNK.min(end - at), at)?;
        at += piece.len() as u64;
        let is_empty = piece.is_empty();
        bytes.append(&mut piece);
        if is_last || is_empty || at == end {
            return Ok(bytes);
        }
    }
}

pub fn read_bytes(path: &str) -> Result<Vec<u8>, String> {
    within(path, |root, at| read_from(&open(root, at)?, 0, u64::MAX))
}

pub fn read_file(path: &str) -> Result<Vec<u8>, String> {
    let bytes = read_bytes(path)?;
    match std::str::from_utf8(&bytes) {
        Ok(_) => Ok(bytes),
        Err(_) => Err(["not valid UTF-8: ", path].concat()),
    }
}

pub fn write(path: &str, bytes: &[u8], append: bool) -> Result<(), String> {
    within(path, |root, at| {
        if is_dir(root, at) == Ok(true) {
            return Err(ErrorCode::IsDirectory);
        }
        let how = OpenFlags::CREATE | if append { OpenFlags::empty() } else { OpenFlags::TRUNCATE };
        let file = root.open_at(PathFlags::SYMLINK_FOLLOW, at, how, DescriptorFlags::WRITE)?;
        let mut end = if append { file.stat()?.size } else { 0 };
        let mut left = bytes;
        while !left.is_empty() {
            let written = file.write(&left[..left.len().min(CHUNK as usize)], end)?;
            end += written;
            left = &left[written as usize..];
        }
        Ok(())
    })
}

// The operations that cross in parts.

pub fn append() {
    let (path, bytes) = (wire::text(), wire::bytes());
    wire::send_done(write(&path, &bytes, true));
}

pub fn create_dir() {
    let path = wire::text();
    wire::send_done(within(&path, |root, at| {
        let ends = at.match_indices('/').map(|(end, _)| end).chain([at.len()]);
        for end in ends {
            match root.create_directory_at(&at[..end]) {
                Ok(()) | Err(ErrorCode::Exist) => {}
                Err(error) => {
                    // What may not be looked into can still be there.
                    if is_dir(root, &at[..end]) != Ok(true) {
                        return Err(error);
                    }
                }
            }
        }
        if is_dir(root, at)? { Ok(()) } else { Err(ErrorCode::Exist) }
    }));
}

pub fn delete() {
    let path = wire::text();
    wire::send_done(within(&path, |root, at| {
        let found = root.stat_at(PathFlags::empty(), at)?;
        match found.type_ == DescriptorType::Directory {
            true => root.remove_directory_at(at),
            false => root.unlink_file_at(at),
        }
    }));
}

pub fn rename() {
    let (from, to) = (wire::text(), wire::text());
    let exists = within(&from, |root, at| root.stat_at(PathFlags::empty(), at)).is_ok();
    let blamed = if exists { &to } else { &from };
    let target = to.trim_start_matches('/');
    let renamed = within(&from, |root, at| match root.rename_at(at, root, target) {
        Ok(()) => Ok(Ok(())),
        Err(error) => Ok(Err(why(blamed, error))),
    });
    wire::send_done(renamed.and_then(|renamed| renamed));
}

pub fn exists() {
    let path = wire::text();
    let found = within(&path, |root, at| root.stat_at(PathFlags::SYMLINK_FOLLOW, at));
    wire::send(i64::from(found.is_ok()));
}

pub fn is_directory() {
    let path = wire::text();
    wire::send(i64::from(within(&path, is_dir) == Ok(true)));
}

pub fn file_size() {
    let path = wire::text();
    wire::send_result(within(&path, |root, at| {
        if is_dir(root, at)? {
            return Err(ErrorCode::IsDirectory);
        }
        let size = root.stat_at(PathFlags::SYMLINK_FOLLOW, at)?.size;
        Ok(Some(Part::Word(i64::try_from(size).unwrap_or(i64::MAX))))
    }));
}

pub fn list_dir() {
    let path = wire::text();
    let listed = within(&path, |root, at| {
        let flags = (OpenFlags::DIRECTORY, DescriptorFlags::READ);
        let dir = root.open_at(PathFlags::SYMLINK_FOLLOW, at, flags.0, flags.1)?;
        let entries = dir.read_directory()?;
        let mut names = Vec::new();
        while let Some(entry) = entries.read_directory_entry()? {
            if entry.name != "." && entry.name != ".." {
                names.push(entry.name);
            }
        }
        names.sort();
        Ok(names)
    });
    let types = Types::taken();
    let mut nodes = Nodes::default();
    let result = listed.map(|names| {
        nodes.node(types.get(1), names.len() as u32, names.into_iter().map(Part::from));
        None
    });
    wire::end_result(&mut nodes, types.get(0), result);
    nodes.send();
}

pub fn read_chunk() {
    let (path, from, length) = (wire::text(), wire::word().max(0), wire::word().max(0));
    let most = (length as u64).min(MAX_CHUNK);
    let read = within(&path, |root, at| read_from(&open(root, at)?, from as u64, most));
    wire::send_result(read.map(|bytes| Some(bytes.into())));
}

/// Makes a file or a directory of a name that no other has. Nobody takes it away again.
pub fn temporary(wants_dir: bool) {
    let number = random::int(i64::MIN, i64::MAX) as u64;
    let digits = (0..16).map(|at| (number >> (60 - 4 * at)) & 15);
    let name: String = digits.filter_map(|d| char::from_digit(d as u32, 16)).collect();
    let path = ["vera-", &name].concat();
    let made = match wants_dir {
        true => within(&path, |root, at| root.create_directory_at(at)),
        false => write(&path, &[], false),
    };
    wire::send_result(made.map(|()| Some(path.into())));
}
