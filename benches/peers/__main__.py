"""plefka beside NumPy, PyTorch, scikit-learn and rbms, and the seconds that it takes to a given error of ln Z.

    python benches/peers PLEFKA OUT [--quick] [--only exact,ais,gibbs,pcd,tap,sigma] [--models A.npz B.npz=REFERENCE]

PLEFKA is the program, OUT a folder for models and results. Needs numpy; of torch, scikit-learn and rbms what is not
installed is left out. Prints tables in Markdown, and writes OUT/peers.json and OUT/sigma.json.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plefka", help="the program")
    parser.add_argument("out", type=Path, help="a folder for models and results")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see whether everything works")
    parser.add_argument("--only", default="exact,ais,gibbs,pcd,tap,sigma", help="what to do, separated by commas")
    parser.add_argument("--rounds", type=int, help="rounds of A B C A B C … [default: 5]")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of each [default: all cores]")
    parser.add_argument(
        "--models",
        nargs="*",
        default=[],
        metavar="FILE[=LN_Z]",
        help="models for the time to σ [default: one that is trained on the spot]; their ln Z, if it is known",
    )
    parser.add_argument("--data", default="builtin:mnist10k", help="data of these models [default: the built-in digits]")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    # Before the first import of a library that starts threads.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = str(args.threads)

    import machine
    import sigma
    import table
    import works
    from model import Workshop
    from program import Program

    args.out.mkdir(parents=True, exist_ok=True)
    begun = time.perf_counter()
    about = machine.describe(args.threads)
    print(table.heading(about), flush=True)
    program = Program(args.plefka, args.threads)
    workshop = Workshop(program, args.out, args.quick)
    wanted = args.only.split(",")

    rows = []
    for work in works.chosen(wanted, workshop, args.quick, args.threads):
        rows.append(work.measure(args.rounds or (2 if args.quick else 5)))
        save(args.out / "peers.json", {"machine": about, "works": rows})
        print(table.progress(rows[-1]), flush=True)
    if rows:
        print(table.side_by_side(rows, about))
        print(table.in_one_line(rows, about), flush=True)

    if "sigma" in wanted:
        found = []
        for model, reference in sigma.models(args.models, workshop):
            found.append(sigma.measure(program, model, reference, args.data, args.quick))
            save(args.out / "sigma.json", {"machine": about, "target": sigma.TARGET, "models": found})
            print(table.time_to_sigma(found[-1]), flush=True)
    print(f"\n{time.perf_counter() - begun:.0f} s in all")


def save(path: Path, document: dict) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


main()
