#!/usr/bin/env python3
"""Writes data/templates.json: template snippets with what Python's jinja2 makes of them.

Run with jinja2 3.1 installed: make_templates.py > data/templates.json
The environment is the one of Hugging Face transformers (apply_chat_template), time fixed.
"""
import datetime
import json
import sys

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime.datetime(2026, 11, 22, 12, 34, 56)


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_text"), [], [], body).set_lineno(line)

    def _text(self, caller):
        return caller()


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def environment():
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Привет, <world> & 'you'"},
    {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "function": {"name": "f", "arguments": {"x": 1, "y": [True, None, 2.5]}}}]},
]
CONTEXT = {
    "messages": MESSAGES,
    "tools": None,
    "bos_token": "<s>",
    "text": "  Hello, Wörld!\n\tbye  ",
    "numbers": [3, 1, 2, 10],
    "words": ["pear", "Apple", "fig", "apple"],
    "d": {"b": 2, "a": 1, "C": 3, "items": "own", "_x": 7},
    "nested": {"k": [1, {"z": "é\"\\\n"}], "e": {}, "l": []},
    "yes": True,
    "half": 0.5,
    "big": 1e16,
    "small": 1e-5,
}

# One line each: name, template. Names say what is tested.
SNIPPETS = {
    "trim and lstrip": "a\n  {% if yes %}\n  b\n  {% endif %}\nc {% if yes %} d{% endif %}\n\ne\n",
    "minus strips": "a  \n {%- if yes -%} \n b \n {%- endif -%} \n c",
    "plus keeps": "a\n  {%+ if yes +%}\nb{% endif %}\n",
    "expression signs": "a \n {{- 1 -}} \n b {{ 2 }} \nc",
    "comments": "a {# x {{ y }} #}\n  {# z #}\nb {#- q -#} c",
    "raw": "{% raw %}{{ x }} {% if %}{% endraw %} {%- raw -%}  y  {%- endraw -%} z",
    "last newline goes": "x\n\n",
    "carriage returns": "a\r\nb\rc {% if yes %}\r\nd{% endif %}",
    "brackets before end": "{{ {'a': {'b': 1}}['a']['b'] }}{{ {'a': {}} }}",
    "string escapes": r"{{ 'a\n\t\\\'\"\x41\u0416\q' }}{{ 'x' 'y' " + '"z"' + " }}",
    "if chain": "{% if 0 %}a{% elif '' %}b{% elif [] or {} %}c{% else %}d{% endif %}",
    "inline if": "{{ 'a' if yes else 'b' }}{{ 'a' if no }}|{{ 1 if no else 2 if no else 3 }}",
    "arithmetic": "{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 1 + 2 * 3 - 4 }} {{ 2 ** -1 }} {{ 7.5 % 2 }} {{ 1_000 }} {{ 0x1F }}",
    "unary binds": "{{ -2 ** 2 }} {{ -1 | abs }} {{ (-1) | abs }} {{ +3 }} {{ not yes }}",
    "floats as text": "{{ half }} {{ big }} {{ small }} {{ 1.0 }} {{ 1e300 * 10 }} {{ 123456789.123 }} {{ 1e15 }} {{ 1 / 3 }}",
    "comparison chains": "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ 'a' < 'b' }} {{ [1, 2] < [1, 3] }} {{ true == 1 }}",
    "in": "{{ 'ell' in 'hello' }} {{ 2 in numbers }} {{ 'a' in d }} {{ 'z' not in d }} {{ 1 in () }}",
    "and or give operands": "{{ '' or 'x' }} {{ 'a' and 'b' }} {{ none or 0 }} {{ 1 and [] }}",
    "concat": "{{ 1 ~ 'a' ~ none ~ true ~ 1.5 ~ missing ~ [1] }}",
    "python reprs": "{{ [1, 'a', \"it's\", none, true, 1.5, {'k': (1,)}, ()] }} {{ 'é\\n' }} {{ ['é\\n\\u200b'] }}",
    "undefined prints nothing": "[{{ missing }}]{{ d.nope }}{{ missing is defined }}{{ missing | default('x') }}{{ messages[9] }}",
    "undefined attribute fails": "{{ missing.x }}",
    "undefined addition fails": "{{ missing + 'x' }}",
    "none plus string fails": "{{ none + 'x' }}",
    "attributes and items": "{{ d.a }}{{ d['b'] }}{{ messages[0].role }}{{ messages[-1]['role'] }}{{ d._x }}{{ messages.0.role }}",
    "methods win over keys": "{{ d.items() | list | length }}{{ d['items'] }}{{ d.get('q') }}{{ d.get('q', 5) }}{{ d.get('a') }}",
    "slices": "{{ numbers[1:] }}{{ numbers[:-1] }}{{ numbers[::-1] }}{{ numbers[::2] }}{{ 'Привет'[1:3] }}{{ 'Привет'[::-1] }}{{ 'abc'[-1] }}{{ numbers[5:] }}{{ numbers[-2:] }}",
    "for with loop": "{% for x in numbers %}{{ loop.index }}/{{ loop.index0 }}/{{ loop.revindex }}/{{ loop.revindex0 }}/{{ loop.first }}/{{ loop.last }}/{{ loop.length }}/{{ loop.previtem }}/{{ loop.nextitem }}/{{ loop.cycle('o', 'e') }}\n{% endfor %}",
    "for else and filter": "{% for x in numbers if x > 100 %}{{ x }}{% else %}none{% endfor %}{% for x in numbers if x > 2 %}{{ loop.index }}:{{ x }} {% endfor %}",
    "for unpacks": "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for a, (b, c) in [(1, (2, 3))] %}{{ a + b + c }}{% endfor %}",
    "for over dict, string, undefined": "{% for k in d %}{{ k }}{% endfor %}{% for c in 'añ' %}[{{ c }}]{% endfor %}{% for x in missing %}x{% else %}-{% endfor %}",
    "for over none fails": "{% for x in none %}{% endfor %}",
    "break and continue": "{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "loop changed": "{% for x in [1, 1, 2, 2, 1] %}{{ loop.changed(x) }} {% endfor %}",
    "loop scope": "{% set x = 1 %}{% for i in range(2) %}{{ x }}{% set x = 5 %}{{ x }}{% endfor %}{{ x }}",
    "namespace": "{% set ns = namespace(n=0, t='') %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% set ns.t = ns.t ~ i %}{% endfor %}{{ ns.n }} {{ ns.t }} {{ ns.q is defined }}",
    "set forms": "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set c = (3, 4) %}{{ c }}{% set t %}x{{ a }}y{% endset %}[{{ t }}]{% set u | upper | trim %} abc {% endset %}[{{ u }}]",
    "macros": "{% macro m(a, b=2, c=a) %}{{ a }}-{{ b }}-{{ c }};{% endmacro %}{{ m(1) }}{{ m(1, c=5) }}{{ m(b=9, a=8) }}{{ m() }}",
    "macro varargs": "{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, k=4) }}",
    "macro sees later variables": "{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}{% set x = 2 %}{{ m() }}",
    "macro recursion": "{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(5) }}",
    "macro too many arguments fails": "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
    "call block": "{% macro box(t) %}<{{ t }}>{{ caller('in') }}</{{ t }}>{% endmacro %}{% call(x) box('b') %}{{ x }}!{% endcall %}",
    "filter block": "{% filter upper | replace('B', '-') %}abc{{ 'b' }}{% endfilter %}",
    "with": "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a is defined }}",
    "generation": "{% generation %}x{{ 1 }}{% endgeneration %}y",
    "tojson": "{{ nested | tojson }}|{{ messages | tojson }}|{{ [1.0, none, true, 'a/b<>&\\u0001'] | tojson }}|{{ {1: 2, none: 3, true: 4} | tojson }}",
    "tojson options": "{{ nested | tojson(indent=2) }}|{{ 'é😀' | tojson(ensure_ascii=true) }}|{{ d | tojson(sort_keys=true, separators=(',', ':')) }}|{{ [] | tojson(indent=4) }}",
    "string filters": "[{{ text | trim }}][{{ text | upper }}][{{ text | lower }}][{{ 'hello wORLD-foo (bar' | title }}][{{ 'ñANDÚ' | capitalize }}][{{ 12 | string }}]",
    "replace join default": "{{ 'aaa' | replace('a', 'b', 2) }}{{ numbers | join(', ') }}{{ messages | join('/', attribute='role') }}{{ '' | default('x', true) }}{{ none | d('y') }}{{ 'abc'.replace('', '-') }}",
    "indent": "{{ 'a\\n\\nb\\nc' | indent }}|{{ 'a\\nb' | indent(2, first=true) }}|{{ 'a\\n\\nb' | indent('> ', blank=true) }}",
    "safe and escape": "{{ '<a>' | safe + '<b>' }}{{ '<' ~ ('<' | safe) }}{{ '<&>\"' | e }}{{ ('<' | escape) | escape }}{{ '<a>' + '<b>' | safe }}",
    "select filters": "{{ numbers | select('>', 2) | list }}{{ numbers | reject('odd') | list }}{{ messages | selectattr('content') | map(attribute='role') | list }}{{ messages | rejectattr('role', 'equalto', 'user') | map(attribute='role') | join(',') }}{{ ['a', ''] | select | list }}",
    "select of what is false is empty": "{{ none | selectattr('a') | list }}{{ none | map('upper') | list }}{{ 0 | select | list }}",
    "map": "{{ words | map('upper') | list }}{{ messages | map(attribute='nope', default='-') | list }}{{ ['a,b'] | map('replace', ',', ';') | first }}",
    "sequence filters": "{{ numbers | first }}{{ numbers | last }}{{ numbers | length }}{{ 'añ' | length }}{{ d | count }}{{ numbers | reverse | list }}{{ 'abc' | reverse }}{{ 'ab' | list }}{{ [] | first }}",
    "sort": "{{ words | sort }}{{ words | sort(reverse=true, case_sensitive=true) }}{{ numbers | sort }}{{ messages | sort(attribute='role') | map(attribute='role') | list }}",
    "dictsort unique": "{{ d | dictsort }}{{ d | dictsort(true) }}{{ d | dictsort(by='value', reverse=true) if false }}{{ words | unique | list }}{{ [1, 2, 1] | unique | list }}",
    "min max sum": "{{ numbers | min }}{{ numbers | max }}{{ numbers | sum }}{{ words | min }}{{ [] | max }}{{ [0.5, 1] | sum }}",
    "int float round abs": "{{ '42' | int }}{{ ' 7 ' | int }}{{ '3.9' | int }}{{ 'x' | int }}{{ 'x' | int(5) }}{{ '1f' | int(base=16) }}{{ '2.5' | float }}{{ 'x' | float }}{{ 2.567 | round(2) }}{{ 2.5 | round }}{{ 2.1 | round(method='ceil') }}{{ -3.5 | abs }}",
    "batch items": "{{ numbers | batch(3) | list }}{{ numbers | batch(3, 0) | list }}{% for k, v in nested | items %}{{ k }}{{ v }}{% endfor %}",
    "generator is spent": "{% set g = numbers | select('>', 1) %}{{ g | list }}{{ g | list }}{{ true if g }}",
    "generator to json fails": "{{ numbers | map('string') | tojson }}",
    "tests of type": "{% for v in [none, true, 1, 1.5, 'a', [], {}, ()] %}{{ v is none }}{{ v is boolean }}{{ v is integer }}{{ v is float }}{{ v is number }}{{ v is string }}{{ v is mapping }}{{ v is sequence }}{{ v is iterable }}{{ v is true }} {% endfor %}",
    "tests of value": "{{ 3 is odd }}{{ 4 is even }}{{ 9 is divisibleby 3 }}{{ 1 is in [1, 2] }}{{ 'a' is eq 'a' }}{{ 2 is gt(1) }}{{ 'AB' is upper }}{{ 'ab' is lower }}{{ missing is not defined }}{{ none is sameas none }}{{ not 1 is none }}",
    "string methods": "{{ text.strip() }}{{ 'xxaxx'.strip('x') }}{{ 'xxa'.lstrip('x') }}{{ 'axx'.rstrip('x') }}{{ 'a b'.upper() }}{{ \"it's a\".title() }}{{ 'abc'.startswith('ab') }}{{ 'abc'.endswith(('x', 'c')) }}{{ 'abcabc'.find('c') }}{{ 'abcabc'.rfind('c') }}{{ 'aXbX'.count('X') }}{{ 'ab'.join(['1', '2', '3']) }}{{ '12'.isdigit() }}{{ 'aB'.swapcase() }}{{ '7'.zfill(3) }}{{ 'ab'.ljust(4, '.') }}{{ 'prefix-x'.removeprefix('prefix-') }}",
    "split": "{{ 'a,b,,c'.split(',') }}{{ ' a  b '.split() }}{{ 'a,b,c'.split(',', 1) }}{{ 'a,b,c'.rsplit(',', 1) }}{{ 'a\\nb\\r\\nc'.splitlines() }}{{ 'k=v=w'.partition('=') }}{{ '</think>x</think>y'.split('</think>')[-1] }}",
    "percent format": "{{ '%s-%d-%.2f-%5s|%-5s|%05d|%x|%%|%r' % ('a', 3, 1.5, 'b', 'c', 42, 255, 'q') }}{{ '%s' % [1] }}{{ '%(a)s' % d }}{{ 'x%s' | format(5) }}",
    "brace format": "{{ '{}-{}'.format(1, 'a') }}{{ '{1}{0}'.format('a', 'b') }}{{ '{x:>5}|{x:^5}|{y:05.1f}|{z:,}'.format(x='ab', y=2.25, z=1234567) }}{{ '{{}}{!r}'.format('q') }}{{ '{0[k]}'.format({'k': 1}) }}",
    "string and list products": "{{ 'ab' * 3 }}{{ [1] * 3 }}{{ [1] + [2] }}{{ (1,) + (2,) }}{{ 2 * 'x' }}{{ 'x' * -1 }}",
    "range dict": "{{ range(3) | list }}{{ range(5, 1, -2) | list }}{{ range(2, 4) | list }}{{ dict(a=1, b='x') }}{{ dict({'q': 1}, z=2) | tojson }}",
    "strftime": "{{ strftime_now('%Y-%m-%d %H:%M:%S %d %b %B %A %j') }}{{ strftime_now is defined }}",
    "raise": "{{ raise_exception('Roles must alternate: ' ~ messages | length) }}",
    "list append fails": "{{ numbers.append(1) }}",
    "dict update fails": "{{ d.update({}) }}",
    "unknown filter fails when reached": "{% if no %}{{ 1 | nofilter }}{% endif %}ok{{ 1 | nofilter }}",
    "unknown filter unreached": "{% if no %}{{ 1 | nofilter }}{% endif %}ok",
    "calling a string fails": "{{ 'a'() }}",
    "dunder attributes fail": "{{ ''.__class__.__mro__ }}",
    "syntax error": "{% if %}",
    "unclosed block": "{% for x in y %}",
    "unknown tag": "{% frobnicate %}",
    "mixed sort fails": "{{ [1, 'a'] | sort }}",
    "division by zero fails": "{{ 1 // 0 }}",
    "llama style": "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + ' [/INST]' }}{% elif m.content is string %}{{ m.content + '</s>' }}{% endif %}{% endfor %}",
    "markup from macros is plain": "{% macro m() %}<b>{% endmacro %}{{ m() + '<' }}",
    "case of unicode": "{{ 'привет мир' | upper }}{{ 'ÄÖ' | lower }}{{ 'привет мир' | title }}",
}


def main():
    env = environment()
    results = []
    for name, template in SNIPPETS.items():
        result = {"name": name, "template": template}
        try:
            result["text"] = env.from_string(template).render(**CONTEXT)
        except Exception as error:  # every refusal is part of what is compared
            result["error"] = type(error).__name__
            result["message"] = str(error)
        results.append(result)
    out = {"now_unix_s": int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp()), "context": CONTEXT, "cases": results}
    json.dump(out, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


main()
