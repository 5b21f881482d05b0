#!/usr/bin/env python3
"""Writes tests/data/templates/cases.json: small templates and what Jinja2 makes of them.

usage: make_template_golden.py OUT.json     (needs jinja2 3.1)

Jinja2 is set up as Hugging Face's transformers does. A case is [template, text] or [template, null, message];
a message that is null means that any error will do, because Python's wording is of no use to the reader.
"""
import datetime
import json
import sys

import jinja2
import jinja2.ext
import jinja2.nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

ARGUMENTS = {
    "messages": [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi <b>é</b> & 'you'"},
        {"role": "assistant", "content": None,
         "tool_calls": [{"id": "a1", "function": {"name": "f", "arguments": {"x": 1, "y": [1.5, True, None]}}}]},
        {"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "image"}]},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}],
    "add_generation_prompt": True,
    "bos_token": "<s>",
    "now": "2024-07-06T09:05:03",
    "n": 7, "x": 2.5, "s": "Hello World", "e": "", "l": [3, 1, 2], "d": {"b": 2, "a": 1, "items": "own"},
    "u": "héllo wörld 안녕 😀", "users": [
        {"name": "Bo", "age": 30, "city": "CA"}, {"name": "al", "age": 25, "city": "ny"},
        {"name": "Cy", "age": 30, "city": "ca"}],
    "nested": {"list": [{"k": {"v": 1}}, {"k": {"v": 2}}]},
    "tree": [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": 4, "c": []}]}]}, {"v": 5, "c": []}],
    "t": True, "f": False, "z": None,
}

# One template per line of each group; \n in them is written out.
EXPRESSIONS = r"""
1
-1
+1
1.0
1.5e3
1e3
1_000
0x1F
0o17
0b101
1e16
1e15
1e-4
1e-5
0.1 + 0.2
1e22
123456789012345.678
1.0e300 * 1e10
-1.0e300 * 1e10
'a' 'b'
"a\tb\\n\"q\" \x41 \u00e9 \101"
'it\'s'
true
True
false
none
None
[]
[1, 'a', none, true, 2.0]
[1, [2, (3,)], {}]
()
(1,)
(1, 2)
1, 2
{}
{'a': 1, 2: 'b', none: [1]}
{'a': 1, 'a': 2}
["it's"]
['"']
['both \' and "']
['\n\t\r\\']
['é', '안', '\x00', '\x7f', '\u200b', '😀']
[1e400]
1 + 2 * 3
(1 + 2) * 3
7 // 2
-7 // 2
7 // -2
7 % 3
-7 % 3
7 % -3
7.5 // 2
-7.5 // 2
7.5 % 2
-7.5 % 2
6 / 2
1 / 3
2 ** 10
2 ** -1
2 ** 3 ** 2
2.0 ** 3
-2 ** 2
2 * -3
1 - -1
true + true
'a' + 'b'
'ab' * 3
3 * 'ab'
'ab' * -1
[1, 2] + [3]
[1] * 3
(1,) + (2,)
(1, 2) * 2
1 ~ 2
'a' ~ none ~ true ~ 1.0 ~ [1]
undefined_name ~ 'x'
n ~ x
1 == 1.0
1 == true
'1' == 1
[1, 2] == [1, 2]
[1] == (1,)
{'a': 1, 'b': 2} == {'b': 2, 'a': 1}
none == none
undefined_a == undefined_b
undefined_a == none
1 != 2
1 < 2
1 < 2 < 3
1 < 3 < 2
3 > 2 >= 2
'a' < 'b'
'Z' < 'a'
[1, 2] < [1, 3]
[1] < [1, 0]
(1, 'a') < (1, 'b')
1 < 1.5
true < 2
'é' > 'z'
1 in [1, 2]
3 not in [1, 2]
'a' in 'cat'
'' in 'cat'
'a' in d
'zz' in d
1 in (1, 2)
'x' in undefined_name
not 1
not not ''
not undefined_name
1 and 2
0 and 2
'' or 'x'
none or 0
1 or 2 and 3
not 1 == 2
1 if true else 2
1 if false else 2
1 if false
(1 if false) is undefined
'a' if 0 else 'b' if 0 else 'c'
[1, 2, 3][0]
[1, 2, 3][-1]
[1, 2, 3][5]
[1, 2, 3][1:]
[1, 2, 3][:-1]
[1, 2, 3][::-1]
[1, 2, 3][::2]
[1, 2, 3, 4, 5][-2:]
[1, 2, 3, 4, 5][4:1:-2]
[1, 2, 3][10:]
[1, 2, 3][-10:2]
(1, 2, 3)[1:]
'hello'[1]
'hello'[-1]
'hello'[1:3]
'hello'[::-1]
'hello'[9]
u[1]
u[-1]
u[6:8]
u[::-1]
u[12:14]
range(5)[2]
range(10)[2:5] | list
l.0
l[1]
d.a
d['b']
d.items() | list
d['items']
d.missing
d['missing']
d.get('a')
d.get('zz')
d.get('zz', 5)
d.keys() | list
d.values() | list
d.items()
d.keys()
d.values()
d.copy()
messages[0].role
messages[0]['content']
messages[-1].content[0].text
messages[2].tool_calls[0].function.arguments.y
messages[1].nope is defined
messages[1].content.nope is defined
l.append is defined
d.update is defined
l.nope
nested.list[1].k.v
z.foo is defined
l.index(2)
l.count(3)
(1, 2, 1).count(1)
(1, 2).index(2)
range(3)
range(1, 10, 3) | list
range(5, 0, -2) | list
range(0) | list
range(2, 5)
range(2, 9, 2)
range(5) | length
3 in range(5)
dict(a=1, b=2)
dict([('a', 1), ('b', 2)], c=3)
dict({'x': 1}, y=2)
namespace(a=1).a
namespace(a=1)
namespace()
namespace({'q': 3}).q
namespace(a=1).b is defined
n is odd
n is even
n is divisibleby 7
n is divisibleby(2)
n is number
x is number
x is float
n is integer
n is float
t is integer
t is boolean
t is true
f is false
n is true
z is none
z is not none
z is undefined
missing is undefined
missing is defined
s is string
n is string
s is sequence
l is sequence
d is sequence
n is sequence
missing is sequence
missing is iterable
l is iterable
d is iterable
n is iterable
d is mapping
l is mapping
range is callable
s is callable
s.upper is callable
'abc' is lower
'ABC' is upper
'Abc' is lower
'123' is lower
1 is sameas 1
t is sameas true
n is eq 7
n is equalto 7
n is ne 7
n is lt 8
n is le 7
n is gt 7
n is ge 7
n is lessthan 8
n is greaterthan 3
n is in [7]
'a' is in 'abc'
'upper' is filter
'nope' is filter
'odd' is test
'nope' is test
n is not odd
n is defined and n > 3
n is odd or false
('<b>' | escape) is escaped
s is escaped
d.items() is iterable
d.items() is sequence
(l | map('string')) is iterable
(l | map('string')) is sequence
range(3) is sequence
namespace() is iterable
undefined_x is callable
s is not string
not s is string
n is divisibleby 7 and true
-3 | abs
2.5 | abs
true | abs
s | upper
s | lower
'hELLO wORLD' | capitalize
'hello world-foo (bar)' | title
"it's a dog's life" | title
'hello' | center(11)
'hello' | center(10) ~ '|'
'hello' | center(3)
l | count
s | length
u | length
d | length
missing | length
range(4) | length
d.items() | length
missing | default('x')
missing | default
none | default('x')
'' | default('x', true)
'' | d('x', boolean=true)
0 | default('x')
missing.foo | default('x') if false else 1
d.zz | default('q')
d | dictsort
{'B': 1, 'a': 2, 'C': 0} | dictsort
{'B': 1, 'a': 2, 'C': 0} | dictsort(true)
{'B': 1, 'a': 2, 'C': 0} | dictsort(false, 'value')
{'B': 1, 'a': 2, 'C': 0} | dictsort(by='value', reverse=true)
'<a href="x">\'&' | escape
'<a>' | e
'<a>' | e | e
('<a>' | e) + '<b>'
'<b>' + ('<a>' | e)
('<a>' | safe) + '<b>'
('<a>' | safe) ~ '<b>'
('%s' | safe) % '<b>'
('<i>{}</i>' | safe).format('<b>')
('<i>' | safe).join(['<', '>'])
['<a>' | e]
('<a>' | e) | upper
('<a>' | e) * 2
('<a>' | e)[0:3]
'<a>' | forceescape
('<a>' | e) | forceescape
'<a>' | escape | string is escaped
l | first
l | last
[] | first
[] | last
s | first
u | last
d | first
'3.7' | float
'abc' | float
'abc' | float(1.5)
'1e3' | float
' 12 ' | float
true | float
'inf' | float
'42' | int
'42.9' | int
'abc' | int
'abc' | int(-1)
'0x1A' | int(0, 16)
'1010' | int(0, 2)
'1A' | int(base=16)
' 12 ' | int
'1_000' | int
3.9 | int
-3.9 | int
none | int
[] | int
true | int
'%s is %d' | format('a', 5)
'%(a)s-%(b)03d' | format(a='x', b=7)
'%5.2f|%-5s|%+d|%x|%X|%o|%e|%g|%%' | format(3.14159, 'ab', 5, 255, 255, 8, 12345.678, 0.00001)
'%r %s' | format('a', none)
'%c%c' | format('a', 98)
'%05d|%5d|%-5d|' | format(-42, 42, 42)
'%#x %#o' | format(255, 8)
'%*d' | format(5, 42)
'%.3s' | format('abcdef')
'%s' % 'x'
'%s %s' % ('a', 1)
'%s' % [1, 2]
'%d' % 3.9
'%5s|' % u[0:2]
'%(k)s' % {'k': 'v'}
'%i%%' % 50
'{} {}'.format(1, 'a')
'{0} {1} {0}'.format('a', 'b')
'{a} {b}'.format(a=1, b=[1])
'{:>5}|{:<5}|{:^5}|'.format('a', 'b', 'c')
'{:*^9}'.format('mid')
'{:05d} {:+d} {:,} {:x} {:#x} {:b} {:o}'.format(42, 5, 1234567, 255, 255, 5, 8)
'{:.2f} {:10.3f}| {:e} {:g} {:%}'.format(3.14159, 2.5, 12345.678, 0.0001, 0.25)
'{:,.2f}'.format(1234567.891)
'{:_}'.format(1234567)
'{!r} {!s}'.format('a', 'b')
'{d[a]} {l[0]}'.format(d=d, l=l)
'{{}} {}'.format(1)
'{:{}}|'.format('a', 5)
'{:{w}.{p}f}'.format(3.14159, w=8, p=2)
'{}'.format(none)
'{:>6}'.format(true)
'{:d}'.format(true)
'{:.1f}'.format(2)
'{:08.3f}'.format(-3.14159)
'{:=+8d}'.format(42)
'{:c}'.format(65) if false else ''
users | groupby('city')
users | groupby('age') | length
users | groupby('city') | map(attribute='grouper') | join(',')
users | groupby('city', case_sensitive=true) | map('first') | join(',')
users | groupby('zip', default='none') | map(attribute='list') | first | length
'a\nb\n\nc' | indent
'a\nb\n\nc' | indent(2, true)
'a\nb\n\nc' | indent(2, first=true, blank=true)
'a\nb' | indent('> ')
'a\nb\n' | indent ~ '|'
'' | indent ~ '|'
d | items | list
missing | items | list
[1, 2, 3] | join
[1, 2, 3] | join(', ')
users | join(', ', attribute='name')
users | join('|', 'name')
'abc' | join('-')
d | join(',')
[1, none, 'a', 2.0, [1]] | join(' ')
'abc' | list
d | list
(1, 2) | list
missing | list
range(3) | list
l | map('string') | list
l | map('string') | join('+')
users | map(attribute='name') | list
users | map(attribute='zip', default='-') | list
users | map(attribute='zip') | list
nested.list | map(attribute='k.v') | list
[[1, 2], [3]] | map('length') | list
[[1, 2], [3]] | map('join', '-') | list
[[1, 2], [3, 4]] | map(attribute=1) | list
['a', 'b'] | map('upper') | list
missing | map('upper') | list
[1, 5, 2] | max
[1, 5, 2] | min
[] | max
['b', 'A', 'c'] | max
['b', 'A', 'c'] | min(case_sensitive=true)
users | max(attribute='age')
users | min(attribute='age')
[1, 2, 3, 4] | reject('odd') | list
[1, 2, 3, 4] | select('odd') | list
[0, 1, '', 'a', none] | select | list
[0, 1, '', 'a', none] | reject | list
[1, 2, 3, 4] | select('divisibleby', 2) | list
[1, 2, 3, 4] | select('>', 2) | list
[1, 2, 3, 4] | select('in', [1, 3]) | list
users | selectattr('age', 'eq', 30) | map(attribute='name') | list
users | rejectattr('age', '==', 30) | map(attribute='name') | list
users | selectattr('zip') | list
users | selectattr('zip', 'undefined') | list | length
messages | selectattr('role', 'equalto', 'user') | list | length
messages | rejectattr('content', 'none') | map(attribute='role') | join(',')
messages | selectattr('content', 'string') | map(attribute='role') | join(',')
nested.list | selectattr('k.v', 'gt', 1) | list
'aXbXc' | replace('X', '-')
'aaaa' | replace('a', 'b', 2)
'aaa' | replace('', '-')
123 | replace(2, 'x')
'abc' | replace('b', none)
'abc' | reverse
[1, 2, 3] | reverse | list
(1, 2) | reverse | list
d | reverse | list
range(3) | reverse | list
2.5 | round
3.5 | round
2.675 | round(2)
42.55 | round(1, 'floor')
42.51 | round(1, 'ceil')
42 | round
1234 | round(-2)
1250 | round(-2)
1350 | round(-2)
-2.5 | round
1e300 | round(2)
2.5 | round(0, 'ceil')
42.55 | round | int
[1, 2, 3, 4, 5] | slice(3) | list
[1, 2, 3, 4, 5] | slice(3, 'x') | list
[1, 2, 3, 4, 5] | batch(2) | list
[1, 2, 3, 4, 5] | batch(2, 'x') | list
['b', 'A', 'c'] | sort
['b', 'A', 'c'] | sort(case_sensitive=true)
['b', 'A', 'c'] | sort(true)
[3, 1, 2] | sort(reverse=true)
users | sort(attribute='name') | map(attribute='name') | list
users | sort(attribute='age,name') | map(attribute='name') | list
[[2, 'a'], [1, 'b']] | sort
d | sort
'cab' | sort
42 | string
none | string
[1] | string
'<p>a  <b>b</b>\n c</p><!-- x > y -->' | striptags
[1, 2, 3] | sum
[1.5, 2] | sum
[] | sum
[1, 2] | sum(start=10)
users | sum(attribute='age')
[[1], [2]] | sum(start=[])
d | tojson
s | tojson
u | tojson
u | tojson(ensure_ascii=true)
{'a': [1, 2.0, none, true], 'b': {}, 'c': []} | tojson
{'a': [1, {'x': 2}], 'b': {}, 'c': []} | tojson(indent=2)
{'a': [1, {'x': 2}], 'b': {}, 'c': []} | tojson(indent=4)
[1, 2] | tojson(indent=0)
[1, 2] | tojson(indent='--')
{'b': 1, 'a': 2} | tojson(sort_keys=true)
{'b': 1, 'a': [1, 2]} | tojson(separators=(',', ':'))
{'b': 1, 'a': [1, 2]} | tojson(indent=1, separators=(',', '='))
(1, 2) | tojson
{1: 2, none: 3, true: 4, 1.5: 5} | tojson
'<a>&\'"\\/\n\r\t\b\f\x00\x1f\x7f' | tojson
'\u2028' | tojson
1e16 | tojson
1e100 | tojson
0.1 | tojson
messages | tojson
tools | tojson(indent=4)
'  a b  ' | trim ~ '|'
'xxaxx' | trim('x')
'xyaxy' | trim('yx')
'\n a \t' | trim
'\u3000a\u00a0' | trim
none | trim
5 | trim
'foo bar baz qux' | truncate(9)
'foo bar baz qux' | truncate(9, true)
'foo bar baz qux' | truncate(11)
'foo bar baz qux' | truncate(11, false, '...', 0)
'foo bar baz qux' | truncate(9, end='>')
'foobarbazquxquux' | truncate(9, leeway=0)
[1, 2, 1, 3, 2] | unique | list
['a', 'A', 'b'] | unique | list
['a', 'A', 'b'] | unique(true) | list
users | unique(attribute='age') | map(attribute='name') | list
'a b&c/d?é=1' | urlencode
{'a b': 1, 'c': '&/'} | urlencode
[('a', 1), ('b', 'x y')] | urlencode
'Hello, wide world_x 1.5' | wordcount
'' | wordcount
'one two three four five' | wordwrap(9)
'abcdefghij kl' | wordwrap(4)
'abcdefghij kl' | wordwrap(4, false)
'one two\nthree four' | wordwrap(5, wrapstring='|')
'  lead  two   spaces  ' | wordwrap(8)
'well-known co-op e-mail x-y-z' | wordwrap(6)
'well-known co-op' | wordwrap(6, break_on_hyphens=false)
'aa\n\nbb' | wordwrap(5)
'é안é안é안é' | wordwrap(3)
'ab--cd-efgh' | wordwrap(4)
range(3)[1:] | list
[1, 'a'] | truncate(5)
{'class': 'a b', 'id': none, 'x': '<>'} | xmlattr
{'a': 1} | xmlattr(false)
{} | xmlattr
1 | filesizeformat
999 | filesizeformat
1000 | filesizeformat
1234567 | filesizeformat
1234567 | filesizeformat(true)
5e12 | filesizeformat
{'a': 1} | attr('a')
s | attr('nope')
namespace(a=5) | attr('a')
s | attr('upper') is callable
s.lower() | attr('nope') is defined
'a,b,c'.split(',')
'a,b,c'.split(',', 1)
'a,b,c'.rsplit(',', 1)
'  a  b c '.split()
'  a  b c '.split(none, 1)
'  a  b c '.rsplit(none, 1)
'a  b'.split(' ')
''.split()
''.split(',')
'a,b'.split(sep=',')
'a,b,c'.split(',', maxsplit=1)
'a\nb\r\nc\rd\n'.splitlines()
'a\nb\n'.splitlines(true)
'a\x0bb\x0cc\x1cd\u2028e'.splitlines()
'abc'.partition('b')
'abc'.partition('x')
'abcbd'.rpartition('b')
'abc'.rpartition('x')
'abc'.startswith('ab')
'abc'.startswith(('x', 'a'))
'abc'.startswith('b', 1)
'abc'.endswith('bc')
'abc'.endswith(('x', 'c'))
'abc'.endswith('b', 0, 2)
'abc'.startswith('')
'abcabc'.find('c')
'abcabc'.find('c', 3)
'abcabc'.find('x')
'abcabc'.rfind('a')
'abcabc'.index('b')
u.find('ö')
u.index('안')
'abcabc'.count('bc')
'aaaa'.count('aa')
'aaa'.count('')
'abc'.replace('b', 'X')
'aaa'.replace('a', 'b', 1)
'abc'.replace('', '-')
'abc'.upper()
'ABC'.lower()
'straße ﬁ'.upper()
'ΑΣ ΑΣΑ'.lower()
'İ'.lower() | length
'hello WORLD'.title()
"they're bill's".title()
'hELLO'.capitalize()
'hELLO'.swapcase()
'ß'.capitalize()
'  a '.strip() ~ '|'
'  a '.lstrip() ~ '|'
'  a '.rstrip() ~ '|'
'xyaxy'.strip('xy')
'xyaxy'.lstrip('xy')
'xyaxy'.rstrip('xy')
'éaé'.strip('é')
'abc'.strip('')
'a'.join(['x', 'y'])
', '.join(['x'])
'-'.join('abc')
''.join([])
'12'.isdigit()
'1a'.isdigit()
''.isdigit()
'²'.isdigit()
'²'.isdecimal()
'½'.isnumeric()
'ab'.isalpha()
'é안'.isalpha()
'a1'.isalnum()
' \t'.isspace()
'abc'.islower()
'ABC'.isupper()
'Abc Def'.istitle()
'abc'.isascii()
'é'.isascii()
'5'.zfill(3)
'-5'.zfill(4)
'abc'.ljust(5) ~ '|'
'abc'.rjust(5, '*')
'abc'.center(8, '-')
'abc'.center(7, '-')
'abcd'.center(7, '-')
'a\tb'.expandtabs(4)
'abc'.removeprefix('a')
'abc'.removesuffix('c')
'abc'.removesuffix('x')
strftime_now('%Y-%m-%d')
strftime_now('%d %b %Y')
strftime_now('%A, %B %d, %Y %H:%M:%S %p')
strftime_now('%-d/%-m/%y %j %I %f %%')
strftime_now('%e|%a|%U|%w')
cycler(1, 2).current
joiner() is callable
loop is defined
"a" if missing else "b"
[missing]
{'k': missing}
[l, d]
messages[2].tool_calls
(l | map('string')) | first
(messages | selectattr('role', 'eq', 'zzz')) | first is defined
1 if (messages | selectattr('role', 'eq', 'zzz')) else 2
u | upper
u | title
1000000 * 1000000
9223372036854775807
-9223372036854775807 - 1
'a' 'b' | upper
1.5 | string | length
x ** 2
n // 2 ~ ''
'%s' % missing
(1, 2) == (1, 2.0)
'abc' in ['abc']
none in [none]
'b' not in 'abc'
{'a': {'b': {'c': 1}}}.a.b.c
[[1, 2], [3, 4]][1][0]
(range(3) | list)[1]
d | length > 2
s | lower | replace('o', '0') | upper
'x' | default('y') | upper
not s | length > 3
1 + 2 | string
-1 | abs
(-1) | abs
- 1 | string
'a' ~ 'b' | upper
l[0] + l[1] * l[2]
messages | map(attribute='role') | unique | list
messages | length
messages[1:] | map(attribute='role') | join(' ')
messages[::-1][0].role
messages[:1] + messages[2:3] | length
"%s" | format(1.0)
'a' < 'b' < 'c'
1 == 1 == 1
l is iterable and l is not mapping and l is not string
"""

TEMPLATES = r"""
plain text
text with trailing newline\n
two newlines\n\n
{{ 1 }}\n
{{ 1 }}\n\n
\n{{ 1 }}
a {# comment #} b
a {#- comment -#} b
a\n  {# comment #}\nb
a\n  {#- comment +#}\nb
{# multi\nline #}x
{##}x
{#-#} x
{% raw %}{{ x }} {% if %}{% endraw %}
a {%- raw -%}  {{ x }}  {%- endraw -%} b
{% raw %}\n  x\n{% endraw %}\ny
  {% raw %}a{% endraw %}
{% if t %}yes{% endif %}
{% if f %}yes{% else %}no{% endif %}
{% if f %}a{% elif t %}b{% else %}c{% endif %}
{% if f %}a{% elif f %}b{% else %}c{% endif %}
{% if f: %}a{% else: %}b{% endif %}
a\n{% if t %}\nb\n{% endif %}\nc
a\n  {% if t %}\n  b\n  {% endif %}\nc
a\n  {%+ if t %}\n  b\n  {%+ endif %}\nc
a\n  {%- if t -%}\n  b\n  {%- endif -%}\nc
a\n  {% if t +%}\n  b\n  {% endif +%}\nc
a  {% if t %}  b  {% endif %}  c
a\n  {{ 1 }}\nb
a\n  {{- 1 -}}\n  b
a {{- 1 }} b {{ 2 -}} c
{{-1}}
{{+1}}
{{ -1 }}
x {%- if t %} y {%- endif %} z
\t {% if t %}x{% endif %}
a\r\nb\rc\n{{ 'x\r\ny' }}
{% for i in l %}{{ i }}{% endfor %}
{% for i in l %}{{ i }},{% else %}none{% endfor %}
{% for i in [] %}{{ i }}{% else %}none{% endfor %}
{% for i in missing %}{{ i }}{% else %}none{% endfor %}
{% for i in l if i > 1 %}{{ i }}{% endfor %}
{% for i in l if i > 9 %}{{ i }}{% else %}none{% endfor %}
{% for i in l if i > 1 %}{{ loop.index }}/{{ loop.length }}:{{ i }} {% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}
{% for k in d %}{{ k }}{% endfor %}
{% for c in 'abc' %}{{ c }}-{% endfor %}
{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for i in 1, 2, 3 %}{{ i }}{% endfor %}
{% for i in range(3) %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}
{% for i in l %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {% endfor %}
{% for i in l %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }} {% endfor %}
{% for i in range(5) %}{{ loop.cycle('a', 'b') }}{% endfor %}
{% for i in [1, 1, 2, 2, 1] %}{{ loop.changed(i) }} {% endfor %}
{% for i in l %}{{ loop }}{% endfor %}
{% for i in l %}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}
{% for i in l | map('string') %}{{ loop.length }}{{ loop.last }}{% endfor %}
{% for i in l | select('odd') %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}
{% for i in range(2) %}{% for j in range(2) %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}
{% for i in range(2) %}{% set o = loop %}{% for j in range(2) %}{{ o.index }}{{ loop.index }} {% endfor %}{% endfor %}
{% for n in tree recursive %}{{ n.v }}{% if n.c %}({{ loop(n.c) }}){% endif %} {% endfor %}
{% for n in tree recursive %}{{ loop.depth }}:{{ n.v }} {{ loop(n.c) }}{% endfor %}
{% for i in range(10) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for i in range(3) %}{% for j in range(3) %}{% if j == 1 %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor %}{% endfor %}
{% for i in [1] %}{% break %}{% else %}none{% endfor %}
{% set x = 0 %}{% for i in l %}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}
{% set ns = namespace(x=0) %}{% for i in l %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}
{% for i in l %}{% if loop.first %}{% set q = 'first' %}{% endif %}{{ q }}{% endfor %}
{% for i in l %}{{ i }}{% set i = 9 %}{{ i }} {% endfor %}{{ i }}
{% set i = 5 %}{% for i in l %}{{ i }}{% endfor %}{{ i }}
{% set found = namespace(v=false) %}{% for i in l if not found.v %}{{ i }}{% set found.v = true %}{% endfor %}
{% set a = 1 %}{{ a }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}
{% set a, (b, c) = [1, (2, 3)] %}{{ a }}{{ b }}{{ c }}
{% set a = 1, 2 %}{{ a }}
{% set a %}block {{ n }}{% endset %}{{ a }}|{{ a | length }}
{% set a | upper %}block {{ n }}{% endset %}{{ a }}
{% set a | replace('b', 'X') | trim %} b {% endset %}{{ a }}|
{% set ns = namespace() %}{% set ns.a %}text{% endset %}{{ ns.a }}
{% set ns = namespace(a=1) %}{% set ns.a, ns.b = 2, 3 %}{{ ns.a }}{{ ns.b }}
{% if t %}{% set a = 1 %}{% endif %}{{ a }}
{% if f %}{% set a = 1 %}{% endif %}{{ a is defined }}
{% set n = n + 1 %}{{ n }}
{% set a = [] %}{% set a = a + [1] %}{{ a }}
{% set d = dict(d, c=3) %}{{ d }}
{% with %}{% set a = 1 %}{{ a }}{% endwith %}{{ a is defined }}
{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}
{% set a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}
{% macro m() %}x{% endmacro %}{{ m() }}{{ m() }}
{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(b=4, a=5) }}
{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}
{% macro m(a) %}{{ a is defined }}{{ a }}{% endmacro %}{{ m() }}
{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, a=3) }}
{% macro m(a) %}{{ a }}{{ varargs | join('+') }}{% endmacro %}{{ m(1, 2, 3) }}
{% macro m(a) %}{% for k, v in kwargs.items() %}{{ k }}{{ v }}{% endfor %}{% endmacro %}{{ m(1, b=2) }}
{% macro m(n) %}{{ n }}{% if n > 0 %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}
{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}B{% endmacro %}{{ a() }}
{% macro m() %}{{ v }}{% endmacro %}{% set v = 1 %}{{ m() }}{% set v = 2 %}{{ m() }}
{% macro m() %}{% set q = 1 %}{{ q }}{% endmacro %}{{ m() }}{{ q is defined }}
{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}body{% endcall %}
{% macro m() %}[{{ caller(1, 2) }}]{% endmacro %}{% call(a, b) m() %}{{ a }}+{{ b }}{% endcall %}
{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}
{% macro m() %}{% if caller %}{{ caller() }}{% else %}no{% endif %}{% endmacro %}{{ m() }}{% call m() %}yes{% endcall %}
{% macro m(x) %}{% for i in x %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(i) m(l) %}<{{ i }}>{% endcall %}
{% macro m(a, b) %}{% endmacro %}{{ m.name }} {{ m.arguments }} {{ m.catch_kwargs }} {{ m.catch_varargs }} {{ m.caller }}
{% macro m() %}  x  {% endmacro %}{{ m() | trim }}|{{ m() | length }}
{% macro m() %}\n  x\n{% endmacro %}[{{ m() }}]
{% macro m(x) -%}\n  x{{ x }}\n{%- endmacro %}[{{ m(1) }}]
{% macro m(a, *args) %}{% endmacro %}
{% set f = m %}{% macro m() %}x{% endmacro %}{{ f is defined }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(*[1]) }}{{ m(**{'a': 2}) }}
{% macro m(a, b, c) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1, *[2, 3]) }}{{ m(1, c=3, **{'b': 2}) }}
{% if t %}{% macro m() %}in if{% endmacro %}{% endif %}{{ m() }}
{% for i in range(2) %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}
{% filter upper %}abc {{ s }}{% endfilter %}
{% filter replace('a', 'b') | upper %}aaa{% endfilter %}
{% filter trim %}  x  {% endfilter %}|
{% do l.index(3) %}x
{% do raise_exception('boom') if f else none %}ok
{% generation %}{{ s }}{% endgeneration %}
a\n{% generation %}\nb\n{% endgeneration %}\nc
{% for m in messages %}{% generation %}{{ m.role }}{% set q = 1 %}{% endgeneration %}{% endfor %}{{ q is defined }}
{% block b %}x{% endblock %}
{% block b scoped %}x{% endblock b %}
{% print 'a', 1 %}
{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{% set _ = c.reset() %}{{ c.next() }}
{% set j = joiner(', ') %}{% for i in l %}{{ j() }}{{ i }}{% endfor %}
{% set g = l | map('string') %}{{ g | list }}{{ g | list }}
{% set it = d.items() %}{{ it | list }}{{ it | list }}
{% for m in messages %}{{ '<|' + m['role'] + '|>' + (m['content'] if m['content'] is string else '') + '\n' }}{% endfor %}
{% for m in messages %}\n{% if m.role == 'user' %}\nU: {{ m.content }}\n{% elif m.role == 'assistant' %}\nA: {{ m.tool_calls | tojson }}\n{% endif %}\n{% endfor %}
{%- for m in messages -%}\n  {{- m.role -}}\n  {%- if not loop.last %}, {% endif -%}\n{%- endfor -%}
{% set ns = namespace(last=-1) %}{% for m in messages %}{% if m.role == 'user' %}{% set ns.last = loop.index0 %}{% endif %}{% endfor %}{{ ns.last }}
{%- if messages[0]['role'] == 'system' %}{%- set system = messages[0]['content'] %}{%- set rest = messages[1:] %}{%- endif %}{{ system }}{{ rest | length }}
{% for m in messages if m.role != 'system' %}{{ loop.index0 % 2 }}{% endfor %}
{%- macro show(v, depth=0) -%}{%- if v is mapping -%}{ {%- for k, w in v.items() -%}{{ k }}: {{ show(w, depth + 1) }}{%- if not loop.last %}, {% endif -%}{%- endfor -%} }{%- elif v is iterable and v is not string -%}[{%- for w in v -%}{{ show(w, depth + 1) }}{%- if not loop.last %}, {% endif -%}{%- endfor -%}]{%- else -%}{{ v }}@{{ depth }}{%- endif -%}{%- endmacro -%}{{ show(messages[2]) }}
{% if messages | selectattr('role', 'equalto', 'system') | list | length > 0 %}has{% endif %}
{{ bos_token }}{{ eos_token }}
{{ 'a' if t }}{{ 'b' if f }}|
{{ "{{" }}{{ '}}' }}{{ '%}' }}
{{ {'a': {'b': 1}}['a']['b'] }}
{{ {'a': 1}.a }}
{{ [[1]][0][0] }}
{% set a = {'x': [1, 2]} %}{{ a.x[1] }}
{{ ( 1 +\n 2 ) }}
{{ '{%' }} {{ "#}" }}
{{ s[:5] }}{{ s[6:] }}{{ s[-5:] }}
{ { not a tag } }
{ {{ 1 }} }
{{ '\\n' }}{{ "\n" }}
{{ 'a\
b' }}
{% set x = 'é' * 3 %}{{ x }}{{ x | length }}
{% for x in [1, 2, 3] | reverse %}{{ x }}{% endfor %}
{% for a in [[1, 2], [3, 4]] %}{% for b in a %}{{ loop.index0 }}{{ b }}{% endfor %}{% endfor %}
{% set ns = namespace(l=[]) %}{% for i in range(3) %}{% set ns.l = ns.l + [i] %}{% endfor %}{{ ns.l }}
{% if missing %}a{% else %}b{% endif %}{% if not missing %}c{% endif %}
{% if missing is defined and missing.x %}a{% else %}b{% endif %}
{% if f %}{{ x | nofilter }}{% endif %}ok
{{ 1 if t else (x | nofilter) }}
{% if f %}{{ x is notest }}{% endif %}ok
{{ loop is defined }}{% for i in [1] %}{{ loop is defined }}{% else %}{{ loop is defined }}{% endfor %}
{% for i in [] %}{% else %}{{ loop is defined }}{% endfor %}
{% set loop = 5 %}{{ loop }}
{% macro caller() %}x{% endmacro %}{{ caller() }}
{% set messages = messages | rejectattr('role', 'equalto', 'system') | list %}{{ messages | length }}
{{ messages | map(attribute='role') | list | tojson }}
{% for i in range(3) -%}\n  {{ i }}\n{%- endfor %}\nend
{% for i in range(2) %}\n{{ i }}\n{% endfor %}\nend
   {% set a = 1 %}   \nx
x\n   {{ a }}   \ny
{%- set a -%}  hi  {%- endset -%}[{{ a }}]
{{ x }}{# c #}\n{# d #}\n{{ n }}
"""

ERRORS = r"""
{{ missing.x }}
{{ missing.x.y }}
{{ missing['x'] }}
{{ d.nope.x }}
{{ d['nope']['x'] }}
{{ l[9].x }}
{{ z.foo.bar }}
{{ s.nope.x }}
{{ n.foo.bar }}
{{ missing() }}
{{ s() }}
{{ n() }}
{{ d.nope() }}
{{ l.append(1) }}
{{ d.update({}) }}
{{ d.pop('a') }}
{{ l.sort() }}
{{ d.clear() }}
{{ d.setdefault('a', 1) }}
{{ missing + 1 }}
{{ 1 + missing }}
{{ 'a' + missing }}
{{ -missing }}
{{ missing < 1 }}
{{ 1 < missing }}
{{ 'a' + 1 }}
{{ 1 + 'a' }}
{{ 'a' + none }}
{{ none + 'a' }}
{{ [1] + 'a' }}
{{ [1] + (2,) }}
{{ 'a' - 'b' }}
{{ 'a' * 'b' }}
{{ d + d }}
{{ -'a' }}
{{ +'a' }}
{{ 'a' / 2 }}
{{ 1 / 0 }}
{{ 1 // 0 }}
{{ 1.0 / 0 }}
{{ 'a' < 1 }}
{{ none < 1 }}
{{ [1] < [none] }}
{{ d < d }}
{{ 1 in 5 }}
{{ 1 in 'abc' }}
{{ none in 'abc' }}
{{ 5 | length }}
{{ none | length }}
{{ l | map('string') | length }}
{{ 5 | list }}
{% for i in 5 %}{% endfor %}
{% for i in none %}{% endfor %}
{% for a, b in [1] %}{% endfor %}
{% for a, b in [(1, 2, 3)] %}{% endfor %}
{% for a, b in [(1,)] %}{% endfor %}
{% set a, b = 5 %}
{% set x.y = 1 %}
{% set ns = {} %}{% set ns.y = 1 %}
{{ raise_exception('boom') }}
{{ raise_exception('with "quotes" and é') }}
{% if t %}{{ raise_exception('Roles must alternate: ' ~ n) }}{% endif %}
{{ range('a') }}
{{ range(1, 2, 0) }}
{{ {[1]: 2} }}
{{ [1, 'a'] | sort }}
{{ [1, 'a'] | max }}
{{ ['a'] | sum }}
{{ d | tojson | fromjson }}
{{ missing | tojson }}
{{ range(3) | tojson }}
{{ {(1, 2): 3} | tojson }}
{{ 1 | nofilter }}
{{ 1 is notest }}
{{ [1] | map('nofilter') | list }}
{{ [1] | select('notest') | list }}
{{ [1] | map | list }}
{{ users | selectattr | list }}
{{ 'x' | round }}
{{ '%d' % 'a' }}
{{ '%s %s' % 'a' }}
{{ '%s' % (1, 2) }}
{{ '%q' % 1 }}
{{ '%(a)s' % 1 }}
{{ '{}'.format() }}
{{ '{x}'.format() }}
{{ 'abc'.index('z') }}
{{ l.index(99) }}
{{ 'a'.split('') }}
{{ ','.join([1]) }}
{{ ','.join(5) }}
{{ 'a'.startswith(1) }}
{{ 'a'.nope() }}
{{ l.nope() }}
{{ loop.index }}
{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{% endmacro %}{{ m(b=2) }}
{% macro m() %}{% endmacro %}{% call m() %}x{% endcall %}
{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}
{% for i in l %}{{ loop(i) }}{% endfor %}
{{ d | dictsort(by='x') }}
{{ 5 | items | list }}
{{ 'a' | truncate(2) }}
{{ 3 | round(1, 'x') }}
{{ 1 if f else missing.x }}
{% if missing.x %}{% endif %}
{{ messages[0].content.foo.bar }}
{{ l | last | first }}
{{ l | map('string') | last }}
{{ (1 if f).x }}
{{ strftime_now(5) }}
{{ namespace(5) }}
{{ 'abc' | batch(2) | first | join | foo }}
{{ l['a'].b }}
{{ tools.foo.bar }}
{{ [1, 2] | join(attribute='x.y') }}
{{ users | map(attribute='zip.code') | list }}
{% for i in [1] %}{{ loop.previtem.x }}{% endfor %}
"""

# Python's message means nothing to the reader of a template, or comes from a limit that is ours.
ANY_ERROR = r"""
{% if %}{% endif %}
{% for %}{% endfor %}
{% endfor %}
{% if t %}
{% if t %}{% endfor %}
{% for i in l %}
{% nosuchtag %}
{{ 1
{{ }}
{{ 1 +  }}
{{ (1 }}
{{ 1) }}
{{ [1 }}
{{ {1: } }}
{{ 'abc }}
{{ a b }}
{{ a.. }}
{{ $ }}
{{ a | }}
{{ a is }}
{# open
{% raw %}x
{% set %}
{% set 1 = 2 %}
{% set a.b.c = 1 %}
{% macro %}{% endmacro %}
{% macro m(a=1, b) %}{% endmacro %}
{% call x %}{% endcall %}
{% break %}
{% continue %}
{% for i in l %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}
{% for loop in l %}{{ loop }}{% endfor %}
{{ f(a=1, 2) }}
{{ f(**a, b) }}
{% else %}
{% elif t %}
{% if t %}{% else %}{% else %}{% endif %}
{{ 007 }}
{% include 'x' %}
{% extends 'x' %}
{% import 'x' as y %}
{{ 1 if }}
{{ not }}
{{ 1 < }}
{% block %}{% endblock %}
{% filter %}{% endfilter %}
{% filter nofilter %}x{% endfilter %}
{% with a %}{% endwith %}
{% do %}
{{ a is odd is even }}
{{ range(10 ** 9) }}
{{ 'a' is divisibleby }}
{{ 5 | replace('a') }}
{{ 'abc'.replace('a') }}
{{ 'abc'.strip(5) }}
{{ 2 | default(1, 2, 3) }}
{{ 'a' | upper(1, 2) | nofilter }}
{{ d | tojson(nope=1) }}
{{ ''.join(missing.x) }}
"""


class Generation(jinja2.ext.Extension):
    """{% generation %}: transformers marks what the assistant wrote; the text is the body's."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def environment():
    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True,
        extensions=[Generation, jinja2.ext.loopcontrols, jinja2.ext.do])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda f: datetime.datetime.fromisoformat(ARGUMENTS["now"]).strftime(f)
    return env


def lines(group):
    return [line.replace(r"\n", "\n").replace(r"\r", "\r").replace(r"\t", "\t") for line in group.strip("\n").split("\n")]


def case(env, template, exact):
    try:
        return [template, env.from_string(template).render(**ARGUMENTS)]
    except Exception as error:  # whatever Jinja2 or Python raises is what is recorded
        return [template, None, str(error) if exact else None]


def main():
    env = environment()
    expressions = ["{{ " + line + " }}" for line in EXPRESSIONS.strip("\n").split("\n")]
    cases = [case(env, t, True) for t in expressions + lines(TEMPLATES)]
    cases += [case(env, t, True) for t in lines(ERRORS)]
    cases += [case(env, t, False) for t in lines(ANY_ERROR)]
    wrong = [c[0] for c in cases[len(expressions) + len(lines(TEMPLATES)):] if c[1] is not None]
    if wrong:
        raise SystemExit(f"meant to fail, but rendered: {wrong}")
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        rows = ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases)
        out.write('{"arguments": ' + json.dumps(ARGUMENTS, ensure_ascii=False) + ',\n"cases": [\n' + rows + "\n]}\n")
    print(f"{len(cases)} cases, {sum(c[1] is None for c in cases)} of them errors")


if __name__ == "__main__":
    main()
