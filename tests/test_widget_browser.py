"""The live picture of gradient descent in JupyterLab and Notebook 7, in a real browser."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect

from tests.jupyter_server import (  # noqa: F401 (fixtures)
    PATIENCE,
    chromium,
    jupyter,
    name_of,
    open_notebook,
    run_all,
    wait_for_kernel,
    wait_until,
)

FUNCTIONS = """\
import numpy as np
from course.classroom.widgets import descent

x = np.array([1.0, 2.0, 3.0, 4.0])
y = 1.5 * x

def loss(w):
    return np.sum((x * w - y) ** 2)
"""
GRADIENT = """\
def gradient(w):
    return np.sum(2 * x * (x * w - y))
"""
WRONG_GRADIENT = """\
def gradient(w):
    return np.sum(2 * x * (x * w - target))
"""
PICTURE = "descent(loss, gradient, start=-1, learning_rate=0.001)"
WHERE = pytest.mark.parametrize("where", ["lab", "notebook"])
#: Milliseconds that a change of the picture may take on a slow machine.
SOON = 30_000


def notebook(gradient: str):
    return new_notebook(cells=[new_code_cell(cell) for cell in (FUNCTIONS, gradient, PICTURE)])


def curve(page: Page):
    """The left panel, by its role and name, as a screen reader finds it."""
    return page.get_by_role("img", name=re.compile("^(Loss curve|No loss curve)"))


def step_of(page: Page) -> int:
    return int(re.search(r"Step (\d+):", curve(page).get_attribute("aria-label"))[1])


def expect_step(page: Page, step: int) -> None:
    expect(curve(page)).to_have_attribute("aria-label", re.compile(f"Step {step}:"), timeout=SOON)


def wait_for_steps(page: Page, more: int) -> None:
    """Until the run has made so many steps more."""
    script = """goal => Number(document.querySelector('.live-picture [role=img]')
        .getAttribute('aria-label').match(/Step (\\d+):/)[1]) >= goal"""
    page.wait_for_function(script, arg=step_of(page) + more, timeout=1000 * PATIENCE)


def focused(page: Page) -> str:
    """What has the focus, if it is in the picture: a button's text or an input's type."""
    script = """() => { const it = document.activeElement;
        return it.closest('.live-picture') ? it.innerText || it.type : '' }"""
    return page.evaluate(script).strip()


@WHERE
def test_by_keyboard_alone(open_notebook, where):  # noqa: F811
    """Every control is reached with Tab, works with the keyboard, and no key gets away from it.

    The slider changes the learning rate of a run that goes on: it is not started again.
    """
    page = open_notebook(notebook(GRADIENT), where)
    run_all(page)
    press = page.keyboard.press
    expect_step(page, 0)
    before = page.locator(".jp-InputArea-prompt").all_inner_texts()

    for _ in range(20):  # from the notebook into the picture
        press("Tab")
        if focused(page):
            break
    assert focused(page) == "Play"
    press("Tab")
    assert focused(page) == "Step"
    press("Enter")
    expect_step(page, 1)
    press("Space")
    expect_step(page, 2)
    press("Tab")
    assert focused(page) == "Reset"
    press("Enter")
    expect_step(page, 0)
    press("Tab")
    assert focused(page) == "number"
    press("Control+a")
    page.keyboard.type("-0.5")
    press("Enter")
    expect(curve(page)).to_have_attribute("aria-label", re.compile("Step 0: w = −0.5,"))

    for control in ("Reset", "Step", "Play"):
        press("Shift+Tab")
        assert focused(page) == control
    press("Space")
    wait_for_steps(page, 3)
    assert focused(page) == "Pause"
    for _ in range(4):
        press("Tab")
    slider = page.get_by_role("slider", name="learning rate")
    expect(slider).to_be_focused()
    expect(slider).to_have_attribute("aria-valuetext", "0.001")
    moved_at = step_of(page)
    for _ in range(6):
        press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0.002")
    wait_for_steps(page, 3)
    assert step_of(page) >= moved_at + 3
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".live-picture .legend")).to_contain_text("0.002 · ")
    for _ in range(4):
        press("Shift+Tab")
    press("Enter")
    assert focused(page) == "Play"

    assert page.locator(".jp-InputArea-prompt").all_inner_texts() == before, "a cell was run"
    assert page.locator(".jp-Notebook.jp-mod-editMode").count() == 0


@WHERE
def test_divergence_is_said_and_shown(open_notebook, where):  # noqa: F811
    """With a learning rate that is too large, Play ends by itself, in words and picture.

    A screen reader hears the end of the run, and not every step of it.
    """
    page = open_notebook(notebook(GRADIENT), where)
    run_all(page)
    expect_step(page, 0)
    page.evaluate("""() => { window.said = [];
        const region = document.querySelector('.live-picture [role=status]');
        new MutationObserver(() => window.said.push(region.textContent))
            .observe(region, {childList: true}) }""")
    slider = page.get_by_role("slider", name="learning rate")
    slider.focus()
    for _ in range(32):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0.04")
    play, picture = page.get_by_role("button", name="Play"), page.locator(".live-picture")
    play.click()
    words = re.compile("Diverged.*side to side.*learning rate is too large")
    expect(picture.locator(".message")).to_contain_text(words, timeout=1000 * PATIENCE)
    expect(curve(page)).to_have_attribute("aria-label", words)
    expect(picture.locator(".panels .cross")).to_have_count(2)
    expect(play).to_have_attribute("aria-disabled", "true")
    page.wait_for_function("() => window.said.some(text => text.includes('Diverged'))")
    assert len(page.evaluate("window.said")) < step_of(page) / 2

    page.get_by_role("button", name="Reset").click()
    expect_step(page, 0)
    expect(picture.locator(".panels .cross")).to_have_count(0)
    expect(play).to_have_attribute("aria-disabled", "false")


@WHERE
def test_a_mistake_is_shown_and_mended(open_notebook, jupyter, where):  # noqa: F811
    """A crash is shown with the student's own line; once the cell is mended, the picture lives.

    Opened again with another kernel, the notebook shows the still picture.
    """
    page = open_notebook(notebook(WRONG_GRADIENT), where)
    run_all(page)
    message = page.locator(".live-picture .message")
    expect(message).to_contain_text("gradient crashed", timeout=SOON)
    expect(message).to_contain_text("name 'target' is not defined")
    expect(message.locator("code")).to_have_text("return np.sum(2 * x * (x * w - target))")
    expect(page.get_by_text("Traceback")).to_have_count(0)

    page.locator(".jp-CodeCell .cm-content").nth(1).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(GRADIENT)
    page.keyboard.press("Shift+Enter")
    expect(message).to_have_text("", timeout=SOON)
    page.get_by_role("button", name="Step", exact=True).click()
    expect_step(page, 1)
    still = page.locator(".jp-RenderedImage img")
    expect(still).to_have_count(1)
    expect(still).to_be_hidden()

    page.get_by_role("button", name=re.compile("^Save")).click()
    saved = jupyter.folder / name_of(page)
    wait_until(lambda: "image/png" in saved.read_text(), "the notebook to be saved")
    address = page.url.split("?")[0]
    page.goto("about:blank")
    jupyter.end_kernels()
    page.goto(address)
    wait_for_kernel(jupyter, page)
    expect(still).to_be_visible(timeout=SOON)


COLOURS = """() => {
    const picture = document.querySelector('.live-picture');
    const style = (selector, property) =>
        getComputedStyle(picture.querySelector(selector))[property];
    let paper = picture;
    while (getComputedStyle(paper).backgroundColor.endsWith(', 0)')) paper = paper.parentElement;
    return { paper: getComputedStyle(paper).backgroundColor,
        text: [style('text.title', 'fill'), style('text.tick', 'fill'), style('button', 'color')],
        marks: [style('.curve', 'stroke'), style('.tangent', 'stroke'), style('.now', 'fill')] } }
