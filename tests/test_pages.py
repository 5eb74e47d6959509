"""What an instructor or a student opens in a browser: nothing that a student wrote can run."""

import base64
import re
import time
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from autograder import engine
from autograder.pages import LONGEST, LONGEST_RENDERED, MOST_SHOWN, Plain, markdown_to_html
from autograder.work import TooLong, in_time
from tests.jupyter_server import PATIENCE, chromium  # noqa: F401 (a fixture)
from tests.test_grading import ALL, NAME, cell_of, hand_in, make_course
from tests.test_lab_extensions import server  # noqa: F401 (a fixture)

PWN = "window.PWNED=(window.PWNED||0)+1"
AWAY = "http://away.example"
PIXEL = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
        "gg=="
    )
).decode()
SVG = base64.b64encode(
    f'<svg xmlns="http://www.w3.org/2000/svg" onload="{PWN}"><script>{PWN}</script></svg>'.encode()
).decode()

HTML = [
    f"<script>{PWN}</script>",
    f"<img src=x onerror='{PWN}'>",
    f"<img src={AWAY}/picture.png>",
    f"<svg onload='{PWN}'><animate onbegin='{PWN}' attributeName=x dur=1s></svg>",
    f"<iframe srcdoc='<script>parent.{PWN}</script>'></iframe>",
    f"<iframe src='javascript:parent.{PWN}'></iframe>",
    f"<style>@import url({AWAY}/style.css); body {{background: url({AWAY}/back.png)}}</style>",
    f"<link rel=stylesheet href={AWAY}/link.css>",
    f"<meta http-equiv=refresh content='0;url={AWAY}/moved'>",
    f"<base href={AWAY}/>",
    f"<form action={AWAY}/form><button autofocus onfocus='{PWN}'>Send</button></form>",
    f"<details open ontoggle='{PWN}'>x</details>",
    f"<video><source onerror='{PWN}'></video>",
    f"<object data='javascript:{PWN}'></object><embed src='{AWAY}/embedded'>",
    f"<script type='text/x-mathjax-config'>{PWN}</script>",
    f"<!--><script>{PWN}</script>-->",
    f"</pre></div></body><script>{PWN}</script>",
    f"<noscript><p title='</noscript><img src=x onerror={PWN}>'>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={PWN}></style></mglyph></table>",
]
LINKS = [
    f"[a](javascript:{PWN})",
    f"[b](JaVa&#115;cript:{PWN})",
    f"[c](java&Tab;script:{PWN})",
    f"<javascript:{PWN}>",
    f"[d][ref]\n\n[ref]: javascript:{PWN}",
    f"[e](data:text/html;base64,{base64.b64encode(f'<script>{PWN}</script>'.encode()).decode()})",
    f"[f](vbscript:{PWN})",
    "[g](evil.html)",
    "[h](/formgrader/submissions/evil.html)",
    f"![i]({AWAY}/remote.png)",
    f'![j](x"onerror="{PWN})',
    f"![k](data:image/svg+xml;base64,{SVG})",
    "![l](../../../../logout)",
    "![m](attachment:missing.png)",
    f"$\\href{{javascript:{PWN}}}{{click}}$ and $\\style{{background:url({AWAY}/tex)}}{{x}}$",
    f"$</script><img src=x onerror='{PWN}'>$",
    f"$$\\begin{{x}}<img src=x onerror='{PWN}'>\\end{{x}}$$",
    f"```mermaid\n</pre><img src=x onerror='{PWN}'><script>{PWN}</script>\n```",
    f"```html\"onclick='{PWN}'\n<script>{PWN}</script>\n```",
    f"# <img src=x onerror='{PWN}'>",
    f"| <img src=x onerror='{PWN}'> | b |\n|---|---|\n| <script>{PWN}</script> | c |",
]
DISPLAYS = f"""
from IPython.display import HTML, Javascript, SVG, IFrame, Markdown, Latex, display
page = "<script>{PWN}</script><img src=x onerror='{PWN}'>"
display(HTML(page), Javascript("{PWN}"), Markdown(page), Latex(page), IFrame("{AWAY}/frame", 9, 9))
display({{"text/html": page, "image/svg+xml": page, "application/javascript": "{PWN}",
  "text/vnd.mermaid": page, "application/vnd.jupyter.widget-view+json": {{"model_id": "x"}},
  "image/png": "x' onerror='{PWN}"}}, raw=True, metadata={{"text/html": {{"isolated": True}}}})
print(page, "\\x1b[31m" + page)
import sys; print(page, file=sys.stderr)
page
"""
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
RAISES = f"raise ValueError(\"<script>{PWN}</script><img src=x onerror='{PWN}'>\")"


