"""Notebooks in a real browser: a Jupyter server of its own, Chromium, and pages that are ready.

A test module imports the fixtures ``jupyter``, ``chromium`` and ``open_notebook``. They last for
one module, not for the session: while Playwright runs, asyncio cannot be used by other tests.
"""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

REPOSITORY = Path(__file__).parent.parent
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
ADDRESSES = {"lab": "lab/tree", "notebook": "notebooks"}
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}
#: Seconds that a server, a page or a kernel may take on a slow machine before a test gives up.
PATIENCE = 120


@dataclass
class Jupyter:
    """A running server. ``folder`` holds its notebooks."""

    url: str
    token: str
    folder: Path

    def ask(self, method: str, path: str, data: dict | None = None):
        """The server's answer, from JSON; None if it is empty. Raises URLError."""
        request = Request(
            f"{self.url}/{path}",
            method=method,
            data=None if data is None else json.dumps(data).encode(),
            headers={"Authorization": f"token {self.token}"},
        )
        with urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def theme(self, name: str) -> None:
        """ "JupyterLab Light" or "JupyterLab Dark", for pages opened from now on."""
        path = "lab/api/settings/@jupyterlab/apputils-extension:themes"
        self.ask("PUT", path, {"raw": json.dumps({"theme": name})})

    def kernel_of(self, notebook: str) -> dict | None:
        """What the server knows of the notebook's kernel, or None if it has none."""
        kernels = [s["kernel"] for s in self.ask("GET", "api/sessions") if s["path"] == notebook]
        return kernels[0] if kernels else None

    def end_kernels(self) -> None:
        """End the kernels of all notebooks."""
        for session in self.ask("GET", "api/sessions"):
            self.ask("DELETE", f"api/sessions/{session['id']}")


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory) -> Iterator[Jupyter]:
    """JupyterLab and Notebook 7 on one server, with nothing of this machine's settings."""
    home = tmp_path_factory.mktemp("jupyter")
    (home / "config/labconfig").mkdir(parents=True)
    overrides = home / "config/labconfig/default_setting_overrides.json"
    overrides.write_text(json.dumps(SETTINGS))
    folder = home / "notebooks"
    folder.mkdir()
    port, token = _free_port(), secrets.token_hex(16)
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            _command(port, folder), env=_environment(home, token), stdout=log, stderr=log
        )
    server = Jupyter(f"http://127.0.0.1:{port}", token, folder)
    try:
        wait_until(
            lambda: _answers(server, process), f"the server; its log is {home / 'server.log'}"
        )
        yield server
    finally:
        # A server that is killed leaves its kernels behind; one that is asked ends them.
        if process.poll() is None:
            server.ask("POST", "api/shutdown")
            process.wait(PATIENCE)


def _command(port: int, folder: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.allow_root=True"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        f"--ServerApp.root_dir={folder}",
    ]


def _environment(home: Path, token: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    own = {
        "HOME": home,
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTER_TOKEN": token,
        "PYTHONPATH": REPOSITORY,
    }
    return kept | {name: str(value) for name, value in own.items()}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(server: Jupyter, process: subprocess.Popen) -> bool:
    if process.poll() is not None:
        pytest.fail(f"the Jupyter server ended by itself with exit code {process.returncode}")
    try:
        return server.ask("GET", "api/status") is not None
    except (URLError, ConnectionError):
        return False


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait until ``condition()`` is true; the test fails if it is not in time."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {PATIENCE} s for {what}")
        time.sleep(0.1)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Its absence is a failure, never a skip."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing; install it with: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_notebook(jupyter: Jupyter, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """``open_notebook(notebook, where)`` opens a copy; the page is ready when its kernel is idle.

    ``notebook``: a path or a notebook node. ``where``: "lab" or "notebook". The kernels that its
    pages used are ended with the test.
    """
    contexts = []

    def open_it(notebook: Path | nbformat.NotebookNode, where: str) -> Page:
        if isinstance(notebook, Path):
            notebook = nbformat.read(notebook, as_version=4)
        name = f"copy-{secrets.token_hex(4)}.ipynb"
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, jupyter.folder / name)
        contexts.append(chromium.new_context(viewport={"width": 1280, "height": 1000}))
        page = contexts[-1].new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.goto(f"{jupyter.url}/{ADDRESSES[where]}/{name}?reset&token={jupyter.token}")
        wait_for_kernel(jupyter, page)
        return page

    yield open_it
    for context in contexts:
        context.close()
    jupyter.end_kernels()


def wait_for_kernel(jupyter: Jupyter, page: Page) -> None:
    """Wait until the page's notebook has an idle kernel. Before that, Run All runs nothing.

    The page alone cannot tell: it says "idle" before there is a kernel.
    """
    name = name_of(page)
    wait_until(lambda: _connected(jupyter.kernel_of(name)), f"the kernel of {name}")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()


def name_of(page: Page) -> str:
    """The file name of the page's notebook, in ``jupyter.folder``."""
    return page.url.split("?")[0].rsplit("/", 1)[-1]


def _connected(kernel: dict | None) -> bool:
    return bool(kernel and kernel["execution_state"] == "idle" and kernel["connections"] > 0)


def run_all(page: Page) -> None:
    """Run All Cells, and wait until the last one with code has a number."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    last = page.locator(".jp-CodeCell .jp-InputArea-prompt").last
    expect(last).to_have_text(re.compile(r"\[\d+\]"), timeout=1000 * PATIENCE)
