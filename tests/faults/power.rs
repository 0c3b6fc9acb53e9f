//! A loss of power: what the disk was asked to keep, and in which order.
//!
//! The system calls of the program are recorded by strace, and played on a disk that forgets all it
//! was not asked to keep: the bytes of a file last once the file is flushed, and a name once its folder
//! is. That is less than any real file system promises.

use std::collections::{BTreeMap, BTreeSet};

/// One system call on files, with absolute paths.
#[derive(Debug, Clone, PartialEq)]
enum Call {
    Create(String),
    Folder(String),
    Write(String),
    Flush(String),
    Rename(String, String),
    Remove(String),
}

/// A disk that forgets. Files and folders have a number; `names` is what a process sees, `kept` what
/// is there after the power was lost.
#[derive(Default)]
struct Disk {
    names: BTreeMap<String, usize>,
    kept: BTreeMap<String, usize>,
    /// The files with bytes that were not flushed.
    dirty: BTreeSet<usize>,
    count: usize,
    /// Files and folders that were made or moved while it was looked at.
    touched: BTreeSet<String>,
    problems: Vec<String>,
}

const STAGED: &str = "/.plefka-staged";
const DECIDED: &str = "/.plefka-decided";

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A name that nothing but this program knows, and that the next run removes.
fn is_temporary(path: &str) -> bool {
    path.rsplit('/')
        .next()
        .is_some_and(|name| name == ".plefka-lock" || name.ends_with(".part") || name.starts_with(".tmp"))
}

impl Disk {
    fn number(&mut self, path: &str) -> usize {
        self.count += 1;
        *self.names.entry(path.to_owned()).or_insert(self.count)
    }

    /// The paths in a folder, as they are seen or kept.
    fn inside(of: &BTreeMap<String, usize>, at: &str) -> BTreeMap<String, usize> {
        of.iter().filter(|(path, _)| folder(path) == at).map(|(path, n)| (path.clone(), *n)).collect()
    }

    fn is_kept(&self, path: &str) -> bool {
        self.kept.get(path) == self.names.get(path)
    }

    fn blame(&mut self, what: String) {
        self.problems.push(what);
    }

    /// What a process does, and the rules that it has to keep.
    fn does(&mut self, call: &Call) {
        match call {
            Call::Create(path) | Call::Folder(path) => {
                if !self.names.contains_key(path) {
                    self.number(path);
                    self.touched.insert(path.clone());
                }
            }
            Call::Write(path) => {
                let number = self.number(path);
                self.dirty.insert(number);
                if !(is_temporary(path) || path.ends_with("/sweep.jsonl")) {
                    self.blame(format!("{path} is written under its own name: half of it may be kept"));
                }
            }
            Call::Flush(path) => {
                let number = self.number(path);
                self.dirty.remove(&number);
                let (seen, kept) = (Self::inside(&self.names, path), Self::inside(&self.kept, path));
                for name in kept.keys() {
                    self.kept.remove(name);
                }
                self.kept.extend(seen);
            }
            Call::Rename(from, to) => self.renames(from, to),
            Call::Remove(path) => {
                let (around, decided) = path.split_once(DECIDED).map_or(("", false), |(around, _)| (around, true));
                let near = Self::inside(&self.names, around);
                let loose = |path: &String| !self.is_kept(path) && !is_temporary(path) && !path.ends_with(DECIDED);
                if decided && near.keys().any(loose) {
                    self.blame(format!("{path} goes before the files that it decided are kept in their places"));
                }
                if !decided && !is_temporary(path) && !path.contains(STAGED) {
                    self.must_be_decided(path);
                }
                self.names.remove(path);
            }
        }
    }

