"""A person chats: against a real server with the small model, and against answers written here.

SPDX-License-Identifier: Apache-2.0
"""

import json
import re
from threading import Event

import pytest

from playwright.sync_api import expect
from stub_server import Reply


def test_a_real_model_answers_and_its_speed_and_context_are_shown(server, open_page):
    chat = open_page(server.url)
    chat.page.click("#open-settings")
    chat.page.fill("input[name=max_tokens]", "24")
    chat.page.press("input[name=max_tokens]", "Tab")
    chat.page.keyboard.press("Escape")
    chat.ask("Say hello.")
    assert chat.answer_text.strip()
    expect(chat.page.locator("#meter")).to_have_text(re.compile(r"^[\d.]+ tok/s \u00b7 \d+ of 2,048 tokens$"))
    assert "smollm2" in chat.page.locator("#model option").first.inner_text()


def never_ending(route):
    """Asks for an answer that does not end by itself, whatever the model says."""
    route.continue_(post_data=json.dumps({**route.request.post_data_json, "ignore_eos": True}))


def test_a_real_answer_stops_when_asked_and_can_be_continued(server, open_page):
    chat = open_page(server.url)
    chat.page.route("**/v1/chat/completions", never_ending)
    chat.send("Count from one to one thousand, in words.")
    expect(chat.answers.last.locator(".block").first).to_be_visible(timeout=60_000)
    chat.page.keyboard.press("Escape")
    chat.wait_for_end()
    before = chat.answer_text
    expect(chat.answers.last).to_contain_text("Stopped")
    chat.button("Continue").click()
    expect(chat.page.locator("#stop")).to_be_visible()
    expect(chat.answers.last.locator(".markdown")).not_to_have_text(before, timeout=60_000)
    chat.page.click("#stop")
    chat.wait_for_end()
    assert len(chat.answer_text) > len(before)


def test_enter_sends_and_shift_enter_starts_a_line(stub, open_page):
    chat = open_page(stub.url)
    chat.page.click("#text")
    chat.page.keyboard.type("one")
    low = chat.page.locator("#text").bounding_box()["height"]
    chat.page.keyboard.press("Shift+Enter")
    chat.page.keyboard.type("two")
    assert chat.page.locator("#text").bounding_box()["height"] > low
    chat.page.keyboard.press("Enter")
    chat.wait_for_end()
    assert stub.requests[0]["messages"] == [{"role": "user", "content": "one\ntwo"}]
    expect(chat.page.locator("#text")).to_have_value("")
    expect(chat.page.locator("#text")).to_be_focused()


def test_an_answer_is_shown_while_it_comes(stub, open_page):
    go_on = Event()
    stub.replies = [Reply(["The **first", "** part", go_on, " and the rest."])]
    chat = open_page(stub.url)
    chat.send("Hello")
    expect(chat.answers.last.locator("strong")).to_have_text("first")
    expect(chat.answers.last).to_have_attribute("aria-busy", "true")
    go_on.set()
    chat.wait_for_end()
    assert chat.answer_text.strip() == "The first part and the rest."
    expect(chat.page.locator("#meter")).to_have_text("24.1 tok/s \u00b7 43 of 4,096 tokens")


def test_stop_ends_the_request(stub, open_page):
    stub.replies = [Reply(["Part", Event()])]
    chat = open_page(stub.url)
    chat.send("Hello")
    expect(chat.answers.last).to_contain_text("Part")
    chat.button("Stop").click()
    chat.wait_for_end()
    assert stub.left.wait(10)
    assert chat.answer_text.strip() == "Part"


def test_an_answer_is_made_again(stub, open_page):
    stub.replies = [Reply(["First."]), Reply(["Second."])]
    chat = open_page(stub.url)
    chat.ask("Hello")
    chat.button("Answer again").click()
    expect(chat.answers.last).to_contain_text("Second.")
    expect(chat.answers).to_have_count(1)
    assert stub.requests[1]["messages"] == [{"role": "user", "content": "Hello"}]


def test_an_edited_message_cuts_what_follows(stub, open_page):
    chat = open_page(stub.url)
    chat.ask("First question")
    chat.ask("Second question")
    chat.questions.first.hover()
    chat.button("Edit", chat.questions.first).click()
    chat.page.get_by_label("Edit the message").fill("Another question")
    chat.page.keyboard.press("Enter")
    chat.wait_for_end()
    expect(chat.questions).to_have_count(1)
    assert stub.requests[2]["messages"] == [{"role": "user", "content": "Another question"}]


def test_arrow_up_edits_the_last_message_and_escape_leaves_it(stub, open_page):
    chat = open_page(stub.url)
    chat.ask("A question")
    chat.page.keyboard.press("ArrowUp")
    expect(chat.page.get_by_label("Edit the message")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.questions.last).to_have_text("A question")


