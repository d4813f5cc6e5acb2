"""What of a page's structure is kept: its code blocks, tables, headings and list items, found again by their content."""

import re
from collections import Counter

from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

KINDS = ("code blocks", "tables", "headings", "list items")
HEADINGS = "h1, h2, h3, h4, h5, h6"
UNSEEN = "script, style, template, noscript, [hidden], nav, [role=navigation]"
WORD = re.compile(r"\w+")
PERMALINK = re.compile(r"[¶§#🔗]\s*$")
BLOCK = re.compile(r"</?(?:p|div|li|h[1-6]|br|hr|t[drh]|[ou]l|d[ltd]|pre|blockquote|section|article|fig\w+|table|caption)\b", re.I)
GUTTER = re.compile(r"[\d\s]+")
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
# Words of a table, or of a list item, by which it is known again.
FAIR = 0.9
HEAD = 12


def words(text):
    return WORD.findall(text.lower())


def text_of_markdown(markdown):
    return text_of_html(MARKDOWN.render(markdown))


def text_of_html(html):
    """As a reader sees it: only blocks part words, elements within a line do not."""
    return LexborHTMLParser(BLOCK.sub(r" \g<0>", html)).text()


def of_markdown(markdown):
    tree = LexborHTMLParser(MARKDOWN.render(markdown))
    return Structure([tree.body] if tree.body else [])


def of_page(page):
    """The structure of the main content, as the label of its generator has it."""
    tree = LexborHTMLParser(page.source)
    for selector in filter(None, (UNSEEN, page.generator.around)):
        for node in tree.css(selector):
            node.decompose()
    roots = tree.css(page.generator.main)
    # What a label selects within what it has selected counts once.
    identities = {root.mem_id for root in roots}
    roots = [root for root in roots if not any(above in identities for above in ids_above(root))]
    return Structure(roots or ([tree.body] if tree.body else []))


def below(node, selector):
    """The selector finds the node itself too."""
    return [found for found in node.css(selector) if found.mem_id != node.mem_id]


def ids_above(node):
    node = node.parent
    while node is not None:
        yield node.mem_id
        node = node.parent


class Structure:
    def __init__(self, roots):
        self.text = " ".join(text_of_html(root.html) for root in roots)
        self.blocks, self.tables, self.headings, self.items = Counter(), [], Counter(), Counter()
        for root in roots:
            self.take(root)

    def take(self, root):
        for line_end in root.css("pre br"):
            line_end.replace_with("\n")
        for block in root.css("pre div"):
            # What follows a block stands on a line of its own.
            if block.next is not None and not (block.next.text() or "").startswith("\n"):
                block.insert_after("\n")
        for node in root.css("pre"):
            code = lines(node.text())
            # Numbers beside the lines of another block are no code, and a block within a block is one.
            if code and not GUTTER.fullmatch(code) and not below(node, "pre"):
                self.blocks[code] += 1
        data = set()
        for node in root.css("table"):
            # One that lays out others, or numbers the lines of code, holds no data.
            if below(node, "table") or below(node, "pre") or len(below(node, "tr")) < 2:
                continue
            content = Counter(words(node.text(separator=" ")))
            # A heading over its rows is one of the headings.
            for heading in node.css(HEADINGS):
                content -= Counter(words(heading.text(separator=" ")))
            if content:
                self.tables.append(content)
                data.add(node.mem_id)
        for node in root.css(HEADINGS):
            heading = " ".join(words(PERMALINK.sub("", node.text(separator=" ").strip())))
            if heading:
                self.headings[heading] += 1
        for node in root.css("li"):
            # In a cell of a table of data, Markdown has no lists; the words count as the table's.
            if any(above in data for above in ids_above(node)):
                continue
            item = " ".join(words(node.text(separator=" "))[:HEAD])
            if item:
                self.items[item] += 1

    def counts(self):
        return {
            "code blocks": self.blocks.total(),
            "tables": len(self.tables),
            "headings": self.headings.total(),
            "list items": self.items.total(),
        }

    def kept_in(self, other):
        """How many of each are in the other one, each found at most once."""
        return {
            "code blocks": (self.blocks & other.blocks).total(),
            "tables": tables_kept(self.tables, other.tables),
            "headings": (self.headings & other.headings).total(),
            "list items": (self.items & other.items).total(),
        }


def lines(text):
    """Line for line, without white space at the ends of lines and empty lines around."""
    return "\n".join(line.rstrip() for line in text.replace("\xa0", " ").split("\n")).strip("\n")


def tables_kept(wanted, found):
    left, kept = list(found), 0
    for table in wanted:
        match = next((place for place, other in enumerate(left) if holds(other, table)), None)
        if match is not None:
            left.pop(match)
            kept += 1
    return kept


def holds(other, table):
    return (other & table).total() >= FAIR * table.total()

