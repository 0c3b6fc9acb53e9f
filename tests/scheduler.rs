//! The share of a process, from every environment that a scheduler or a launcher makes.

use plefka::sweep::scheduled;

/// The share in an environment written as `NAME=value NAME=value`.
fn share(environment: &str, shards: Option<usize>) -> Result<String, String> {
    let variables: Vec<_> = environment.split_whitespace().filter_map(|pair| pair.split_once('=')).collect();
    let lookup = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string());
    scheduled(lookup, shards).map(|share| share.to_string()).map_err(|error| error.to_string())
}

fn array(id: &str, range: &str) -> String {
    let [first, last, step, count] = range.split(' ').collect::<Vec<_>>()[..] else { panic!("{range}") };
    format!(
        "SLURM_ARRAY_TASK_ID={id} SLURM_ARRAY_TASK_MIN={first} SLURM_ARRAY_TASK_MAX={last} SLURM_ARRAY_TASK_STEP={step} \
         SLURM_ARRAY_TASK_COUNT={count} SLURM_PROCID=0 SLURM_NTASKS=1"
    )
}

/// Every task of an array has a share of its own, and together they are the whole, whatever
/// index it begins with. (Planted: the index taken for the share; the step left out.)
#[test]
fn the_tasks_of_an_array_are_all_shares_once() {
    for (first, last, step) in [(0, 7, 1), (1, 8, 1), (5, 19, 2), (3, 10, 3), (0, 6, 10)] {
        let tasks: Vec<usize> = (first..=last).step_by(step).collect();
        let n = tasks.len();
        for (k, id) in tasks.iter().enumerate() {
            let expected = Ok(format!("{}/{n}", k + 1));
            // Slurm tells the last index that is used, Grid Engine the end of the range as typed.
            let used = tasks[n - 1];
            assert_eq!(share(&array(&id.to_string(), &format!("{first} {used} {step} {n}")), None), expected);
            let typed =
                format!("SGE_TASK_ID={id} SGE_TASK_FIRST={first} SGE_TASK_LAST={last} SGE_TASK_STEPSIZE={step}");
            assert_eq!(share(&typed, None), expected);
        }
    }
}

#[test]
fn ranks_are_shares() {
    for (rank, size) in [("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"), ("PMI_RANK", "PMI_SIZE")] {
        for k in 0..3 {
            assert_eq!(share(&format!("{rank}={k} {size}=3"), None), Ok(format!("{}/3", k + 1)));
        }
    }
    assert_eq!(share("SLURM_PROCID=2 SLURM_STEP_NUM_TASKS=4 SLURM_NTASKS=4", None), Ok("3/4".into()));
    assert_eq!(share("PMI_RANK=2 PMI_SIZE=4", Some(4)), Ok("3/4".into()));
}

#[test]
fn with_the_number_of_shares_given_the_index_is_the_share() {
    assert_eq!(share("PBS_ARRAY_INDEX=3", Some(20)), Ok("3/20".into()));
    assert_eq!(share("PBS_ARRAYID=20", Some(20)), Ok("20/20".into()));
    assert_eq!(share("SGE_TASK_ID=3", Some(20)), Ok("3/20".into()));
    // Two tasks of twenty, submitted again.
    assert_eq!(share(&array("7", "3 7 1 2"), Some(20)), Ok("7/20".into()));
}

/// A launcher inside another: what has started one rank only does not count, and neither does
/// the step of srun that an MPI has begun its daemons with.
#[test]
fn the_inner_launcher_counts() {
    let task = array("2", "1 4 1 4");
    assert_eq!(share(&format!("{task} SLURM_STEP_NUM_TASKS=1 PMI_RANK=0 PMI_SIZE=1"), None), Ok("2/4".into()));
    let single = array("1", "1 1 1 1");
    assert_eq!(share(&format!("{single} PMI_RANK=1 PMI_SIZE=2"), None), Ok("2/2".into()));
    let daemons = "SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=2";
    let ranks = "OMPI_COMM_WORLD_RANK=5 OMPI_COMM_WORLD_SIZE=8";
    assert_eq!(share(&format!("{daemons} {ranks}"), None), Ok("6/8".into()));
    assert_eq!(share(&format!("PMI_RANK=0 PMI_SIZE=1 {ranks}"), None), Ok("6/8".into()));
    assert_eq!(share("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1", None), Ok("1/1".into()));
    assert_eq!(share(&format!("SGE_TASK_ID=undefined {ranks}"), None), Ok("6/8".into()));
}

#[test]
fn what_is_incomplete_or_contradictory_is_refused_by_name() {
    let slurm = |id| array(id, "0 7 1 8");
    let cases: [(String, Option<usize>, &[&str]); 17] = [
        (String::new(), None, &["no scheduler", "SLURM_ARRAY_TASK_ID", "PMI_SIZE", "--shard i/n"]),
        // A batch script that forgot srun would be rank 0 of 8 without the other seven.
        ("SLURM_PROCID=0 SLURM_NTASKS=8".into(), None, &["no scheduler", "start it by `srun`"]),
        ("SLURM_ARRAY_TASK_ID=1".into(), None, &["SLURM_ARRAY_TASK_MIN", "must be set", "SLURM_ARRAY_TASK_ID"]),
        ("SGE_TASK_ID=1 SGE_TASK_FIRST=1 SGE_TASK_LAST=4".into(), None, &["SGE_TASK_STEPSIZE"]),
        ("PBS_ARRAY_INDEX=3".into(), None, &["PBS_ARRAY_INDEX = 3", "--shards N"]),
        ("PBS_ARRAY_INDEX=0".into(), Some(5), &["PBS_ARRAY_INDEX = 0", "from 1 to 5"]),
        ("PBS_ARRAY_INDEX=6".into(), Some(5), &["PBS_ARRAY_INDEX = 6", "from 1 to 5"]),
        // All tasks of an array from 0 refuse, and not the first alone.
        (slurm("3"), Some(8), &["from 1 to 8"]),
        (slurm("9"), None, &["SLURM_ARRAY_TASK_ID = 9", "0 to 7"]),
        (array("3", "1 7 1 3"), None, &["SLURM_ARRAY_TASK_COUNT = 3", "7 tasks", "--shards N"]),
        (array("3", "1 7 0 3"), None, &["steps of 0"]),
        ("PMI_RANK=4 PMI_SIZE=4".into(), None, &["PMI_RANK = 4", "PMI_SIZE = 4"]),
        ("OMPI_COMM_WORLD_RANK=1".into(), None, &["OMPI_COMM_WORLD_SIZE"]),
        ("PMI_RANK=one PMI_SIZE=4".into(), None, &["PMI_RANK = one", "whole number"]),
        ("PMI_RANK=1 PMI_SIZE=4".into(), Some(8), &["shards = 8", "4 ranks"]),
        (format!("{} PMI_RANK=1 PMI_SIZE=4", slurm("3")), None, &["Slurm's array says 4/8", "PMI says 2/4"]),
        (
            "OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 PMI_RANK=1 PMI_SIZE=4".into(),
            None,
            &["Open MPI says 2/2", "PMI says 2/4"],
        ),
    ];
    for (environment, shards, says) in cases {
        let refusal = share(&environment, shards).expect_err(&environment);
        for words in says {
            assert!(refusal.contains(words), "{environment}: `{words}` is not in: {refusal}");
        }
    }
}