def attack(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with every attack in it, right otherwise."""
    texts = [*HTML, *LINKS]
    cell_of(nb, "why").source = "\n\n".join(["Why not try all?", "Because $a<b$ & 1 < 2.", *texts])
    nb.cells += [new_markdown_cell(f"Text {i}: {text}") for i, text in enumerate(texts)]
    nb.cells += [new_raw_cell(f"Raw {i}: {text}") for i, text in enumerate(texts)]
    nb.cells += [new_raw_cell(HTML[0], metadata={"raw_mimetype": "text/html"})]
    nb.cells += [new_code_cell(code) for code in (DISPLAYS, PLOT, RAISES, *HTML)]
    nb.cells += [new_code_cell(f"%%html\n{HTML[0]}"), new_code_cell(f"%%javascript\n{PWN}")]
    picture = {"picture.png": {"image/png": PIXEL}, "evil.svg": {"image/svg+xml": SVG}}
    picture["two.png"] = {"image/png": f"x' onerror='{PWN}", "image/svg+xml": SVG}
    source = "![one](attachment:picture.png) ![two](attachment:two.png)"
    nb.cells.append(new_markdown_cell(source, attachments={"picture.png": picture["picture.png"]}))
    nb.cells.append(new_markdown_cell("![evil](attachment:evil.svg) drawn", attachments=picture))
    cell_of(nb, "slope")["metadata"]["name"] = HTML[0]
    for cell in nb.cells:
        cell.metadata["tags"] = [f"'><script>{PWN}</script>"]
    nb.metadata["title"] = f"</title><script>{PWN}</script>"
    nb.metadata["language_info"] = {"name": HTML[0], "pygments_lexer": HTML[0]}
    nb.metadata["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"state": f"</script><script>{PWN}</script>"}
    }
    return nb


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course with one submission that is right, and full of scripts; graded, with feedback."""
    folder = tmp_path_factory.mktemp("course")
    solved = make_course(folder)
    name = f"<img src=x onerror='{PWN}'> $x$ [a](javascript:1).ipynb".replace("/", "")
    hand_in(folder, "mallory", attack(deepcopy(solved)), name)
    hand_in(folder, "mallory", deepcopy(solved), "z\n<script>.ipynb")
    beside = folder / "submitted" / "mallory" / NAME
    (beside / "evil.html").write_text(f"<script>{PWN}</script>")
    (result,) = engine.grade(folder, NAME, feedback=True)
    assert (result.points, result.failed) == (ALL, "")
    return folder


def watched(chromium, asked: list[str]):  # noqa: F811
    """A page that notes what is asked of other hosts than this one."""
    page = chromium.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    return page


def assert_harmless(page, asked: list[str]) -> None:
    """Nothing ran, nothing was loaded, even if every link is clicked; the text can be read."""
    ours = "cdnjs.cloudflare.com", "127.0.0.1"  # MathJax; the server itself
    there = [url for url in asked if url.split(":")[0] in ("http", "https")]
    assert not [url for url in there if not any(f"//{host}" in url for host in ours)]
    assert not [url for url in there if re.search(r"evil|logout|/x$|missing", url)]
    notebook = page.locator("#notebook, .jp-Notebook").first
    notebook.evaluate(
        "(node) => node.querySelectorAll('a, button, details, [onclick]').forEach("
        "(e) => { if (!/^(https?:|mailto:)/.test(e.getAttribute('href') || '')) "
        "{ e.removeAttribute('target'); e.click(); } })"
    )
    page.wait_for_timeout(500)
    assert page.evaluate("window.PWNED") is None
    assert not page.locator(
        "#notebook iframe, #notebook script, #notebook object, #notebook svg"
    ).count()
    for attribute in ("onerror", "onload", "onclick", "onfocus", "ontoggle"):
        assert not page.locator(f"#notebook [{attribute}]").count()
    hrefs = notebook.evaluate(
        "(node) => [...node.querySelectorAll('[href], [src]')].map("
        "(e) => e.getAttribute('href') || e.getAttribute('src'))"
    )
    allowed = r"(https?://|mailto:|#|data:image/(png|jpeg);base64,)"
    assert not [href for href in hrefs if not re.match(allowed, href)]


def assert_readable(page) -> None:
    """What the student wrote, the plot, and the Report are there."""
    text = page.locator("#notebook").first.inner_text()
    for words in ("Because $a<b$ & 1 < 2", "<script>window.PWNED", "Raw 0: <script>", "ValueError"):
        assert words in text
    assert "slope: right" in text and "The file is called" in text
    pictures = page.locator("#notebook img[src^='data:image/png']")
    assert pictures.count() >= 2
    widths = pictures.evaluate_all("(all) => all.map((e) => e.naturalWidth)")
    assert min(widths) == 1 and max(widths) > 100  # the attached pixel and the plot


def test_the_feedback_page_is_harmless(course, chromium):  # noqa: F811
    """Opened from the folder ``feedback``: no script runs, nothing is loaded, all can be read."""
    page = watched(chromium, asked := [])
    page.goto((course / "feedback" / "mallory" / NAME / f"{NAME}.html").as_uri())
    assert_harmless(page, asked)
    assert_readable(page)
    page.close()
    assert not list(course.glob("*/mallory/*/evil.html"))[1:]  # the one handed in


def test_the_formgraders_page_is_harmless(course, server, chromium):  # noqa: F811
    """The page on which an instructor marks by hand, with the instructor's session."""
    page = watched(chromium, asked := [])
    page.goto(f"{server.url}/api/status?token={server.token}")
    (notebook,) = server.ask("GET", f"formgrader/api/submitted_notebooks/{NAME}/{NAME}")
    page.goto(f"{server.url}/formgrader/submissions/{notebook['id']}/")
    assert_harmless(page, asked)
    assert_readable(page)
    page.close()


def test_the_autograded_notebook_is_harmless_in_jupyterlab(course, server, chromium):  # noqa: F811
    """JupyterLab does not trust it: no script of it runs, and the Report is shown."""
    page = watched(chromium, asked := [])
    path = f"autograded/mallory/{NAME}/{NAME}.ipynb"
    page.goto(f"{server.url}/lab/tree/{path}?reset&token={server.token}")
    page.locator(".jp-RenderedHTMLCommon", has_text="slope: right").first.wait_for()
    page.wait_for_timeout(1000)
    assert page.evaluate("window.PWNED") is None
    links = page.locator(".jp-Notebook a[href]").evaluate_all("(all) => all.map((e) => e.href)")
    assert not [link for link in links if link.lower().startswith(("javascript", "data", "vbs"))]
    away = {url for url in asked if url.startswith(AWAY)}
    assert away <= {f"{AWAY}/picture.png", f"{AWAY}/remote.png"}  # it loads pictures, nothing else
    page.close()


@pytest.mark.parametrize(
    "unit", ["$", "$a", "[", "![", "[](", "`", "``a", "*a_", "<a ", "> ", "- ", "|a", "\\(", "&#",
             "\n\n- a\n\n  ", "<!--", "$$\n", "~~a", "a: ", "\\begin{a}", "[a]: b\n", "\t"],
)  # fmt: skip
def test_no_text_keeps_a_page_waiting(unit):
    """The longest text that is rendered, of what is slow to parse, takes seconds at most."""
    source = unit * (LONGEST_RENDERED // len(unit))
    cell = nbformat.v4.new_markdown_cell(source)
    begin = time.process_time()
    markdown_to_html({"cell": cell}, source)
    assert time.process_time() - begin < 5


def test_maths_and_markdown_stay_as_they_are():
    """What is no HTML is rendered: emphasis, lists, quotes, code, tables, links, formulas."""
    source = (
        "**bold** and *slanted*, $a<b$, `x<y`\n\n> quoted\n\n- one\n- two\n\n"
        "```python\nif a < b: pass\n```\n\n[page](https://example.org/?a=1&b=2)\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n$$\\sum_i x_i < 1$$\n"
    )
    html = markdown_to_html({"cell": new_markdown_cell(source)}, source)
    for part in (
        "<strong>bold</strong>", "<em>slanted</em>", "$a&lt;b$", "<code>x&lt;y</code>",
        "<blockquote>", "<li>two</li>", "<td>2</td>", "$$\\sum_i x_i &lt; 1$$", '<span class="k">',
        'href="https://example.org/?a=1&amp;b=2"',
    ):  # fmt: skip
        assert part in html


def test_a_page_with_very_much_code_is_cut():
    """Colouring sixty long cells took minutes, in the process that grades the class."""
    nb = new_notebook(cells=[new_code_cell("?" * LONGEST) for _ in range(60)])
    shown, _ = Plain().preprocess(nb, {})
    assert sum(len(cell.source) for cell in shown.cells) < MOST_SHOWN + 60 * 100
    assert "cut here" in shown.cells[-1].source


def test_the_end_of_the_time_cannot_be_swallowed():
    """Also where a library catches all errors and goes on; one block may be in another."""
    with pytest.raises(TooLong), in_time(0.05):
        try:
            while True:
                pass
        except Exception:
            pass
        while True:
            pass
    with pytest.raises(TooLong), in_time(0.05):
        with in_time(9):
            pass
        while True:
            pass