    fn renames(&mut self, from: &str, to: &str) {
        let Some(number) = self.names.remove(from) else {
            return self.blame(format!("{from} is renamed and was never made"));
        };
        if self.dirty.contains(&number) {
            self.blame(format!("{to} gets its name before its bytes are kept"));
        }
        if to.ends_with(DECIDED) {
            let staged = Self::inside(&self.names, from);
            let loose = staged.keys().filter(|path| !self.is_kept(path));
            let found: Vec<_> = loose.map(|path| format!("{path} is decided on before it is kept")).collect();
            self.problems.extend(found);
            for (path, inner) in staged {
                self.names.remove(&path);
                let moved = path.replacen(from, to, 1);
                // They are in the same folder as before, whatever that is called.
                self.kept.remove(&path);
                self.kept.insert(moved.clone(), inner);
                self.names.insert(moved, inner);
            }
        } else if folder(from).ends_with(DECIDED) {
            self.must_be_decided(to);
        } else {
            // One file after the other: none may be kept that rests on another that is not, as the row
            // of a log rests on its checkpoint, and a table on the store.
            let near = self.touched.iter().filter(|path| folder(path) == folder(to) && !is_temporary(path));
            let there = near.filter_map(|path| Some((path, self.names.get(path)?)));
            let loose = there.filter(|(path, number)| !self.is_kept(path) || self.dirty.contains(number));
            let found: Vec<_> = loose.map(|(path, _)| format!("{to} gets its name before {path} is kept")).collect();
            self.problems.extend(found);
        }
        self.names.insert(to.to_owned(), number);
        self.touched.insert(to.to_owned());
    }

    /// Files of an earlier run are replaced and removed by a decision that is kept.
    fn must_be_decided(&mut self, path: &str) {
        let decided = format!("{}{DECIDED}", folder(path));
        if !self.names.contains_key(&decided) || !self.is_kept(&decided) {
            self.blame(format!("{path} is replaced or removed before the decision is kept"));
        }
    }

    /// What must hold when the program has said that it is done.
    fn ends(mut self) -> Vec<String> {
        let there: Vec<_> = self.touched.iter().filter(|path| self.names.contains_key(*path)).cloned().collect();
        for path in there.iter().filter(|path| !is_temporary(path)) {
            if !self.is_kept(path) {
                self.problems.push(format!("{path} has a name that is not kept"));
            }
            if self.dirty.contains(&self.names[path]) {
                self.problems.push(format!("{path} has bytes that are not kept"));
            }
        }
        self.problems
    }
}

/// What is wrong with the order of some calls.
fn problems(calls: &[Call]) -> Vec<String> {
    let mut disk = Disk::default();
    calls.iter().for_each(|call| disk.does(call));
    disk.ends()
}

/// The rules see what they are for: each line is a right order with one call left out or moved.
#[test]
fn a_wrong_order_is_seen() {
    use Call::{Create, Flush, Folder, Remove, Rename, Write};
    let s = |path: &str| path.to_owned();
    let file = |name: &str| {
        let part = s("/w/.plefka-1.part");
        vec![Create(part.clone()), Write(part.clone()), Flush(part.clone()), Rename(part, s(name)), Flush(s("/w"))]
    };
    let whole = [vec![Folder(s("/w")), Flush(s(""))], file("/w/update-1.npz"), file("/w/log.csv")].concat();
    assert_eq!(problems(&whole), [""; 0]);
    // The name of the folder, the bytes of a file, the names of the first and of the second.
    for left_out in [1, 4, 6, 11] {
        let mut calls = whole.clone();
        assert!(matches!(calls.remove(left_out), Flush(_)));
        assert!(!problems(&calls).is_empty(), "without call {left_out}");
    }
    assert!(!problems(&[Create(s("/w/a")), Write(s("/w/a")), Flush(s("/w/a")), Flush(s("/w"))]).is_empty());

    let (staged, decided) = (s("/w/.plefka-staged"), s("/w/.plefka-decided"));
    let part = format!("{staged}/.plefka-2.part");
    let transaction = [
        vec![Folder(s("/w")), Create(s("/w/old")), Create(s("/w/a")), Flush(s("")), Flush(s("/w"))],
        vec![Folder(staged.clone()), Create(part.clone()), Write(part.clone()), Flush(part.clone())],
        vec![
            Rename(part, format!("{staged}/a")),
            Flush(staged.clone()),
            Rename(staged, decided.clone()),
            Flush(s("/w")),
        ],
        vec![Remove(s("/w/old")), Rename(format!("{decided}/a"), s("/w/a")), Flush(s("/w")), Remove(decided)],
    ]
    .concat();
    assert_eq!(problems(&transaction), [""; 0]);
    // The bytes, the names in the staged folder, the decision, the places.
    for left_out in [8, 10, 12, 15] {
        let mut calls = transaction.clone();
        assert!(matches!(calls.remove(left_out), Flush(_)));
        assert!(!problems(&calls).is_empty(), "without call {left_out}");
    }
}

