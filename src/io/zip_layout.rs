//! Whether a zip archive says one thing only.
//!
//! A zip has two tables of contents: a header before each entry, and the directory at its end.
//! Readers believe the directory, so that a flipped bit there renames an array, a second entry of
//! the same name hides the first, and whatever stands between the entries is never seen. An archive
//! is accepted only if the two tables agree, name for name and size for size, no name stands twice,
//! and entries, directory and end follow each other without a gap.

use super::limits::{MAX_EXPANSION, unpacked_limit};

/// What the directory says of one entry.
#[derive(Debug)]
pub struct Entry {
    /// Its name, as stored.
    pub name: Vec<u8>,
    /// Its size once unpacked.
    pub unpacked: u64,
    packed: u64,
    method: u16,
    flags: u16,
    crc: u32,
    offset: u64,
}

/// The flag of an entry whose sizes stand behind it and not in its header.
const DESCRIPTOR: u16 = 1 << 3;

/// In place of a size or an offset: it stands in the extra field.
const WIDE: u64 = u32::MAX as u64;

/// Compares the two tables of contents; what is wrong otherwise, as the end of a sentence about the
/// archive.
pub fn check(bytes: &[u8]) -> Result<Vec<Entry>, String> {
    let cut = || String::from("is damaged or cut short");
    let (mut entries, start) = directory(bytes).ok_or_else(cut)??;
    entries.sort_by_key(|entry| entry.offset);
    let mut names: Vec<&[u8]> = entries.iter().map(|entry| &entry.name[..]).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("holds two entries named `{}`", String::from_utf8_lossy(twice[0])));
    }
    let unpacked = entries.iter().fold(0, |sum: u64, entry| sum.saturating_add(entry.unpacked));
    if unpacked > unpacked_limit(bytes.len()) {
        return Err(format!(
            "of {} bytes would unpack to {unpacked}, more than {MAX_EXPANSION} times its size",
            bytes.len()
        ));
    }
    let mut at = 0;
    for entry in &entries {
        if entry.offset != at {
            return Err("holds something before or between its entries".into());
        }
        at = end_of(entry, bytes).ok_or_else(|| {
            let name = String::from_utf8_lossy(&entry.name).into_owned();
            format!("is damaged: its directory and the header of `{name}` disagree")
        })?;
    }
    if at == start { Ok(entries) } else { Err("holds something between its entries and their directory".into()) }
}

/// The entries in the directory and where it begins.
fn directory(bytes: &[u8]) -> Option<Result<(Vec<Entry>, u64), String>> {
    let end = end_record(bytes)?;
    let mut count = u64::from(u16_at(bytes, end + 10)?);
    let mut size = u64::from(u32_at(bytes, end + 12)?);
    let mut start = u64::from(u32_at(bytes, end + 16)?);
    let mut directory_end = end as u64;
    // The records of a large archive stand before the end; some writers always add them.
    if let Some(locator) = end.checked_sub(20).filter(|at| bytes[*at..].starts_with(b"PK\x06\x07")) {
        let wide = usize::try_from(u64_at(bytes, locator + 8)?).ok()?;
        if !bytes.get(wide..)?.starts_with(b"PK\x06\x06")
            || u64_at(bytes, wide + 4)?.checked_add(12)? != (locator - wide) as u64
        {
            return None;
        }
        (count, size, start) = (u64_at(bytes, wide + 32)?, u64_at(bytes, wide + 40)?, u64_at(bytes, wide + 48)?);
        directory_end = wide as u64;
    }
    if start.checked_add(size)? != directory_end {
        return Some(Err("holds something before, within or after itself: two archives in one file?".into()));
    }
    let mut entries = Vec::new();
    let mut at = usize::try_from(start).ok()?;
    while (at as u64) < directory_end {
        let (entry, next) = directory_entry(bytes, at)?;
        entries.push(entry);
        at = next;
    }
    (at as u64 == directory_end && entries.len() as u64 == count).then_some(Ok((entries, start)))
}

/// Where the record at the very end begins. A comment is what remains of another file, and none of
/// ours has one.
fn end_record(bytes: &[u8]) -> Option<usize> {
    let end = bytes.len().checked_sub(22)?;
    (bytes[end..].starts_with(b"PK\x05\x06") && u16_at(bytes, end + 20)? == 0).then_some(end)
}

