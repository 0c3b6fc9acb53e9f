"""The results as Markdown."""

from __future__ import annotations


def heading(about: dict) -> str:
    names = {"numpy": "NumPy", "torch": "PyTorch", "sklearn": "scikit-learn", "rbms": "rbms"}
    versions = (f"{names[key]} {found or '(not installed)'}" for key, found in about["versions"].items())
    threads = f"{about['threads']} threads each"
    if about["torch_num_threads"] is not None:
        threads += f" (torch.get_num_threads() = {about['torch_num_threads']})"
    return f"{about['processor']}, {about['instruction_set']}, {threads}; {', '.join(versions)}, Python {about['python']}"


def progress(work: dict) -> str:
    lines = [f"\n{work['work']}"]
    for c in work["contestants"]:
        taken = f"{c['minimum']:8.4f} s, median {c['median']:8.4f} {c['ratio_of_medians']:7.1f}×"
        lines.append(f"  {c['name']:16} {taken}  {c['check']}")
    return "\n".join(lines)


def seconds(x: float) -> str:
    """Three digits."""
    return f"{x:.3g}" if x < 100 else f"{x:.0f}"


def side_by_side(works: list[dict], about: dict) -> str:
    """A row a work, a column a contestant: seconds, and how many times as long as plefka."""
    everybody = ["NumPy", "PyTorch", "scikit-learn", "rbms"]
    how = "Seconds, the median of rounds in turn, and in brackets the minimum; × is the ratio of medians"
    lines = ["", f"{heading(about)}. {how}."]
    lines += ["", "| work | plefka | " + " | ".join(everybody) + " |", "|---" * (len(everybody) + 2) + "|"]
    for work in works:
        found = {c["name"]: c for c in work["contestants"]}
        cell = lambda c: f"{seconds(c['median'])} ({seconds(c['minimum'])})"
        own = cell(found["plefka"])
        if other := found.get("plefka, as it is"):
            own += f"; as it is {cell(other)}"
        peers = (f"{cell(found[n])}, {found[n]['ratio_of_medians']:.1f}×" if n in found else "–" for n in everybody)
        lines.append(f"| {work['work']} | {own} | {' | '.join(peers)} |")
    lines.append("")
    for work in works:
        said = (f"{c['name']}: {'; '.join(x for x in (c['note'], c['check']) if x)}" for c in work["contestants"])
        lines.append(f"- {work['work']}. {'. '.join([*said, *work['notes']])}")
    return "\n".join(lines)


def in_one_line(works: list[dict], about: dict) -> str:
    """For a README: how many times as long the fastest and the slowest of the others take."""
    parts = []
    for work in works:
        ratios = [c["ratio_of_medians"] for c in work["contestants"] if not c["name"].startswith("plefka")]
        low, high = (f"{x:.1f}" if x < 10 else f"{x:.0f}" for x in (min(ratios), max(ratios)))
        parts.append(f"{work['work']}: {low}" + (f" to {high}" if high != low else "") + " times")
    there = "the others" if about["torch_num_threads"] else "NumPy"
    return f"\nWhat {there} take beside plefka ({about['instruction_set']}, {about['threads']} threads): {'; '.join(parts)}."


def time_to_sigma(found: dict) -> str:
    reference = found["reference"]
    known = f"{reference['value']:.2f} ± {reference['error']:.2f} ({reference['from']})" if reference else "unknown"
    lines = ["", f"{found['model']}: ln Z = {known}; seconds to σ = {found['target']}", ""]
    runs = "runs: seconds, ln Z ± σ (distance from the reference), verdict"
    lines += [f"| way | {runs} | slope | c | seconds to σ |", "|---" * 5 + "|"]
    for way in found["ways"]:
        runs = "; ".join(run_in_words(run) for run in way["runs"])
        slope = "–" if way["slope"] is None else f"{way['slope']:.1f}"
        c = "–" if way["seconds_to_target"] is None else f"{way['seconds_to_target'] * found['target'] ** 2:.2g}"
        lines.append(f"| {way['name']} | {runs} | {slope} | {c} | {way['answer']} |")
    lines.append("\nSeconds = c σ⁻²; between the runs the slope of ln seconds over ln σ⁻² would be 1 if nothing were fixed.")
    return "\n".join(lines)


def run_in_words(run: dict) -> str:
    apart = "" if run["apart"] is None else f" ({run['apart']:+.1f} σ)"
    error = "–" if run["error"] is None else f"{run['error']:.3f}"
    return f"{run['seconds']:.1f} s {run['value']:.2f} ± {error}{apart} {run['verdict']}".rstrip()