#[cfg(target_os = "linux")]
mod traced {
    use std::{collections::HashMap, fs, path::Path, process::Command};

    use super::{super::scene::Scene, Call, problems};

    const CALLS: &str = "trace=open,openat,creat,write,writev,pwrite64,ftruncate,copy_file_range,sendfile,fsync,fdatasync,\
                         rename,renameat,renameat2,link,linkat,symlink,mkdir,mkdirat,rmdir,unlink,unlinkat";

    /// Whether strace is there and may trace.
    fn can_trace() -> bool {
        let tried = Command::new("strace").args(["-o", "/dev/null", "-e", "trace=fsync", "true"]).output();
        tried.is_ok_and(|output| output.status.success())
    }

    /// What a command does to the files of a folder.
    fn calls(scene: &Scene, arguments: &str) -> Vec<Call> {
        let trace = scene.path("../trace").with_file_name(format!("plefka-trace-{}", std::process::id()));
        let mut traced = Command::new("strace");
        traced.args(["-f", "-y", "-s", "0", "-e", CALLS, "-o"]).arg(&trace).arg(env!("CARGO_BIN_EXE_plefka"));
        let output = traced.args(arguments.split_whitespace()).current_dir(scene.path(".")).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
        let text = fs::read_to_string(&trace).unwrap();
        fs::remove_file(&trace).unwrap();
        read_trace(&text, &fs::canonicalize(scene.path(".")).unwrap())
    }

    /// The calls in a trace of strace that succeeded, on paths below `root`.
    fn read_trace(text: &str, root: &Path) -> Vec<Call> {
        let mut begun: HashMap<&str, String> = HashMap::new();
        let mut calls = Vec::new();
        for line in text.lines() {
            let Some((process, rest)) = line.split_once(' ') else { continue };
            let rest = rest.trim_start();
            // A call that another thread interrupts is told in two lines.
            let whole = if let Some(first) = rest.strip_suffix(" <unfinished ...>") {
                begun.insert(process, first.to_owned());
                continue;
            } else if rest.starts_with("<... ") {
                let end = rest.split_once("resumed>").map_or("", |(_, end)| end);
                begun.remove(process).unwrap_or_default() + end
            } else {
                rest.to_owned()
            };
            calls.extend(read_call(&whole, root));
        }
        calls
    }