fn directory_entry(bytes: &[u8], at: usize) -> Option<(Entry, usize)> {
    if !bytes.get(at..)?.starts_with(b"PK\x01\x02") {
        return None;
    }
    let [name, extra, comment] = [28, 30, 32].map(|k| u16_at(bytes, at + k).map(usize::from));
    let (name, extra, comment) = (name?, extra?, comment?);
    let extra_at = at + 46 + name;
    let (mut unpacked, mut packed) = (u64::from(u32_at(bytes, at + 24)?), u64::from(u32_at(bytes, at + 20)?));
    let mut offset = u64::from(u32_at(bytes, at + 42)?);
    let mut wide = wide_numbers(bytes.get(extra_at..extra_at + extra)?);
    for number in [&mut unpacked, &mut packed, &mut offset] {
        if *number == WIDE {
            *number = wide.next()?;
        }
    }
    let entry = Entry {
        name: bytes.get(at + 46..extra_at)?.to_vec(),
        unpacked,
        packed,
        method: u16_at(bytes, at + 10)?,
        flags: u16_at(bytes, at + 8)?,
        crc: u32_at(bytes, at + 16)?,
        offset,
    };
    let next = extra_at + extra + comment;
    (next <= bytes.len()).then_some((entry, next))
}

/// Where an entry ends, if its own header says what the directory says of it.
fn end_of(entry: &Entry, bytes: &[u8]) -> Option<u64> {
    let at = usize::try_from(entry.offset).ok()?;
    if !bytes.get(at..)?.starts_with(b"PK\x03\x04") {
        return None;
    }
    let (name, extra) = (usize::from(u16_at(bytes, at + 26)?), usize::from(u16_at(bytes, at + 28)?));
    let described = entry.flags & DESCRIPTOR != 0;
    let (mut packed, mut unpacked) = (u64::from(u32_at(bytes, at + 18)?), u64::from(u32_at(bytes, at + 22)?));
    let mut wide = wide_numbers(bytes.get(at + 30 + name..at + 30 + name + extra)?);
    for number in [&mut unpacked, &mut packed] {
        if *number == WIDE {
            *number = wide.next()?;
        }
    }
    let same = bytes.get(at + 30..at + 30 + name)? == entry.name
        && u16_at(bytes, at + 6)? == entry.flags
        && u16_at(bytes, at + 8)? == entry.method
        && (described || u32_at(bytes, at + 14)? == entry.crc)
        && (described && packed == 0 || packed == entry.packed)
        && (described && unpacked == 0 || unpacked == entry.unpacked);
    let end = ((at + 30 + name + extra) as u64).checked_add(entry.packed)?;
    if !same || end > bytes.len() as u64 {
        return None;
    }
    if described { end_of_descriptor(entry, bytes, usize::try_from(end).ok()?) } else { Some(end) }
}

/// Behind an entry: its checksum and its sizes, narrow or wide.
fn end_of_descriptor(entry: &Entry, bytes: &[u8], at: usize) -> Option<u64> {
    if !bytes.get(at..)?.starts_with(b"PK\x07\x08") || u32_at(bytes, at + 4)? != entry.crc {
        return None;
    }
    let narrow = (u64::from(u32_at(bytes, at + 8)?), u64::from(u32_at(bytes, at + 12)?));
    let wide = || Some((u64_at(bytes, at + 8)?, u64_at(bytes, at + 16)?));
    let sizes = (entry.packed, entry.unpacked);
    // Where the next entry or the directory begins tells which of the two it is.
    let follows = |length: usize| bytes.get(at + length..).is_some_and(|rest| rest.starts_with(b"PK"));
    if wide() == Some(sizes) && follows(24) {
        return Some((at + 24) as u64);
    }
    (narrow == sizes && follows(16)).then_some((at + 16) as u64)
}

/// The numbers of the extra field for large archives, in their order.
fn wide_numbers(mut extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut found: &[u8] = &[];
    while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let Some(body) = extra.get(4..4 + usize::from(length)) else { break };
        if id == 1 {
            found = body;
        }
        extra = &extra[4 + body.len()..];
    }
    found.chunks_exact(8).map(|eight| u64::from_le_bytes(eight.try_into().expect("eight bytes")))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}
