"""A real browser: pages that send events, pages that may not, and the page that documents the API."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.factories import wait_until
from tests.integration.conftest import CLIENTS
from tests.integration.lab import KEY, Lab

CHROMIUM = shutil.which("chromium")
SCREENSHOTS = Path(__file__).parents[2] / ".touchlake/screenshots"
PAGE = """
<!DOCTYPE html><title>shop</title><button>touch</button><p id="answer"></p>
<script>
const event = (id) => ({messageId: id, anonymousId: "visitor", event: "touch_sent"});
document.querySelector("button").onclick = async () => {
  const answer = document.querySelector("#answer");
  try {
    const response = await fetch("API/v1/events", {
      method: "POST", keepalive: true, body: JSON.stringify(event("click")),
      headers: {"Content-Type": "application/json", "Authorization": "Bearer KEY"},
    });
    answer.textContent = response.status;
  } catch (error) { answer.textContent = "refused"; }
};
addEventListener("pagehide", () => {
  navigator.sendBeacon("API/v1/events", JSON.stringify({writeKey: "KEY", ...event("beacon")}));
});
</script>
"""
SCRIPTS = CLIENTS / "node_modules/@segment/analytics-next/dist/umd"
SEGMENT_PAGE = """
<!DOCTYPE html><title>shop</title><button>touch</button>
<script src="/umd/index.js"></script>
<script>
const where = {apiKey: "KEY", apiHost: "HOST/v1", protocol: "http"};
const cdnSettings = {integrations: {"Segment.io": where}};
const analytics = AnalyticsNext.AnalyticsBrowser.load({writeKey: "KEY", cdnSettings});
document.querySelector("button").onclick = () => analytics.track("touch_sent", {duration_ms: 1200});
</script>
"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not on PATH: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield running
        running.close()


@contextmanager
def site() -> Iterator[tuple[ThreadingHTTPServer, int]]:
    """Serve the page on a free port; its text is set once the API's address is known."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = SCRIPTS / self.path.removeprefix("/umd/")
            is_script = self.path.startswith("/umd/") and script.is_file()
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if is_script else "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(script.read_bytes() if is_script else self.server.text)  # type: ignore[attr-defined]

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server, server.server_port
        finally:
            server.shutdown()
            thread.join(10)


@contextmanager
def shop(lab: Lab, browser: Browser, *, host: str, text: str = PAGE) -> Iterator[Page]:
    """Open the page from a host; the API lets the pages of 127.0.0.1 send."""
    with site() as (server, port):
        api = lab.api(API_ORIGINS=f"http://127.0.0.1:{port}")
        for name, value in {"HOST": api.url.removeprefix("http://"), "API": api.url, "KEY": KEY}.items():
            text = text.replace(name, value)
        server.text = text.encode()  # type: ignore[attr-defined]
        page = browser.new_page()
        page.set_default_timeout(20_000)
        page.goto(f"http://{host}:{port}/")
        yield page
        page.close()


def test_a_click_and_a_beacon_at_unload_are_events_in_the_lake(lab: Lab, browser: Browser) -> None:
    lab.worker()
    with shop(lab, browser, host="127.0.0.1") as page:
        page.click("button")
        expect(page.locator("#answer")).to_have_text("202")
        page.goto("about:blank")
        wait_until(lambda: lab.read().rows == 2, "click and beacon are in the lake", 30)

    lab.assert_once("click", "beacon")


def test_segments_library_sends_unchanged(lab: Lab, browser: Browser, node_modules: Path) -> None:
    lab.worker()
    with shop(lab, browser, host="127.0.0.1", text=SEGMENT_PAGE) as page:
        page.click("button")
        wait_until(lambda: lab.read().rows == 1, "the event is in the lake", 30)

    (row,) = lab.rows()
    assert (row["type"], row["event"], row["properties"]) == ("track", "touch_sent", {"duration_ms": 1200})
    assert row["context"]["library"]["name"] == "analytics.js"
    assert row["anonymous_id"]
    assert KEY not in str(row)


def test_a_page_of_a_foreign_origin_is_refused(lab: Lab, browser: Browser) -> None:
    with shop(lab, browser, host="localhost") as page:
        page.click("button")
        expect(page.locator("#answer")).to_have_text("refused")
        page.goto("about:blank")
        metrics = f"{lab.processes[-1].announced('listening', 'url')}/metrics"
        refused = 'touchlake_api_requests_total{route="none",status="403"} 2.0'  # the preflight, and the beacon
        wait_until(lambda: refused in httpx.get(metrics).text, "the beacon is refused too")

    assert lab.backlog == 0


def test_the_documentation_can_be_read_and_tried(lab: Lab, browser: Browser) -> None:
    api = lab.api()
    page = browser.new_page(viewport={"width": 1200, "height": 1400})
    page.set_default_timeout(20_000)
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{api.url}/docs")
    page.click("button.authorize")
    page.fill("#auth-bearer-value", KEY)
    page.locator(".auth-btn-wrapper button.authorize").first.click()
    page.click(".modal-ux button.btn-done")
    operation = page.locator("#operations-events-postEvents")
    operation.locator(".opblock-summary-control").click()
    operation.locator("button.execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("202")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "docs.png")
    page.close()

    assert troubles == []
    assert lab.backlog == 1
