#!/usr/bin/env python3
"""Makes the pictures of the chat page and of the API's page in docs/images, with real answers of a real model.

  build/venv/bin/python tests/browser/screenshots.py MODEL.gguf [--bin build/release/samovar] [--out docs/images]

Needs Chromium and `tools/venv.sh browser`. SPDX-License-Identifier: Apache-2.0
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from chat_page import ChatPage, chromium_path  # noqa: E402
from server_process import ServerProcess  # noqa: E402

DESKTOP = {"viewport": {"width": 1200, "height": 760}, "device_scale_factor": 1.5}
PHONE = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}

# Questions, and older chats that fill the list: [title, age in days].
TEXTS = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def older_chats(language):
    now = time.time() * 1000
    chats = [{"id": f"older-{i}", "title": title, "created": now - days * 86_400_000, "updated": now - days * 86_400_000,
              "messages": [{"role": "user", "content": title}]} for i, (title, days) in enumerate(TEXTS["older"][language])]
    file = Path(tempfile.mkdtemp()) / "chats.json"
    file.write_text(json.dumps({"format": "samovar-chats", "chats": chats}), encoding="utf-8")
    return file


def open_chat(browser, url, language="en", **options):
    locale = {"en": "en-GB", "ru": "ru-RU"}[language]
    chat = ChatPage(browser.new_context(locale=locale, **options), url)
    chat.import_from(older_chats(language))
    chat.page.fill("input[name=temperature]", "0")
    chat.page.fill("input[name=max_tokens]", "400")
    chat.page.press("input[name=max_tokens]", "Tab")
    chat.page.keyboard.press("Escape")
    expect(chat.toasts).to_have_count(1)
    chat.page.locator(".toast button").click()
    return chat


def take(chat, path):
    """From the top of the conversation, with the colours of its code there, and no pointer over it."""
    chat.page.mouse.move(700, 5)
    chat.page.wait_for_load_state("networkidle")
    chat.page.locator("#scroller").evaluate("element => { element.scrollTop = 0; }")
    chat.page.wait_for_timeout(400)
    chat.page.screenshot(path=path)
    chat.close()
    print(path)


def ask_and_take(browser, server, question, path, **options):
    chat = open_chat(browser, server.url, **options)
    chat.ask(question)
    take(chat, path)


def take_docs(browser, server, path):
    page = browser.new_page(**DESKTOP, color_scheme="light")
    page.goto(f"{server.url}/docs#tokenize")
    form = page.locator("#tokenize")
    form.get_by_role("button", name="Send").click()
    form.get_by_role("status").filter(has_text="200 OK").wait_for()
    page.screenshot(path=path)
    print(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--bin", default=str(ROOT / "build/release/samovar"))
    parser.add_argument("--only-docs", action="store_true", help="the API's page alone")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/images")
    options = parser.parse_args()
    server = ServerProcess(options.bin, options.model, "--ctx-size", 4096).wait_until_ready()
    try:
        with sync_playwright() as started:
            browser = started.chromium.launch(executable_path=chromium_path())
            out = options.out
            take_docs(browser, server, out / "api-page.png")
            if options.only_docs:
                return
            ask_and_take(browser, server, TEXTS["code"], out / "chat-page.png", color_scheme="light", **DESKTOP)
            ask_and_take(browser, server, TEXTS["table"], out / "chat-page-dark.png", color_scheme="dark", **DESKTOP)
            ask_and_take(browser, server, TEXTS["steps"], out / "chat-page-phone.png", color_scheme="light", **PHONE)
            ask_and_take(browser, server, TEXTS["russian"], out / "chat-page-russian.png", language="ru", color_scheme="light", **DESKTOP)
            start = open_chat(browser, server.url, color_scheme="dark", **PHONE)
            take(start, out / "chat-page-phone-start.png")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
