"""Reads the same pages with Crawlcast and with its peers, and prints what each kept and cost.

The pages are documentation of a dozen generators and labelled pages of others' evaluation sets, all served from this machine.
CPU is user and system time: of the worker over its whole crawl, fetching and journal included, and of the peers' calls alone.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import markdownify
import readability
import trafilatura
from selectolax.lexbor import LexborHTMLParser

import links
import pages
import reader
import structure

SAMPLE = 200


def by_trafilatura(page, form="markdown"):
    return trafilatura.extract(page.html, output_format=form, include_tables=True, include_formatting=form == "markdown") or ""


def by_readability(page):
    try:
        return LexborHTMLParser(readability.Document(page.source).summary()).text(separator=" ")
    except readability.readability.Unparseable:
        return ""


def by_markdownify(page):
    try:
        return markdownify.markdownify(page.source)
    except RecursionError:
        return ""


def compare_links(site, documentation, results, worst):
    """Ours against both judges; every difference that has no reason is one of the worst pages."""
    dom, chromium = links.Differences(), links.Differences()
    read = [page for page in documentation if "outlinks" in results.get(page.path, {})]
    for page in read:
        dom.compare(page, set(results[page.path]["outlinks"]), *links.in_dom(page, site.url + page.path))
    sample = read[:: max(len(read) // SAMPLE, 1)][:SAMPLE]
    for page, found in zip(sample, links.in_chromium(site, sample), strict=True):
        if found is not None:
            chromium.compare(page, set(results[page.path]["outlinks"]), *found)
    for judge, differences in (("DOM", dom), ("Chromium", chromium)):
        for page, difference in differences.found:
            worst.append((0, page, f"links, {judge}: {difference}"))
    yield "| links of pages: judge | pages | links | differences | unexplained |"
    yield "|---|---:|---:|---:|---:|"
    for judge, differences in (("a DOM of the same bytes (Lexbor, Ada)", dom), ("Chromium, a sample", chromium)):
        total = differences.reasons.total()
        yield f"| {judge} | {differences.pages} | {differences.links} | {total} | {differences.unexplained} |"
        for reason, count in differences.reasons.items():
            print(f"  {judge}: {count} links: {reason}", file=sys.stderr)


def compare_text(results, sets, worst):
    """Main text beside trafilatura's and readability's."""
    yield "| main text, F1 | pages | Crawlcast | trafilatura | readability |"
    yield "|---|---:|---:|---:|---:|"
    for name, labelled, score in sets:
        scores, count = defaultdict(list), 0
        for page in labelled:
            if "markdown" not in results.get(page.path, {}):
                worst.append((1, page, f"main text: nothing was read: {results.get(page.path, 'no event')}"[:300]))
            count += 1
            texts = {
                "Crawlcast": structure.text_of_markdown(results.get(page.path, {}).get("markdown", "")),
                "trafilatura": by_trafilatura(page, "txt"),
                "readability": by_readability(page),
            }
            for reader_name, text in texts.items():
                scores[reader_name].append(score(page, text))
            ours, best = mean(scores["Crawlcast"][-1:]), max(mean(scores[peer][-1:]) for peer in scores)
            if best - ours > 0.02:
                note = f"main text, F1 {ours:.3f}, best peer {best:.3f}: {differences(page, texts['Crawlcast'])}"
                worst.append((best - ours, page, note))
        cells = " | ".join(f"{mean(found):.3f}" for found in scores.values())
        yield f"| {name} | {count} | {cells} |"


def differences(page, text):
    """Of a labelled page, what was missed and what was taken for main text, in short."""
    if page.labels and "with" in page.labels:
        text = " ".join(text.split())
        missed = [segment for segment in page.labels["with"] if " ".join(segment.split()) not in text]
        wrong = [segment for segment in page.labels["without"] if " ".join(segment.split()) in text]
        return f"missed {missed}, not to be there {wrong}"
    expected = LexborHTMLParser(page.labels["expected"]).text(separator=" ") if page.labels else structure.of_page(page).text
    expected, found = Counter(structure.words(expected)), Counter(structure.words(text))
    return f"{(expected - found).total()} of {expected.total()} words missed, {(found - expected).total()} too many"


def mean(scores):
    """Of F1 values, or of counts of (found rightly, missed, found wrongly) together."""
    if scores and isinstance(scores[0], tuple):
        right, missed, wrong = map(sum, zip(*scores, strict=True))
        return 2 * right / max(2 * right + missed + wrong, 1)
    return sum(scores) / max(len(scores), 1)


def by_segments(page, text):
    """As trafilatura scores itself: sentences that must be there, and sentences that must not."""
    text = " ".join(text.split())
    is_there = lambda segment: " ".join(segment.split()) in text
    right = sum(map(is_there, page.labels["with"]))
    wrong = sum(map(is_there, page.labels["without"]))
    return right, len(page.labels["with"]) - right, wrong


def by_expected(page, text):
    return structure.f1(LexborHTMLParser(page.labels["expected"]).text(separator=" "), text)


def by_generator(page, text):
    return structure.f1(structure.of_page(page).text, text)


def compare_structure(documentation, results, worst):
    """Structure of the main content, and trafilatura's CPU for the same pages."""
    wanted, kept, cpu = Counter(), defaultdict(Counter), 0.0
    by_package = defaultdict(lambda: defaultdict(Counter))
    for page in documentation:
        truth = structure.of_page(page)
        began = time.process_time()
        theirs = by_trafilatura(page)
        cpu += time.process_time() - began
        wanted.update(truth.counts())
        by_package[page.generator.name]["wanted"].update(truth.counts())
        readings = {
            "Crawlcast": results.get(page.path, {}).get("markdown", ""),
            "markdownify": by_markdownify(page),
            "trafilatura": theirs,
        }
        found = {name: truth.kept_in(structure.of_markdown(markdown)) for name, markdown in readings.items()}
        for name, counts in found.items():
            kept[name].update(counts)
            by_package[page.generator.name][name].update(counts)
        for kind in structure.KINDS:
            lost = truth.counts()[kind] - found["Crawlcast"][kind]
            best = max(counts[kind] for counts in found.values())
            if lost:
                note = f"{kind}: kept {found['Crawlcast'][kind]} of {truth.counts()[kind]}, best {best}"
                worst.append((lost + 1, page, note))
    for package, counts in by_package.items():
        for kind in structure.KINDS:
            cells = ", ".join(f"{name} {counts[name][kind]}" for name in ("wanted", *kept))
            print(f"  {package}: {kind}: {cells}", file=sys.stderr)
    yield "| kept of the main content's | on the pages | Crawlcast | markdownify | trafilatura |"
    yield "|---|---:|---:|---:|---:|"
    for kind in structure.KINDS:
        cells = " | ".join(f"{share(kept[name][kind], wanted[kind])}" for name in ("Crawlcast", "markdownify", "trafilatura"))
        yield f"| {kind} | {wanted[kind]} | {cells} |"
    compare_structure.cpu = cpu / max(len(documentation), 1)


