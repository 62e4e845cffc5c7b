"""Keyboard, screen readers, contrast, narrow screens and languages.

SPDX-License-Identifier: Apache-2.0
"""

import json
import re
from pathlib import Path
from threading import Event

import pytest

from playwright.sync_api import expect
from stub_server import Reply

WEB = Path(__file__).resolve().parents[2] / "web"
RICH = ("# Title\n\nA *paragraph* with `code` and a [link](https://a.example).\n\n> quoted\n\n"
        "| tea | taste |\n|-----|-------|\n| green | fresh |\n\n```python\n# note\ndef f(x=1): return 'y'\n```\n")
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}

# Texts whose contrast with what is behind them is below AA: [[text, ratio], ...]
LOW_CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const rgb = (css, under) => {
    canvas.fillStyle = `rgb(${under})`; canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (c) => {
    const [r, g, b] = c.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => element ? rgb(getComputedStyle(element).backgroundColor, behind(element.parentElement)) : [255, 255, 255];
  const low = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
    if (!text || !element.checkVisibility({visibilityProperty: true}) || element.closest(".hidden, :disabled, .skip, [inert]")) continue;
    const style = getComputedStyle(element), back = behind(element), front = rgb(style.color, back);
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) low.push([text.slice(0, 30), Math.round(ratio * 100) / 100]);
  }
  return low;
}"""


def texts(language):
    """The page's texts by key, as written."""
    source = (WEB / "lang" / f"{language}.js").read_text(encoding="utf-8")
    return {key: text.strip('",') for key, text in re.findall(r"^  (\w+): (.*)", source, re.M)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_their_ground(stub, open_page, scheme):
    stub.replies = [Reply([RICH]), Reply(status=503, error={"message": "all slots are busy"})]
    chat = open_page(stub.url, color_scheme=scheme)
    assert chat.page.evaluate(LOW_CONTRAST) == []
    chat.ask("Show me everything")
    expect(chat.page.locator(".hljs-keyword").first).to_be_visible()
    chat.ask("And an error")
    assert chat.page.evaluate(LOW_CONTRAST) == []
    chat.page.click("#open-settings")
    assert chat.page.evaluate(LOW_CONTRAST) == []


def test_the_theme_can_be_switched_and_is_kept(stub, open_page):
    chat = open_page(stub.url, color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    before = chat.page.evaluate(ground)
    chat.page.click("#theme")
    dark = chat.page.evaluate(ground)
    chat.page.reload()
    assert chat.page.evaluate(ground) == dark != before


def test_everything_that_is_pressed_has_a_name(stub, open_page):
    stub.replies = [Reply([RICH])]
    chat = open_page(stub.url)
    chat.ask("Hello")
    chat.page.click("#open-settings")
    nameless = chat.page.evaluate("""[...document.querySelectorAll("button, select, textarea, input")].filter((element) =>
        !(element.ariaLabel || element.textContent.trim() || element.labels?.length)).map((element) => element.outerHTML)""")
    assert nameless == []


def test_the_tab_key_reaches_the_page_in_order_and_the_focus_is_seen(stub, open_page):
    chat = open_page(stub.url)
    expect(chat.page.locator("#text")).to_be_focused()
    chat.page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(16):
        chat.page.keyboard.press("Tab")
        reached.append(chat.page.evaluate("document.activeElement.id || document.activeElement.className"))
    wanted = ["skip", "close-sidebar", "new-chat", "model", "theme", "open-shortcuts", "open-settings", "example", "text"]
    assert [name for name in wanted if name in reached] == wanted
    chat.page.keyboard.press("Escape")
    outline = chat.page.evaluate("getComputedStyle(document.querySelector('#composer')).borderColor")
    assert outline


def test_shortcuts_are_listed_and_work_in_any_layout(stub, open_page):
    chat = open_page(stub.url)
    chat.ask("Hello")
    chat.page.evaluate("document.activeElement.blur()")
    chat.page.keyboard.press("?")
    dialog = chat.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.locator("kbd", has_text="Enter").first).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    chat.page.keyboard.press("/")
    expect(chat.page.locator("#text")).to_be_focused()
    chat.page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: '\u0442', code: 'KeyN', altKey: true, bubbles: true}))")
    expect(chat.page.locator(".welcome")).to_be_visible()


def test_a_dialog_gives_the_focus_back(stub, open_page):
    chat = open_page(stub.url)
    chat.page.focus("#open-settings")
    chat.page.keyboard.press("Enter")
    expect(chat.page.get_by_role("dialog")).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.page.locator("#open-settings")).to_be_focused()


def test_an_answer_is_announced_in_whole_and_not_by_token(stub, open_page):
    stub.replies = [Reply(["One ", "two ", "three. ", "Four ", "five."])]
    chat = open_page(stub.url)
    chat.ask("Count")
    region = chat.page.locator("#announcer")
    assert region.get_attribute("aria-live") == "polite"
    expect(region.locator("p")).to_have_text(["The answer is being written", "One two three. Four five.", "The answer is complete"])
    assert chat.page.locator("#transcript").get_attribute("aria-live") == "off"


def test_a_stopped_answer_is_announced_as_such_and_goes_on_where_it_was(stub, open_page):
    stub.replies = [Reply(["One two three.", Event()]), Reply([" Four five."])]
    chat = open_page(stub.url)
    chat.send("Count")
    expect(chat.answers.last).to_contain_text("three.")
    chat.button("Stop").click()
    said = ["The answer is being written", "One two three.", "Stopped"]
    expect(chat.page.locator("#announcer p")).to_have_text(said)
    chat.button("Continue").click()
    said += ["The answer is being written", "Four five.", "The answer is complete"]
    expect(chat.page.locator("#announcer p")).to_have_text(said)


