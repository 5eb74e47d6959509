"""The live network in JupyterLab and Notebook 7, on the course's own notebook."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from playwright.sync_api import Page, expect

from tests.jupyter_server import (  # noqa: F401 (fixtures)
    PATIENCE,
    chromium,
    jupyter,
    open_notebook,
    run_all,
)

ROOT = Path(__file__).parent.parent
SOON = 1000 * PATIENCE


def notebook_06():
    """What the live picture of 06 needs, with a stub for its forward pass."""
    nb = nbformat.read(ROOT / "solutions/06-xor/06-xor.ipynb", as_version=4)
    wanted = ("from course", "def xor_", "def deltas", "network(")
    cells = [
        cell
        for cell in nb.cells
        if cell.cell_type == "code" and any(word in cell.source for word in wanted)
    ]
    cells = [cell for cell in cells if not re.match(r"check\(|with once_written", cell.source)]
    where = next(i for i, cell in enumerate(cells) if "def xor_forward" in cell.source)
    right = cells[where].source
    cells[where] = new_code_cell("def xor_forward(theta, X):\n    raise NotImplementedError")
    nb.cells = cells
    return nb, where, right


def expect_picture(page: Page, start: str, words: str) -> None:
    """Until the image whose sentence begins so also says this."""
    image = page.get_by_role("img", name=re.compile(f"^{start}.*{words}"))
    expect(image).to_be_visible(timeout=SOON)


@pytest.mark.parametrize("where", ["lab", "notebook"])
def test_a_stub_is_waited_for_and_then_delta_goes_back(open_notebook, where):  # noqa: F811
    """By keyboard: the stub is named; once mended, one layer back, play, learning rate, reset."""
    nb, place, right = notebook_06()
    page, errors = open_notebook(nb, where), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    run_all(page)
    message = page.locator(".live-picture .message")
    expect(message).to_contain_text("xor_forward is not written yet", timeout=SOON)
    expect(page.get_by_text("Traceback")).to_have_count(0)

    page.locator(".jp-CodeCell .cm-content").nth(place).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(right)
    page.keyboard.press("Shift+Enter")
    expect(message).to_have_text("", timeout=SOON)
    expect_picture(page, "The way back", "no δ shown yet")

    page.get_by_role("button", name="One layer back").focus()
    page.keyboard.press("Enter")
    expect_picture(page, "The way back", "layer 2: .*Next: δ of layer 2 goes back")
    page.keyboard.press("Space")
    expect_picture(page, "The way back", "layer 2: .*; layer 1: ")
    page.keyboard.press("Enter")
    expect_picture(page, "Network 2 → 2 → 1, example 2", "its answer is")

    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("Enter")
    expect_picture(page, "Loss", r"Epoch [1-9]\d+:")
    slider = page.get_by_role("slider", name="learning rate")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0.56", timeout=SOON)
    page.get_by_role("button", name="Reset").focus()
    page.keyboard.press("Enter")
    expect_picture(page, "Loss", "Epoch 0:")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert not [error for error in errors if "schema" not in error]
