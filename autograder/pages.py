"""A submission in nbgrader's formgrader and feedback: what a student wrote is shown, never run.

nbconvert lets HTML in Markdown through, and links of any kind. Here a student's HTML is shown as it
was typed; Markdown and formulas are rendered, pictures are those attached to the cell.
"""

import re
import time
from html import escape

import bleach
from jinja2 import pass_context
from jinja2.runtime import Context
from mistune import import_plugin
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.utils import is_locked

from autograder.work import in_time

#: Characters of a cell that are shown; and of one that is rendered, which takes its time.
LONGEST = 100_000
LONGEST_RENDERED = 20_000
#: Characters of all cells of a page that are shown: colouring code takes up to 25 µs for each.
MOST_SHOWN = 400_000
#: Seconds of work for what is rendered in a page, all cells together: some texts take the square of
#: their length.
RENDERING_SECONDS = 3.0

TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "div", "blockquote", "pre", "code"),
    *("a", "img", "em", "strong", "del", "span", "ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]*")
ADDRESS = re.compile(r"(https?://|mailto:)[^\s]*")


class Plain(Preprocessor):
    """Prepares a notebook for its page: raw cells become visible, endless ones are cut."""

    def preprocess(self, nb, resources):
        """The notebook as it is shown."""
        self.room = MOST_SHOWN
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell, resources, index):
        """The cell as it is shown."""
        most = min(LONGEST, max(self.room, 0))
        self.room -= len(cell.source)
        if len(cell.source) > most:
            cell.source = f"{cell.source[:most]}\n… cut here; the submitted file has the rest."
        if cell.cell_type == "raw":  # nbconvert would put its text into the page as HTML
            cell = new_markdown_cell(cell.source, metadata=cell.metadata | {"as_typed": True})
        return cell, resources


@pass_context
def markdown_to_html(context: Context, source: str) -> str:
    """A Markdown cell as HTML; what is not locked may hold anything. (A filter for nbconvert.)"""
    cell = context.get("cell", NotebookNode())
    attachments = cell.get("attachments", {})
    if "nbgrader" in cell.get("metadata", {}) and is_locked(cell) and source == cell.source:
        ours = IPythonRenderer(escape=False, attachments=attachments)
        return MarkdownWithMath(renderer=ours).render(source)
    if len(source) > LONGEST_RENDERED or "as_typed" in cell.get("metadata", {}):
        return as_typed(source)
    page, begun = context.get("resources", {}), time.process_time()
    spent = page.get("rendering_seconds", 0.0)
    if spent >= RENDERING_SECONDS:
        return as_typed(source)
    try:
        with in_time(RENDERING_SECONDS - spent):
            return rendered(source, attachments)
    except Exception:  # brackets nested a thousand deep, say: there is no list of what it may be
        return as_typed(source)
    finally:
        page["rendering_seconds"] = spent + time.process_time() - begun


def rendered(source: str, attachments: NotebookNode) -> str:
    """Markdown of a student's as HTML."""
    plugins = [import_plugin(name) for name in ("strikethrough", "table", "url", "def_list")]
    renderer = TextRenderer(attachments=attachments, exclude_anchor_links=True)
    html = MarkdownWithMath(renderer=renderer, plugins=plugins).render(source)
    return bleach.clean(html, tags=TAGS, attributes=is_harmless, protocols=PROTOCOLS)


PROTOCOLS = ("http", "https", "mailto", "data")


class TextRenderer(IPythonRenderer):
    """HTML in Markdown is text; so are diagrams, which their program would read as HTML."""

    def block_mermaidjs(self, code: str) -> str:
        """A diagram's source."""
        return as_typed(code)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture attached to the cell; in place of any other, the words that stand for it."""
        if url.removeprefix("attachment:") in self.attachments:
            return super().image(text, url, title)
        return escape(f"![{text}]({url})")

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link that opens elsewhere and does not tell where it was found."""
        html = super().link(text, url, title)
        return html.replace("<a ", '<a rel="noreferrer" target="_blank" ', 1)


def as_typed(source: str) -> str:
    """Text as HTML that shows it character by character."""
    return f"<pre>{escape(source)}</pre>"


def is_harmless(tag: str, name: str, value: str) -> bool:
    """True for an attribute that can stay: nothing is loaded, and no link leads back here."""
    match tag, name:
        case "a", "href":
            return bool(ADDRESS.fullmatch(value))
        case "a", "rel" | "target":
            return True
        case "img", "src":
            return bool(PICTURE.fullmatch(value))
        case "img", "alt":
            return True
        case "div" | "span", "class":
            return True  # of highlighted code; none of it is the student's
    return False