def test_the_focus_stays_with_its_chat_when_the_list_changes(stub, open_page):
    chat = open_page(stub.url)
    chat.ask("About tea")
    chat.page.get_by_role("button", name="Rename the chat").click()
    chat.page.get_by_role("dialog").get_by_role("textbox").fill("Leaves")
    chat.page.keyboard.press("Enter")
    expect(chat.page.get_by_role("button", name="Rename the chat \u201cLeaves\u201d")).to_be_focused()


def test_a_selection_that_ends_beside_a_dialog_does_not_close_it(stub, open_page):
    chat = open_page(stub.url)
    chat.ask("About tea")
    chat.page.get_by_role("button", name="Rename the chat").click()
    dialog = chat.page.get_by_role("dialog")
    field, box = dialog.get_by_role("textbox").bounding_box(), dialog.bounding_box()
    chat.page.mouse.move(field["x"] + 30, field["y"] + 10)
    chat.page.mouse.down()
    chat.page.mouse.move(box["x"] - 40, field["y"] + 10)
    chat.page.mouse.up()
    chat.page.mouse.click(box["x"] + 4, box["y"] + 4)  # its own padding
    expect(dialog).to_be_visible()
    chat.page.mouse.click(box["x"] - 40, field["y"] + 10)
    expect(dialog).to_have_count(0)


def test_the_skip_link_leaves_the_address_alone(stub, open_page):
    chat = open_page(stub.url)
    chat.ask("About tea")
    address = chat.page.url
    chat.page.focus("#skip")
    chat.page.keyboard.press("Enter")
    expect(chat.page.locator("#text")).to_be_focused()
    assert chat.page.url == address


def test_escape_in_the_drawer_closes_it_and_the_answer_goes_on(stub, open_page):
    go_on = Event()
    stub.replies = [Reply(["One", go_on, " and two."])]
    chat = open_page(stub.url, **PHONE)
    chat.send("Count")
    expect(chat.answers.last).to_contain_text("One")
    chat.button("Show the chats").tap()
    chat.page.locator(".chat-title").focus()
    chat.page.keyboard.press("Escape")
    expect(chat.page.locator("#sidebar")).to_be_hidden()
    go_on.set()
    expect(chat.answers.last).to_contain_text("One and two.")


def test_nothing_moves_when_less_motion_is_wished(stub, open_page):
    chat = open_page(stub.url, reduced_motion="reduce")
    chat.ask("Hello")
    assert chat.page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("width", [320, 360, 600, 900])
def test_no_width_scrolls_sideways(stub, open_page, width):
    stub.replies = [Reply([RICH + "| a wide cell " * 20 + "|\n" + "|---" * 20 + "|\n" + "| another wide cell " * 20 + "|\n\n" + "x" * 400])]
    chat = open_page(stub.url, viewport={"width": width, "height": 700})
    fits = "document.documentElement.scrollWidth <= innerWidth && document.getElementById('scroller').scrollWidth <= innerWidth"
    assert chat.page.evaluate(fits)
    chat.ask("A wide one")
    assert chat.page.evaluate(fits)
    chat.page.click("#open-settings")
    assert chat.page.evaluate("(() => { const d = document.querySelector('dialog'); return d.scrollWidth <= d.clientWidth; })()")


def test_on_a_phone_the_chats_are_a_drawer(stub, open_page):
    chat = open_page(stub.url, **PHONE)
    chat.ask("About tea")
    expect(chat.page.locator("#sidebar")).to_be_hidden()
    chat.button("Show the chats").tap()
    expect(chat.page.locator("#sidebar")).to_be_visible()
    assert chat.page.evaluate("document.getElementById('page').inert")
    chat.page.locator(".chat-title").tap()
    expect(chat.page.locator("#sidebar")).to_be_hidden()
    small = chat.page.evaluate("""[...document.querySelectorAll("button")].filter((button) => button.checkVisibility({visibilityProperty: true}))
        .map((button) => button.getBoundingClientRect()).filter((box) => Math.min(box.width, box.height) < 24).length""")
    assert small == 0


def test_a_right_to_left_answer_is_set_from_the_right(stub, open_page):
    stub.replies = [Reply(["\u0645\u0631\u062d\u0628\u0627\n\nHello world"])]
    chat = open_page(stub.url)
    chat.ask("Hello")
    direction = "element => getComputedStyle(element).direction"
    assert chat.answers.last.locator("p").first.evaluate(direction) == "rtl"
    assert chat.answers.last.locator("p").last.evaluate(direction) == "ltr"


def test_a_russian_browser_gets_russian_and_the_choice_is_kept(stub, open_page):
    chat = open_page(stub.url, locale="ru-RU")
    expect(chat.page.locator("html")).to_have_attribute("lang", "ru")
    russian = texts("ru")
    speed = russian["speed"].format(rate="24,1")
    tokens = russian["tokens_of"].format(used="41", context="4\u00a0096")
    expect(chat.button(russian["new_chat"]).first).to_be_visible()
    chat.ask("Hello")
    expect(chat.page.locator("#meter")).to_have_text(speed + " \u00b7 " + tokens)
    chat.page.click("#open-settings")
    chat.page.get_by_label(russian["language"]).select_option("en")
    expect(chat.page.get_by_role("dialog", name="Settings")).to_be_visible()
    chat.page.reload()
    expect(chat.button("New chat").first).to_be_visible()


def test_both_languages_hold_the_same_keys():
    keys = {}
    for language in ("en", "ru"):
        keys[language] = {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in texts(language).items()}
    assert json.dumps(keys["en"], sort_keys=True) == json.dumps(keys["ru"], sort_keys=True)