    fn read_call(line: &str, root: &Path) -> Option<Call> {
        let (name, rest) = line.split_once('(')?;
        let (arguments, result) = rest.rsplit_once(" = ")?;
        if result.starts_with('-') {
            return None;
        }
        let absolute = |at: &str| {
            if at.contains(":[") {
                return None; // A pipe or a socket.
            }
            let path = root.join(at);
            let parts = path.components().filter(|part| !matches!(part, std::path::Component::CurDir));
            let path = parts.collect::<std::path::PathBuf>();
            path.starts_with(root).then(|| path.to_string_lossy().into_owned())
        };
        let strings: Vec<&str> = arguments.split('"').skip(1).step_by(2).collect();
        // The path of an open file: `5</path>`, as strace -y gives it.
        let opened = |text: &str| absolute(text.split_once('<')?.1.split_once('>')?.0);
        // Names relative to an open folder.
        let relative = |at: usize| match arguments.split(", ").next().and_then(opened) {
            Some(folder) => absolute(&format!("{folder}/{}", strings.get(at)?)),
            None => absolute(strings.get(at)?),
        };
        match name {
            "open" | "openat" | "creat" if arguments.contains("O_TMPFILE") => None,
            "open" | "openat" | "creat" if arguments.contains("O_CREAT") => opened(result).map(Call::Create),
            "write" | "writev" | "pwrite64" | "ftruncate" => opened(arguments).map(Call::Write),
            "copy_file_range" | "sendfile" => panic!("a call that this test does not know: {line}"),
            "fsync" | "fdatasync" => opened(arguments).map(Call::Flush),
            "rename" | "renameat" | "renameat2" => {
                Some(Call::Rename(absolute(strings.first()?)?, absolute(strings.get(1)?)?))
            }
            "mkdir" | "mkdirat" => absolute(strings.first()?).map(Call::Folder),
            "rmdir" | "unlink" => absolute(strings.first()?).map(Call::Remove),
            "unlinkat" => relative(0).map(Call::Remove),
            "link" | "linkat" | "symlink" => panic!("a call that this test does not know: {line}"),
            _ => None,
        }
    }

    /// What every command that writes asks the disk to keep. Planted bugs, each of which fails here:
    /// `write_atomically` without a flush of the file or of the folder; a transaction that does not
    /// flush the folder before it moves files, or before it removes the decision; `create_dir_all`
    /// in place of `make_folder`; a new store of a sweep whose name is not flushed.
    #[test]
    fn power_may_go_at_any_moment() {
        if !can_trace() {
            eprintln!("SKIPPED: strace is not there, or may not trace; the order of writes was not looked at");
            return;
        }
        let scene = Scene::new();
        let plan =
            "[model]\nsource = \"m.npz\"\n[axes]\nbeta = \"0:2:5\"\nweight_scale = [0.5, 1, 2]\n[methods.exact]\n";
        fs::write(scene.path("p.toml"), plan).unwrap();
        let mut known = Vec::new();
        for arguments in [
            "model rbm --visible 6 --hidden 4 --units bit -o m.npz",
            "sample m.npz --beta 1 --count 40 -o x.npz",
            "convert m.npz copy.npz",
            "likelihood m.npz --data x.npz --method exact --per-row rows.csv",
            "estimate m.npz --method ais --chains 20 --rungs 10 --save-samples s.npz",
            "compare m.npz --method exact,mf --betas 0:2:5 --out a/b/c",
            "compare m.npz --method exact,mf --betas 0:1:3 --out a/b/c",
            "plot a/b/c",
            "temperature m.npz --data x.npz --out t",
            "train x.npz --batch 10 --hidden 3 --updates 6 --checkpoints linear:3 --quiet --out new/run",
            "train x.npz --batch 10 --hidden 3 --updates 6 --checkpoints linear:3 --quiet --out new/run --resume",
            "history new/run --out h",
            "sweep p.toml --out new/sweep",
            "sweep p.toml --out new/sweep --resume",
            "sweep p.toml --out s1 --shard 1/2",
            "sweep p.toml --out s2 --shard 2/2",
            "merge s1 s2 --out new/merged",
        ] {
            // What the commands before have left is there and kept.
            let calls = calls(&scene, arguments);
            assert!(
                arguments.ends_with("--resume") || calls.iter().any(|call| matches!(call, Call::Flush(_))),
                "{arguments}: nothing was seen"
            );
            let found = problems(&[known.clone(), calls].concat());
            assert!(found.is_empty(), "{arguments}: {}", found.join("\n"));
            known = there(&scene.path("."));
        }
    }

    /// A folder as it is, all of it kept.
    fn there(root: &Path) -> Vec<Call> {
        let root = fs::canonicalize(root).unwrap();
        let (mut calls, mut folders) = (Vec::new(), vec![root]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                calls.push(Call::Create(path.to_string_lossy().into_owned()));
                if path.is_dir() {
                    folders.push(path);
                }
            }
            calls.push(Call::Flush(folder.to_string_lossy().into_owned()));
        }
        calls
    }
}
