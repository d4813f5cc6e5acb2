"""The readers that Crawlcast is compared with, each as its own documentation calls it."""

import markdownify
import readability
import trafilatura

import structure


def trafilatura_markdown(page):
    return trafilatura.extract(page.html, output_format="markdown", include_formatting=True, include_tables=True) or ""


def trafilatura_text(page):
    return trafilatura.extract(page.html, output_format="txt", include_tables=True) or ""


def readability_text(page):
    try:
        return structure.text_of_html(readability.Document(page.source).summary())
    except readability.readability.Unparseable:
        return ""


def markdownify_markdown(page):
    try:
        return markdownify.markdownify(page.source)
    except RecursionError:
        return ""