def test_chats_survive_a_reload_and_are_renamed_and_deleted(stub, open_page):
    chat = open_page(stub.url)
    chat.ask("About tea")
    chat.button("New chat").first.click()
    chat.ask("About coffee")
    chat.page.reload()
    expect(chat.questions).to_have_text("About coffee")
    assert chat.chat_titles == ["About coffee", "About tea"]
    chat.page.locator(".chat-title", has_text="About tea").click()
    expect(chat.questions).to_have_text("About tea")
    chat.page.get_by_role("button", name="Rename the chat \u201cAbout tea\u201d").click()
    chat.page.get_by_role("dialog").get_by_role("textbox").fill("Leaves")
    chat.page.keyboard.press("Enter")
    expect(chat.page.locator(".chat-row.current")).to_contain_text("Leaves")
    chat.page.get_by_role("button", name="Delete the chat \u201cLeaves\u201d").click()
    expect(chat.page.locator(".chat-title")).to_have_text(["About coffee"])
    chat.button("Undo").click()
    expect(chat.page.locator(".chat-title")).to_have_text(["About coffee", "Leaves"])


def test_a_reload_in_an_answer_keeps_its_beginning(stub, open_page):
    stub.replies = [Reply(["The beginning", 1.2, " of it", Event()]), Reply([" and the end."])]
    chat = open_page(stub.url)
    chat.send("Hello")
    expect(chat.answers.last).to_contain_text("The beginning of it")
    chat.page.reload()
    expect(chat.answers.last).to_contain_text("Stopped")
    chat.button("Continue").click()
    expect(chat.answers.last).to_contain_text(" and the end.")
    assert chat.answer_text.startswith("The beginning")


def test_an_answer_goes_on_while_another_chat_is_read(stub, open_page):
    go_on = Event()
    stub.replies = [Reply(["Begun", go_on, " and ended."])]
    chat = open_page(stub.url)
    chat.send("A long one")
    expect(chat.answers.last).to_contain_text("Begun")
    chat.page.keyboard.press("Alt+n")
    chat.ask("Another one")
    assert chat.answer_text.strip() == "Hello."
    go_on.set()
    chat.page.locator(".chat-title", has_text="A long one").click()
    expect(chat.answers.last).to_contain_text("Begun and ended.")


def test_settings_and_system_prompt_go_into_the_request(stub, open_page):
    chat = open_page(stub.url)
    chat.page.keyboard.press("Alt+s")
    chat.page.get_by_label("System prompt").fill("Answer in rhymes.")
    chat.page.get_by_label("Temperature").fill("0.3")
    chat.page.get_by_label("Seed").fill("7")
    chat.page.get_by_label("Top-p").fill("5")
    chat.page.get_by_label("Top-p").press("Tab")
    expect(chat.page.get_by_label("Top-p")).to_have_value("1")
    chat.page.keyboard.press("Escape")
    chat.ask("Hello")
    request = stub.requests[0]
    assert request["messages"][0] == {"role": "system", "content": "Answer in rhymes."}
    assert (request["temperature"], request["seed"], request["top_p"]) == (0.3, 7, 1)
    assert request["stream_options"] == {"include_usage": True}
    assert "top_k" not in request


def test_the_chosen_model_is_asked_and_remembered(stub, open_page):
    chat = open_page(stub.url)
    chat.page.get_by_label("Model", exact=True).select_option(label="other-chat")
    chat.ask("Hello")
    chat.page.reload()
    expect(chat.page.locator("#model")).to_have_value("other-chat.gguf")
    assert stub.requests[0]["model"] == "other-chat.gguf"


def test_models_in_memory_stand_apart_until_the_other_is_loaded_too(stub, open_page):
    stub.loaded = {"other-chat.gguf"}
    chat = open_page(stub.url)
    groups = chat.page.locator("#model optgroup")
    expect(groups).to_have_count(2)
    assert [group.get_attribute("label") for group in groups.all()] == ["In memory", "On disk, loaded when asked"]
    assert [option.inner_text() for option in groups.locator("option").all()] == ["other-chat", "tiny-chat"]
    chat.page.get_by_label("Model", exact=True).select_option(label="tiny-chat")
    chat.ask("Hello")
    expect(groups).to_have_count(0)
    expect(chat.page.locator("#model")).to_have_value("tiny-chat.gguf")
    expect(chat.page.locator("#meter")).to_contain_text("4,096")


@pytest.mark.parametrize("parts", [
    ["<think>\nIt greets", " me.\n</think>\n\nHello!"],
    [{"reasoning_content": "It greets me."}, {"content": "Hello!"}],
])
def test_thoughts_are_folded_and_not_sent_again(stub, open_page, parts):
    stub.replies = [Reply(parts)]
    chat = open_page(stub.url)
    chat.ask("Hi")
    assert chat.answer_text.strip() == "Hello!"
    expect(chat.page.locator(".thoughts-text")).to_be_hidden()
    chat.page.locator(".thoughts summary").click()
    expect(chat.page.locator(".thoughts-text")).to_have_text("It greets me.")
    chat.ask("Again")
    assert stub.requests[1]["messages"][1] == {"role": "assistant", "content": "Hello!"}


