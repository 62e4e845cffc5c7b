"""What the page says and offers when the server refuses, is busy, or goes away.

SPDX-License-Identifier: Apache-2.0
"""

import pytest

from playwright.sync_api import expect
from stub_server import Cut, Failure, Reply


def test_a_stream_that_breaks_keeps_its_text_and_can_be_retried(stub, open_page):
    stub.replies = [Reply(["Half an ans", 0.3, Cut]), Reply(["A whole answer."])]
    chat = open_page(stub.url)
    chat.ask("Hello")
    expect(chat.answers.last).to_contain_text("Half an ans")
    expect(chat.page.get_by_role("alert")).to_contain_text("The connection to the server was lost.")
    chat.button("Retry").click()
    expect(chat.answers.last).to_contain_text("A whole answer.")
    expect(chat.page.get_by_role("alert")).to_have_count(0)


def test_an_error_that_is_past_offers_nothing_and_is_not_read_out(stub, open_page):
    stub.replies = [Reply(status=503, error={"message": "all slots are busy"}), Reply(["A good answer."])]
    chat = open_page(stub.url)
    chat.ask("Hello")
    chat.ask("Hello again")
    expect(chat.page.locator(".error")).to_contain_text("The server is busy.")
    expect(chat.page.get_by_role("alert")).to_have_count(0)
    expect(chat.page.get_by_role("button", name="Retry")).to_have_count(0)
    expect(chat.answers.last).to_contain_text("A good answer.")


@pytest.mark.parametrize("kind, says", [
    ("unavailable_error", "The server is busy."),
    ("server_error", "The server answered with error 500."),
])
def test_an_error_inside_a_stream_says_its_kind(stub, open_page, kind, says):
    stub.replies = [Reply(["Half", Failure({"message": "told late", "type": kind, "code": None})])]
    chat = open_page(stub.url)
    chat.ask("Hello")
    expect(chat.page.get_by_role("alert")).to_contain_text(says)


def test_one_model_that_is_loaded_by_its_first_answer_shows_its_context(stub, open_page):
    stub.models, stub.loaded = stub.models[:1], set()
    chat = open_page(stub.url)
    chat.ask("Hello")
    expect(chat.page.locator("#meter")).to_contain_text("of 4,096 tokens")


def test_the_models_of_another_server_at_the_address_are_seen(stub, open_page):
    stub.models = stub.models[:1]
    chat = open_page(stub.url)
    stub.models = ("new-chat.gguf",)
    stub.replies = [Reply(status=404, error={"message": "no such model", "code": "model_not_found"})]
    chat.ask("Hello")
    expect(chat.page.locator("#model option")).to_have_text("new-chat")
    chat.button("Retry").click()
    chat.wait_for_end()
    assert stub.requests[-1]["model"] == "new-chat.gguf"


def test_a_broken_answer_can_be_continued(stub, open_page):
    stub.replies = [Reply(["Half an ans", 0.3, Cut]), Reply(["wer."])]
    chat = open_page(stub.url)
    chat.ask("Hello")
    chat.button("Continue").click()
    expect(chat.answers.last).to_contain_text("Half an answer.")
    assert stub.requests[1]["messages"][-1] == {"role": "assistant", "content": "Half an ans"}


def test_an_answer_is_continued_behind_its_thought(stub, open_page):
    stub.replies = [Reply([{"reasoning_content": "It greets me."}, "Half an ans", 0.3, Cut]), Reply(["wer."])]
    chat = open_page(stub.url)
    chat.ask("Hello")
    chat.button("Continue").click()
    expect(chat.answers.last).to_contain_text("Half an answer.")
    begun = {"role": "assistant", "content": "Half an ans", "reasoning_content": "It greets me."}
    assert stub.requests[1]["messages"][-1] == begun


@pytest.mark.parametrize("status, error, says", [
    (503, {"message": "all slots are busy", "type": "unavailable_error"}, "The server is busy."),
    (503, {"message": "Loading model"}, "The model is still loading."),
    (429, {"message": "limit reached"}, "Too many requests for this key."),
])
def test_a_busy_server_names_the_seconds_to_wait(stub, open_page, status, error, says):
    stub.replies = [Reply(status=status, error=error, headers={"Retry-After": "2"})]
    chat = open_page(stub.url)
    chat.ask("Hello")
    expect(chat.page.get_by_role("alert")).to_contain_text(says)
    expect(chat.page.get_by_role("button", name="Retry in")).to_be_visible()
    chat.button("Retry").click()
    expect(chat.answers.last).to_contain_text("Hello.")


def test_a_chat_over_the_context_says_its_size_and_what_helps(stub, open_page):
    error = {"message": "too long", "code": "context_length_exceeded", "n_prompt_tokens": 5000, "n_ctx": 4096}
    stub.replies = [Reply(status=400, error=error)]
    chat = open_page(stub.url)
    chat.ask("Hello")
    expect(chat.page.get_by_role("alert")).to_contain_text("5,000 of 4,096 tokens")
    expect(chat.page.get_by_role("alert")).to_contain_text("--ctx-size")


def test_an_error_message_is_text(stub, open_page):
    stub.replies = [Reply(status=400, error={"message": "<img src=x onerror=alert(1)>"})]
    chat = open_page(stub.url)
    chat.ask("Hello")
    expect(chat.page.get_by_role("alert")).to_contain_text("<img src=x onerror=alert(1)>")


def test_a_locked_server_asks_for_a_key_that_ends_with_the_tab(stub, open_page):
    stub.key = "secret-1"
    chat = open_page(stub.url)
    dialog = chat.page.get_by_role("dialog", name="API key")
    dialog.get_by_label("API key").fill("wrong")
    chat.page.keyboard.press("Enter")
    chat.ask("Hello")
    expect(chat.page.get_by_role("alert")).to_contain_text("The server refused this API key.")
    chat.button("Enter a key").click()
    dialog.get_by_label("API key").fill("secret-1")
    chat.page.keyboard.press("Enter")
    expect(chat.answers.last).to_contain_text("Hello.")
    assert chat.page.evaluate("JSON.stringify(localStorage)").count("secret") == 0
    assert chat.page.evaluate("sessionStorage.getItem('samovar.key')") == "secret-1"


def test_a_server_that_is_gone_is_seen(stub, open_page):
    chat = open_page(stub.url)
    chat.context.set_offline(True)
    chat.ask("Hello")
    expect(chat.page.get_by_role("alert")).to_contain_text("The connection to the server was lost.")
    expect(chat.page.locator("#state")).to_have_attribute("aria-label", "The server does not answer")


def test_an_empty_answer_is_said(stub, open_page):
    stub.replies = [Reply([])]
    chat = open_page(stub.url)
    chat.ask("Hello")
    expect(chat.answers.last).to_contain_text("The model gave an empty answer.")
