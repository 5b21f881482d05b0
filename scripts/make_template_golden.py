#!/usr/bin/env python3
r"""Writes tests/data/templates/cases.json: small templates and what Jinja2 makes of them.

usage: make_template_golden.py OUT.json     (needs jinja2 3.1)

The templates are in sources.txt beside it, one a line in each group: expressions; templates, in which \n, \r and \t are
written out; those that must fail with Jinja2's message; those that must fail with any. The variables are in
arguments.json. Jinja2 is set up as Hugging Face's transformers does. A case is [template, text] or [template, null,
message]; a message that is null means that any error will do, because Python's wording is of no use to the reader.
"""
import datetime
import json
import pathlib
import sys

import jinja2
import jinja2.ext
import jinja2.nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

DATA = pathlib.Path(__file__).resolve().parent.parent / "tests/data/templates"
ARGUMENTS = json.loads((DATA / "arguments.json").read_text(encoding="utf-8"))


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


def groups():
    """The sources by the name of their group."""
    found = {}
    for line in (DATA / "sources.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("==== "):
            group = found[line[5:]] = []
        else:
            group.append(line)
    return found


def written_out(lines):
    return [line.replace(r"\n", "\n").replace(r"\r", "\r").replace(r"\t", "\t") for line in lines]


def case(env, template, exact):
    try:
        return [template, env.from_string(template).render(**ARGUMENTS)]
    except Exception as error:  # whatever Jinja2 or Python raises is what is recorded
        return [template, None, str(error) if exact else None]


def main():
    env = environment()
    sources = groups()
    cases = [case(env, "{{ " + line + " }}", True) for line in sources["expressions"]]
    cases += [case(env, t, True) for t in written_out(sources["templates"])]
    errors = [case(env, t, True) for t in written_out(sources["errors"])]
    errors += [case(env, t, False) for t in written_out(sources["any errors"])]
    cases += errors
    wrong = [c[0] for c in errors if c[1] is not None]
    if wrong:
        raise SystemExit(f"meant to fail, but rendered: {wrong}")
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        rows = ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases)
        out.write('{"arguments": ' + json.dumps(ARGUMENTS, ensure_ascii=False) + ',\n"cases": [\n' + rows + "\n]}\n")
    print(f"{len(cases)} cases, {sum(c[1] is None for c in cases)} of them errors")


if __name__ == "__main__":
    main()
