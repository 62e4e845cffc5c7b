"""The chat page in a browser, with the words of its user.

SPDX-License-Identifier: Apache-2.0
"""

import os
import shutil

from playwright.sync_api import expect

# Runs before the page: what a hostile answer would call, and what the browser reports of the policy.
WATCH = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt"]) window[name] = (text) => { window.ran.push(String(text)); };
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


def chromium_path():
    named = os.environ.get("SAMOVAR_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class ChatPage:
    def __init__(self, context, url):
        self.context = context
        self.url = url
        self.errors = []  # uncaught exceptions and reports of the policy
        self.foreign = []  # requests to other servers: aborted
        context.set_default_timeout(20_000)
        context.add_init_script(WATCH)
        context.route(lambda address: not address.startswith((url, "data:", "blob:")), self.refuse)
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self.note_console)
        self.page.goto(url)
        expect(self.page.locator("#state.ready, #state.busy, #state.locked")).to_be_attached()

    def refuse(self, route):
        self.foreign.append(route.request.url)
        route.abort()

    def note_console(self, message):
        if "Content Security Policy" in message.text or "Trusted" in message.text:
            self.errors.append(message.text)

    def close(self):
        ran, refused = self.page.evaluate("[window.ran, window.refused]")
        self.context.close()
        assert (ran, refused, self.errors, self.foreign) == ([], [], [], [])

    # What its user does.
    def send(self, text):
        self.page.fill("#text", text)
        self.page.press("#text", "Enter")

    def ask(self, text):
        """Sends, and waits for the end of the answer."""
        self.send(text)
        self.wait_for_end()

    def wait_for_end(self):
        expect(self.page.locator("#stop")).to_be_hidden(timeout=120_000)
        expect(self.answers.last).to_have_attribute("aria-busy", "false")

    def export_to(self, path):
        """Leaves the settings open."""
        self.page.click("#open-settings")
        with self.page.expect_download() as download:
            self.button("Export").click()
        download.value.save_as(path)

    def import_from(self, path):
        """Leaves the settings open."""
        self.page.click("#open-settings")
        self.page.set_input_files("input[type=file]", path)

    def button(self, name, within=None):
        return (within or self.page).get_by_role("button", name=name, exact=True)

    @property
    def answers(self):
        return self.page.locator("article.assistant")

    @property
    def questions(self):
        return self.page.locator("article.user")

    @property
    def answer_text(self):
        return self.answers.last.locator(".markdown").inner_text()

    @property
    def chat_titles(self):
        return self.page.locator(".chat-title").all_inner_texts()

    @property
    def toasts(self):
        return self.page.locator(".toast")
