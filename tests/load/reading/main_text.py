"""How much of a labelled page's main text is found, and how much else: F1."""

from collections import Counter

import structure


def by_sentences(page, text):
    """As trafilatura scores itself: sentences that must be there, and sentences that must not."""
    missed, wrong = sentences(page, text)
    return Score(len(page.labels["with"]) - len(missed), len(missed), len(wrong), f"missed {missed}, not to be there {wrong}")


def by_words(page, text):
    """Over the multisets of words; a page without a label of its own has its generator's."""
    label = structure.text_of_html(page.labels["expected"]) if page.labels else structure.of_page(page).text
    expected, found = Counter(structure.words(label)), Counter(structure.words(text))
    right = (expected & found).total()
    missed, wrong = expected.total() - right, found.total() - right
    return Score(right, missed, wrong, f"{missed} of {expected.total()} words missed, {wrong} too many")


def sentences(page, text):
    text = " ".join(text.split())
    is_there = lambda sentence: " ".join(sentence.split()) in text
    missed = [sentence for sentence in page.labels["with"] if not is_there(sentence)]
    return missed, [sentence for sentence in page.labels["without"] if is_there(sentence)]


class Score:
    def __init__(self, right, missed, wrong, note):
        self.right, self.missed, self.wrong, self.note = right, missed, wrong, note

    @property
    def f1(self):
        return 2 * self.right / max(2 * self.right + self.missed + self.wrong, 1)

    @staticmethod
    def mean(scores):
        return sum(score.f1 for score in scores) / max(len(scores), 1)

    @staticmethod
    def together(scores):
        """Of all pages as one, as trafilatura's evaluation counts."""
        count = lambda what: sum(getattr(score, what) for score in scores)
        return Score(count("right"), count("missed"), count("wrong"), "").f1