def test_code_is_coloured_and_copied(stub, open_page):
    stub.replies = [Reply(["```py\ndef f():\n    return 'x'\n```"])]
    chat = open_page(stub.url, permissions=["clipboard-read", "clipboard-write"])
    chat.ask("Code, please")
    expect(chat.page.locator(".code .hljs-keyword").first).to_have_text("def")
    chat.button("Copy", chat.page.locator(".code")).click()
    expect(chat.button("Copied", chat.page.locator(".code"))).to_be_visible()
    assert chat.page.evaluate("navigator.clipboard.readText()") == "def f():\n    return 'x'"


def test_the_view_follows_the_answer_until_the_user_scrolls_up(stub, open_page):
    go_on = Event()
    stub.replies = [Reply(["line\n\n"] * 60 + [go_on] + ["more\n\n"] * 60)]
    chat = open_page(stub.url)
    chat.send("A long one")
    at_end = "(() => { const s = document.getElementById('scroller'); return s.scrollHeight - s.clientHeight - s.scrollTop < 30; })()"
    expect(chat.answers.last.locator(".block")).to_have_count(60)
    chat.page.wait_for_function(at_end)
    chat.page.mouse.move(600, 300)
    chat.page.mouse.wheel(0, -400)
    expect(chat.page.locator("#to-end")).to_be_visible()
    go_on.set()
    chat.wait_for_end()
    assert not chat.page.evaluate(at_end)
    chat.button("Jump to the end").click()
    chat.page.wait_for_function(at_end)
    expect(chat.page.locator("#to-end")).to_be_hidden()


def test_chats_are_exported_deleted_and_imported(stub, open_page, tmp_path):
    stub.replies = [Reply(["Kept **answer**."])]
    chat = open_page(stub.url)
    chat.ask("A question to keep")
    kept = tmp_path / "chats.json"
    chat.export_to(kept)
    assert json.loads(kept.read_text(encoding="utf-8"))["chats"][0]["messages"][0]["content"] == "A question to keep"
    chat.button("Delete all").click()
    chat.button("Delete all", chat.page.locator("dialog.small")).click()
    expect(chat.page.locator(".chat-title")).to_have_count(0)
    chat.import_from(kept)
    chat.page.keyboard.press("Escape")
    chat.page.locator(".chat-title").click()
    expect(chat.answers.last.locator("strong")).to_have_text("answer")


def test_an_older_file_replaces_nothing_that_was_written_since(stub, open_page, tmp_path):
    chat = open_page(stub.url)
    chat.ask("First question")
    kept = tmp_path / "chats.json"
    chat.export_to(kept)
    chat.page.keyboard.press("Escape")
    chat.ask("Second question")
    chat.import_from(kept)
    expect(chat.toasts).to_contain_text("Chats imported: 0")
    chat.page.reload()
    expect(chat.questions).to_have_text(["First question", "Second question"])


def test_two_tabs_see_each_others_chats(stub, open_page):
    chat = open_page(stub.url)
    other = chat.context.new_page()
    other.goto(stub.url)
    titles = other.locator(".chat-title")
    chat.ask("First question")
    expect(titles).to_have_text(["First question"])
    titles.click()
    chat.ask("Second question")
    expect(other.locator("article.user")).to_have_text(["First question", "Second question"])
    other.fill("#text", "Third question")
    other.press("#text", "Enter")
    expect(chat.questions).to_have_text(["First question", "Second question", "Third question"])
    chat.page.get_by_role("button", name="Delete the chat").click()
    expect(titles).to_have_count(0)
    expect(other.locator(".welcome")).to_be_visible()


def test_settings_of_another_tab_are_not_overwritten(stub, open_page):
    chat = open_page(stub.url)
    other = chat.context.new_page()
    other.goto(stub.url)
    chat.page.get_by_label("Model", exact=True).select_option(label="other-chat")
    other.click("#theme")
    chat.page.reload()
    expect(chat.page.locator("#model")).to_have_value("other-chat.gguf")


def test_a_file_that_holds_no_chats_is_refused(stub, open_page, tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"format": "samovar-chats", "chats": [{"id": "x", "messages": [{"role": "system"}]}, 7]}')
    chat = open_page(stub.url)
    chat.import_from(wrong)
    expect(chat.toasts).to_contain_text("holds no chats")


def test_full_storage_is_said_and_the_chat_goes_on(stub, open_page):
    chat = open_page(stub.url)
    chat.page.evaluate("""() => {
        IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
    }""")
    chat.ask("Hello")
    expect(chat.toasts).to_contain_text("storage is full")
    assert chat.answer_text.strip() == "Hello."


def test_an_example_starts_a_chat(stub, open_page):
    chat = open_page(stub.url)
    chat.page.locator(".example").first.click()
    chat.wait_for_end()
    assert "samovar" in stub.requests[0]["messages"][0]["content"]