def share(part, whole):
    return f"{100 * part / max(whole, 1):.1f} %"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", required=True, type=Path)
    parser.add_argument("--cache", required=True, type=Path)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--worst", type=Path, help="where to list the pages that lost most")
    options = parser.parse_args()
    documentation = pages.documentation(options.cache, options.pages)
    segments, texts = list(pages.labelled_by_segments(options.cache)), list(pages.labelled_by_text(options.cache))
    everything = [*documentation, *segments, *texts]
    worst, table = [], []
    with pages.Site(everything) as site:
        results, _cpu = reader.read(options.worker, site, everything, ["links", "markdown", "text"])
        table += [*compare_links(site, documentation, results, worst), ""]
    with pages.Site(documentation) as site:
        cost = lambda formats: sorted(reader.read(options.worker, site, documentation, formats)[1] for _ in range(3))[1]
        ours, without = (cost(formats) / len(documentation) for formats in (["markdown", "text"], ["metadata"]))
    sets = [
        ("trafilatura's evaluation set, by sentences", segments, by_segments),
        ("Readability's test pages, by words", texts, by_expected),
        ("documentation, by words", documentation[:: max(len(documentation) // SAMPLE, 1)], by_generator),
    ]
    table += [*compare_text(results, sets, worst), ""]
    table += [*compare_structure(documentation, results, worst), ""]
    theirs = compare_structure.cpu
    table += ["| CPU a page | Crawlcast | trafilatura | × ours |", "|---|---:|---:|---:|"]
    for what, mine in (("with fetching, links and journal", ours), ("the reading alone", ours - without)):
        table.append(f"| Markdown and text, {what} | {mine * 1e3:.2f} ms | {theirs * 1e3:.2f} ms | {theirs / mine:.1f} |")
    generators = Counter(page.generator.name for page in documentation)
    print(", ".join(f"{name} {count}" for name, count in generators.items()), file=sys.stderr)
    if options.worst:
        worst.sort(key=lambda entry: -entry[0])
        options.worst.write_text("".join(f"{page.file}: {note}\n" for _, page, note in worst))
    print("\n" + "\n".join(table))


if __name__ == "__main__":
    main()
