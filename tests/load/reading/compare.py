"""Reads the same pages with Crawlcast and with its peers, and prints what each kept and cost.

The pages are documentation of a dozen generators and labelled pages of others' evaluation sets, all served from this machine.
CPU is user and system time: of the worker over its whole crawl, fetching and journal included, and of the peers' calls alone.
"""

import argparse
import statistics
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import links
import main_text
import pages
import peers
import reader
import structure

SAMPLE = 200


def compare_links(site, documentation, results, worst):
    """Ours against both judges."""
    dom, chromium = links.Differences(), links.Differences()
    read = [page for page in documentation if "outlinks" in results.get(page.path, {})]
    ours = {page: set(results[page.path]["outlinks"]) for page in read}
    for page in read:
        dom.compare(page, ours[page], *links.in_dom(page, site.url + page.path))
    sample = evenly(read, SAMPLE)
    for page, found in zip(sample, links.in_chromium(site, sample), strict=True):
        if found is not None:
            chromium.compare(page, ours[page], *found)
    yield "| links of a page, judge | pages | links | differences | of them unexplained |"
    yield "|---|---:|---:|---:|---:|"
    for judge, differences in (("a DOM of the same bytes", dom), ("Chromium's document", chromium)):
        total = differences.reasons.total()
        yield f"| {judge} | {differences.pages} | {differences.links} | {total} | {differences.reasons['unexplained']} |"
        worst += [(1000, page, f"links, {judge}: {difference}") for page, difference in differences.found]
        for reason, count in differences.reasons.items():
            print(f"{judge}: {count} links {reason}", file=sys.stderr)


def compare_text(results, sets, worst):
    """Main text beside trafilatura's and readability's."""
    yield "| main text, F1 | pages | Crawlcast | trafilatura | readability |"
    yield "|---|---:|---:|---:|---:|"
    for name, labelled, score, together in sets:
        scores = defaultdict(list)
        for page in labelled:
            markdown = results.get(page.path, {}).get("markdown", "")
            texts = {
                "Crawlcast": structure.text_of_markdown(markdown),
                "trafilatura": peers.trafilatura_text(page),
                "readability": peers.readability_text(page),
            }
            of_page = {reader_name: score(page, text) for reader_name, text in texts.items()}
            for reader_name, found in of_page.items():
                scores[reader_name].append(found)
            ours, best = of_page["Crawlcast"], max(found.f1 for found in of_page.values())
            if best - ours.f1 > 0.02:
                worst.append((best - ours.f1, page, f"main text, F1 {ours.f1:.3f}, best peer {best:.3f}: {ours.note}"))
        cells = " | ".join(f"{together(found):.3f}" for found in scores.values())
        yield f"| {name} | {len(labelled)} | {cells} |"


def compare_structure(documentation, results, worst):
    """The rows about structure, and trafilatura's CPU for a page on the way."""
    wanted, kept, cpu = Counter(), defaultdict(Counter), 0.0
    by_generator = defaultdict(lambda: defaultdict(Counter))
    for page in documentation:
        began = time.process_time()
        by_trafilatura = peers.trafilatura_markdown(page)
        cpu += time.process_time() - began
        readings = {
            "Crawlcast": results.get(page.path, {}).get("markdown", ""),
            "markdownify": peers.markdownify_markdown(page),
            "trafilatura": by_trafilatura,
        }
        truth = structure.of_page(page)
        found = {name: truth.kept_in(structure.of_markdown(markdown)) for name, markdown in readings.items()}
        wanted.update(truth.counts())
        by_generator[page.generator.name]["wanted"].update(truth.counts())
        for name, counts in found.items():
            kept[name].update(counts)
            by_generator[page.generator.name][name].update(counts)
        for kind, count in truth.counts().items():
            ours, best = found["Crawlcast"][kind], max(counts[kind] for counts in found.values())
            if ours < count:
                worst.append((1 + count - ours, page, f"{kind}: kept {ours} of {count}, best reader {best}"))
    for name, counts in by_generator.items():
        for kind in structure.KINDS:
            cells = ", ".join(f"{whose} {counts[whose][kind]}" for whose in ("wanted", *kept))
            print(f"{name}, {kind}: {cells}", file=sys.stderr)
    rows = ["| of the main content's | there are | Crawlcast keeps | markdownify | trafilatura |", "|---|---:|---:|---:|---:|"]
    for kind in structure.KINDS:
        cells = " | ".join(f"{100 * kept[name][kind] / max(wanted[kind], 1):.1f} %" for name in kept)
        rows.append(f"| {kind} | {wanted[kind]} | {cells} |")
    return rows, cpu / max(len(documentation), 1)


def cpu_rows(worker, documentation, theirs):
    """Medians of three crawls with the formats, and of three without, whose difference is the reading alone."""
    costs = {}
    with pages.Site(documentation) as site:
        for formats in (("markdown", "text"), ("metadata",)):
            crawls = [reader.read(worker, site, documentation, list(formats))[1] for _ in range(3)]
            costs[formats] = statistics.median(crawls) / len(documentation)
    whole, without = costs.values()
    yield "| CPU for Markdown and text of a page | Crawlcast | trafilatura | × ours |"
    yield "|---|---:|---:|---:|"
    for what, ours in (("with fetching, links and journal", whole), ("without", whole - without)):
        yield f"| {what} | {ours * 1e3:.2f} ms | {theirs * 1e3:.2f} ms | {theirs / ours:.1f} |"


def evenly(pages_of_all, wanted):
    return pages_of_all[:: max(len(pages_of_all) // wanted, 1)][:wanted]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", required=True, type=Path)
    parser.add_argument("--cache", required=True, type=Path)
    parser.add_argument("--pages", type=int, default=2000, help="pages of documentation")
    parser.add_argument("--worst", type=Path, help="file for a list of the pages that lost most")
    options = parser.parse_args()
    documentation = pages.documentation(options.cache, options.pages)
    by_sentences, by_words = pages.labelled_by_sentences(options.cache), pages.labelled_by_text(options.cache)
    everything, worst, tables = [*documentation, *by_sentences, *by_words], [], []
    with pages.Site(everything) as site:
        results, _cpu = reader.read(options.worker, site, everything, ["links", "markdown", "text"])
        for page in everything:
            if "markdown" not in results.get(page.path, {}):
                print(f"{page.file}: was not read: {results.get(page.path, 'no event')}"[:300], file=sys.stderr)
        tables.append(list(compare_links(site, documentation, results, worst)))
    sets = [
        ("trafilatura's evaluation set, sentences", by_sentences, main_text.by_sentences, main_text.Score.together),
        ("Readability's test pages, words", by_words, main_text.by_words, main_text.Score.mean),
        ("documentation, words", evenly(documentation, SAMPLE), main_text.by_words, main_text.Score.mean),
    ]
    tables.append(compare_text(results, sets, worst))
    rows, theirs = compare_structure(documentation, results, worst)
    tables += [rows, cpu_rows(options.worker, documentation, theirs)]
    for table in tables:
        print("\n" + "\n".join(table), flush=True)
    generators = Counter(page.generator.name for page in documentation)
    print("\n" + ", ".join(f"{name} {count}" for name, count in generators.items()))
    if options.worst:
        worst.sort(key=lambda entry: -entry[0])
        options.worst.write_text("".join(f"{page.file}: {note}\n" for _, page, note in worst))


if __name__ == "__main__":
    main()
