"""Kills every command that writes at random moments, and asks `plefka verify` what is left.

    python3 tests/faults/kill.py target/release/plefka [kills]

Each kill is SIGKILL, on one of the commands in turn. After it `verify` must find every folder whole,
the interrupted command must go on or begin again and end well, and no temporary file may be left.
Prints the counts and exits 1 if anything was lost.
"""

import os
import random
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 500

# What is run, what is run after the kill, and what is verified.
COMMANDS = {
    "compare": ("compare m.npz --method exact,mf --betas 0:{n}:5 --out c", None, "c"),
    "plot": ("plot drawn", None, "drawn"),
    "temperature": ("temperature m.npz --data x.npz --betas 0:{n}:5 --out t", None, "t"),
    "sweep": ("sweep p.toml --out s --resume", None, "s"),
    "merge": ("merge s1 s2 --out merged{n}", None, "merged{n}"),
    "train": ("train x.npz --hidden 4 --updates 40 --checkpoints linear:8 --seed {n} --out run{n} --resume", None, "run{n}"),
    "model": ("model sk --spins {size} -o big.npz", None, "big.npz"),
    "sample": ("sample m.npz --beta 1 --count {count} -o drawn.npz", None, "drawn.npz"),
    "convert": ("convert m.npz copy.npz", None, "copy.npz"),
    "likelihood": ("likelihood m.npz --data x.npz --method exact --per-row rows.csv", None, "rows.csv"),
}

PLAN = """[model]
source = "m.npz"
[axes]
beta = "0:2:5"
temperature_scale = [0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.7, 1.9]
[methods.exact]
[methods.ais]
chains = 50
rungs = 50
"""


def run(folder, arguments):
    return subprocess.run([PROGRAM, *arguments.split()], cwd=folder, capture_output=True, text=True)


def must(folder, arguments):
    done = run(folder, arguments)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"


def leftovers(folder):
    found = []
    for at, folders, files in os.walk(folder):
        found += [os.path.join(at, name) for name in folders + files if name.startswith(".plefka")]
    return found


def main():
    random.seed(1)
    lost, hits = [], dict.fromkeys(COMMANDS, 0)
    with tempfile.TemporaryDirectory() as folder:
        must(folder, "model rbm --visible 8 --hidden 5 --units bit -o m.npz")
        must(folder, "sample m.npz --beta 1 --count 400 -o x.npz")
        must(folder, "compare m.npz --method exact,mf --betas 0:2:5 --out drawn")
        with open(os.path.join(folder, "p.toml"), "w") as plan:
            plan.write(PLAN)
        for share in (1, 2):
            must(folder, f"sweep p.toml --out s{share} --shard {share}/2")
        times = {}
        for k in range(KILLS):
            name = list(COMMANDS)[k % len(COMMANDS)]
            command, _, target = COMMANDS[name]
            values = {"n": 2 + k, "size": 100 + k, "count": 5000 + k}
            command, target = command.format(**values), target.format(**values)
            if name == "sweep" and k % 3 == 0:
                subprocess.run(["rm", "-rf", os.path.join(folder, "s")], check=True)
            before = os.path.exists(os.path.join(folder, target))
            begun = time.time()
            child = subprocess.Popen([PROGRAM, *command.split()], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.uniform(0.0, times.get(name, 0.05)))
            child.kill()
            killed = child.wait() != 0
            hits[name] += killed
            place = os.path.join(folder, target)
            if before and not os.path.exists(place):
                lost.append(f"kill {k} of `{command}`: {target} is gone")
            # An empty folder, or one with locks and parts alone, is that of a run that has not begun.
            begun_to_write = os.path.isfile(place) or (os.path.isdir(place) and any(not f.startswith(".") for f in os.listdir(place)))
            if begun_to_write:
                found = run(folder, f"verify {target}")
                if found.returncode != 0:
                    lost.append(f"kill {k} of `{command}`: {found.stdout} {found.stderr}")
            begun = time.time()
            again = run(folder, command)
            times[name] = time.time() - begun
            # A merge that had ended before the kill is refused: there is a merged sweep already.
            ended = name == "merge" and "it is not empty" in again.stderr and os.path.exists(os.path.join(place, "results.csv"))
            if again.returncode != 0 and not ended:
                lost.append(f"after kill {k} `{command}` does not go on: {again.stderr}")
            found = run(folder, f"verify {target}")
            if found.returncode != 0:
                lost.append(f"after kill {k} `{command}`: {found.stdout} {found.stderr}")
            if left := leftovers(folder):
                lost.append(f"after kill {k} of `{command}`: left behind {left}")
                subprocess.run(["rm", "-rf", *left], check=True)
    print(f"{KILLS} kills, {sum(hits.values())} of them before the command had ended: {hits}")
    print(f"{len(lost)} lost", *lost, sep="\n")
    sys.exit(bool(lost))


main()
