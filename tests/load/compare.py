#!/usr/bin/env python3
"""Measures two builds of the worker in turn on this machine, and prints what the second costs of the first.

Both builds are of this repository: REV, and the tree as it is. Each round runs the same groups of tests/load/main.rs with both,
REV first in even rounds; of each figure the middle one counts. A ratio is the tree's figure by REV's, so for what should be
small (time, memory) more than 1 is worse, and for what should be large (a second) less than 1 is.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "compare"
# The first number of a cell, or each of several, as in `3.1 / 7.4 ms`.
NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")


def build(tree: Path) -> Path:
    """Builds worker and benchmark of a tree in release; returns the benchmark."""
    cargo = ["cargo", "build", "--release", "--locked", "--workspace", "--bins", "--bench", "load"]
    subprocess.run(cargo, cwd=tree, check=True)
    # The benchmark's name has a hash; cargo says which is of this tree.
    listed = subprocess.run(
        [*cargo, "--message-format", "json"], cwd=tree, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = re.findall(r'"executable":"([^"]*/deps/load-[0-9a-f]+)"', listed.stdout)
    if not found:
        sys.exit(f"cargo built no benchmark in {tree}")
    return Path(found[-1])


def checkout(rev: str) -> Path:
    """A tree of REV with a target directory of its own, which is kept for the next time."""
    commit = subprocess.run(["git", "rev-parse", "--verify", f"{rev}^{{commit}}"], cwd=ROOT, check=True,
                            stdout=subprocess.PIPE, text=True).stdout.strip()
    tree = CACHE / "tree"
    if not tree.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(tree)], check=True)
    subprocess.run(["git", "checkout", "--quiet", "--force", "--detach", commit], cwd=tree, check=True)
    return tree


def measure(bench: Path, tree: Path, groups: list[str]) -> dict[str, list[float]]:
    """One run: every figure of our column, by the name of its row."""
    table = subprocess.run([str(bench), *groups], cwd=tree / "tests", check=True, stdout=subprocess.PIPE, text=True,
                           env=os.environ | {"CARGO_MANIFEST_DIR": str(tree / "tests")}).stdout
    rows = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and not cells[0].startswith("---") and cells[0] != "what":
            # The count of pages or watchers is part of a row's name, and the same in both.
            rows[cells[0]] = [float(number.replace(",", "")) for number in NUMBER.findall(cells[1])]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rev", help="the build to compare with, as git names it")
    parser.add_argument("groups", nargs="*", default=[], help="groups of figures; all, if none is named")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each build (5)")
    arguments = parser.parse_args()
    there = checkout(arguments.rev)
    builds = [(there, build(there)), (ROOT, build(ROOT))]
    seen: list[dict[str, list[list[float]]]] = [{}, {}]
    for round_ in range(arguments.rounds):
        for side in (0, 1) if round_ % 2 == 0 else (1, 0):
            tree, bench = builds[side]
            for name, numbers in measure(bench, tree, arguments.groups).items():
                seen[side].setdefault(name, []).append(numbers)
            print(f"round {round_ + 1} of {arguments.rounds}, {'tree' if side else arguments.rev}", file=sys.stderr)
    print(f"\n| what | {arguments.rev} | tree | tree / {arguments.rev} |\n|---|---:|---:|---:|")
    for name, runs in seen[1].items():
        if name not in seen[0]:
            continue
        middles = [[statistics.median(column) for column in zip(*side[name])] for side in seen]
        ratios = [f"{new / old:.2f}" if old else "–" for old, new in zip(*middles)]
        spelled = [" / ".join(f"{number:g}" for number in side) for side in middles]
        print(f"| {name} | {spelled[0]} | {spelled[1]} | {' / '.join(ratios)} |")


if __name__ == "__main__":
    main()
