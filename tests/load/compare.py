#!/usr/bin/env python3
"""Measures two builds of the worker in turn on this machine, and prints what the second costs of the first.

Both builds are of this repository: REV, and the tree as it is. Each round runs the same groups of tests/load/main.rs with both,
REV first in even rounds; of each figure the middle one counts. A ratio is the tree's figure by REV's, so for what should be
small (time, memory) more than 1 is worse, and for what should be large (a second) less than 1 is. Behind each ratio are the
smallest and the largest of the rounds: what is worse must be so in all of them to be believed.

Both are built in release with the same settings, which cargo's own variables change, as in CARGO_PROFILE_RELEASE_LTO=off for a
build in a minute. What was built is copied to .cache/compare/<commit or tree>; --built measures such folders as they are.
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "compare"
# The first number of a cell, or each of several, as in `3.1 / 7.4 ms`.
NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")


def build(tree: Path, name: str, profile: str) -> Path:
    """Builds worker and benchmark of a tree; returns a folder with both, as cargo would have it.

    They are copied out at once: with CARGO_TARGET_DIR both trees build into the same folder.
    """
    command = ["cargo", "build", "--profile", profile, "--locked", "--package", "stream-worker", "--package", "e2e", "--bins",
               "--bench", "load", "--message-format", "json-render-diagnostics"]
    listed = subprocess.run(command, cwd=tree, check=True, stdout=subprocess.PIPE, text=True).stdout
    made = {}
    for message in map(json.loads, listed.splitlines()):
        if message.get("executable"):
            made[message["target"]["name"]] = message["executable"]
    there = CACHE / name
    shutil.rmtree(there, ignore_errors=True)
    # The benchmark looks for the worker in the folder above its own.
    (there / "deps").mkdir(parents=True)
    shutil.copy2(made["crawlcast"], there / "crawlcast")
    shutil.copy2(made["load"], there / "deps" / "load")
    return there


def checkout(rev: str) -> tuple[Path, str]:
    """A tree of REV, and its commit."""
    commit = subprocess.run(["git", "rev-parse", "--verify", f"{rev}^{{commit}}"], cwd=ROOT, check=True,
                            stdout=subprocess.PIPE, text=True).stdout.strip()
    tree = CACHE / "checkout"
    if not tree.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(tree)], check=True)
    subprocess.run(["git", "checkout", "--quiet", "--force", "--detach", commit], cwd=tree, check=True)
    return tree, commit


def measure(built: Path, groups: list[str]) -> dict[str, list[float]]:
    """One run: every figure of both columns, by the name of its row."""
    bench = built / "deps" / "load"
    table = subprocess.run([str(bench), *groups], cwd=ROOT / "tests", check=True, stdout=subprocess.PIPE, text=True).stdout
    rows = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and not cells[0].startswith("---") and cells[0] != "what":
            # The count of pages or watchers is part of a row's name, and the same in both.
            rows[cells[0]] = [float(number.replace(",", "")) for number in NUMBER.findall(cells[1])]
    return rows


def ratio(old: list[float], new: list[float]) -> str:
    """The middle figure by the middle figure, and the extremes of the rounds' own ratios."""
    rounds = [after / before for before, after in zip(old, new) if before]
    if not rounds or not statistics.median(old):
        return "–"
    middle = statistics.median(new) / statistics.median(old)
    return f"{middle:.3f} ({min(rounds):.2f}–{max(rounds):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rev", help="the build to compare with, as git names it")
    parser.add_argument("groups", nargs="*", default=[], help="groups of figures; all, if none is named")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each build (5); 0 only builds")
    parser.add_argument("--profile", default="release", help="cargo's profile for both (release)")
    parser.add_argument("--built", nargs=2, type=Path, metavar=("OLD", "NEW"),
                        help="folders with `crawlcast` and `deps/load`, such as of an earlier comparison, to be measured as they are")
    arguments = parser.parse_args()
    if arguments.built:
        builds = [folder.resolve() for folder in arguments.built]
    else:
        there, commit = checkout(arguments.rev)
        builds = [build(there, commit[:12], arguments.profile), build(ROOT, "tree", arguments.profile)]
    print("built:", *builds, file=sys.stderr)
    seen: list[dict[str, list[list[float]]]] = [{}, {}]
    for round_ in range(arguments.rounds):
        for side in (0, 1) if round_ % 2 == 0 else (1, 0):
            for name, numbers in measure(builds[side], arguments.groups).items():
                seen[side].setdefault(name, []).append(numbers)
            print(f"round {round_ + 1} of {arguments.rounds}, {'tree' if side else arguments.rev}", file=sys.stderr)
    print(f"\n| what | {arguments.rev} | tree | tree / {arguments.rev}, of the middle (of the rounds) |\n|---|---:|---:|---:|")
    for name, runs in seen[1].items():
        if name not in seen[0]:
            print(f"| {name} | – | measured in the tree alone | – |")
            continue
        columns = [list(zip(*side[name])) for side in seen]
        spelled = [" / ".join(f"{statistics.median(column):g}" for column in side) for side in columns]
        ratios = " / ".join(ratio(list(old), list(new)) for old, new in zip(*columns))
        print(f"| {name} | {spelled[0]} | {spelled[1]} | {ratios} |")


if __name__ == "__main__":
    main()
