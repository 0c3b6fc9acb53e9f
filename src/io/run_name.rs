//! Models by the name of a training run: `RUN` is its last checkpoint, `RUN@N` the one after N
//! updates.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

/// The file of the last checkpoint in the folder of a run.
pub(crate) const LAST_MODEL: &str = "model.npz";

/// The file of the checkpoint after `update` updates.
pub(crate) fn checkpoint_file(update: usize) -> String {
    format!("update-{update:08}.npz")
}

/// The number of updates in the name of a checkpoint's file.
pub(crate) fn update_of_file(name: &str) -> Option<usize> {
    let number = name.strip_prefix("update-")?.strip_suffix(".npz")?;
    number.parse().ok().filter(|update| checkpoint_file(*update) == name)
}

/// The file that is meant by `name`, if it names a run; else `name` itself.
pub(crate) fn file_of_run(name: &str) -> Cow<'_, str> {
    let in_folder = |folder: &str, file: String| -> Option<PathBuf> {
        Path::new(folder).is_dir().then(|| Path::new(folder).join(file))
    };
    let of_update = || {
        let (folder, update) = name.rsplit_once('@')?;
        in_folder(folder, checkpoint_file(update.parse().ok()?))
    };
    let found = in_folder(name, LAST_MODEL.to_owned()).or_else(of_update);
    found.map_or(Cow::Borrowed(name), |path| Cow::Owned(path.to_string_lossy().into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_numbers_are_files_and_other_names_stay() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().to_str().unwrap();
        assert!(file_of_run(run).ends_with("/model.npz"));
        assert!(file_of_run(&format!("{run}@120")).ends_with("/update-00000120.npz"));
        for other in ["builtin:mnist20", "no/such/folder", "no/such@3", &format!("{run}@x")] {
            assert_eq!(file_of_run(other), other);
        }
        assert_eq!(update_of_file("update-00000120.npz"), Some(120));
        assert!(["update-120.npz", "update-x.npz", "model.npz"].iter().all(|name| update_of_file(name).is_none()));
    }
}