"""


def luminance(colour: str, paper: tuple[float, ...] = ()) -> float:
    """Relative luminance (WCAG 2) of "rgb(…)" or "rgba(…)", the latter seen on paper."""
    *rgb, alpha = [*map(float, re.findall(r"[\d.]+", colour)), 1.0][:4]
    mixed = [alpha * c + (1 - alpha) * p for c, p in zip(rgb, paper or rgb, strict=True)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in map(unit, mixed)]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def unit(channel: float) -> float:
    return channel / 255


def contrast(colour: str, paper: str) -> float:
    below = tuple(map(float, re.findall(r"[\d.]+", paper)))[:3]
    dark, light = sorted((luminance(colour, below), luminance(paper)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_readable_in_light_and_dark(open_notebook, jupyter, theme):  # noqa: F811
    """Text stands out at 4.5 : 1 and the marks of the picture at 3 : 1, as WCAG 2 asks."""
    jupyter.theme(f"JupyterLab {theme}")
    page = open_notebook(notebook(GRADIENT), "lab")
    run_all(page)
    expect_step(page, 0)
    colours = page.evaluate(COLOURS)
    assert (luminance(colours["paper"]) > 0.5) == (theme == "Light")
    assert min(contrast(colour, colours["paper"]) for colour in colours["text"]) >= 4.5
    assert min(contrast(colour, colours["paper"]) for colour in colours["marks"]) >= 3
