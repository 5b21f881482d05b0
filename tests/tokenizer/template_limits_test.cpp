// Hostile templates (rows 45 to 50 of docs/bad-inputs.md): an error that names the limit. No clock is read: that time
// and memory are bounded follows from every operation being charged for its work, which the last tests check.
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tests/support/support.h"
#include "tokenizer/chat_template.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

std::string repeat(const std::string& part, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += part;
  return out;
}

const Json& arguments() {
  static const Json value = {{"messages", Json::array({{{"role", "user"}, {"content", "Hi"}}})}, {"s", "abc"}};
  return value;
}

// The message of the error that parsing or rendering must end in.
std::string error_of(const std::string& source, TemplateLimits limits = {}) {
  std::string message = "no error";
  try {
    ChatTemplate(source, limits).render(arguments());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::template_error);
    EXPECT_TRUE(error.where().starts_with("line ")) << error.where();
    message = error.message();
  }
  return message;
}

void expect_limit(const std::string& limit, const std::string& source) {
  EXPECT_NE(error_of(source).find(limit), std::string::npos) << source.substr(0, 200) << "\n" << error_of(source);
}

TEST(TemplateLimits, Row45Steps) {
  expect_limit("steps", "{% for i in range(10**9) %}{% endfor %}");
  expect_limit("steps", "{{ range(10**9) | list }}");
  expect_limit("steps",
               "{% for i in range(9999) %}{% for j in range(9999) %}{% for k in range(9999) %}x{% endfor %}"
               "{% endfor %}{% endfor %}");
  expect_limit("steps",
               "{% for i in range(9999) %}{% for j in range(9999) %}{% set a = i * j ~ '' %}{% endfor %}{% endfor %}");
  expect_limit("steps", "{% set l = range(99999) | list %}{% for i in l %}{{ l | sort | first }}{% endfor %}");
  expect_limit("steps", "{% set s = 'x' * 4000000 %}{% for i in range(99999) %}{{ 'y' in s }}{% endfor %}");
  expect_limit("steps", "{% set l = [0] * 90000 %}{% for i in range(99999) %}{{ 1 in l }}{% endfor %}");
  expect_limit("steps", "{% set l = [1] * 100000000 %}");
  expect_limit("steps", "{{ [1, 2] | batch(1000000000, 0) | list }}");
  expect_limit("steps", "{{ [1, 2] | slice(1000000000) | list }}");
}

TEST(TemplateLimits, Row46Calls) {
  expect_limit("depth", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}");
  expect_limit("depth", "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}");
  expect_limit("depth", "{% macro f() %}{% call f() %}{% endcall %}{{ caller }}{% endmacro %}{{ f() }}");
  expect_limit("depth", "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}");
  expect_limit("depth", "{% macro f(x) %}" + repeat("{% if x %}", 60) + repeat("(", 1) + "{{ " + repeat("(", 60) +
                            "f(1)" + repeat(")", 60) + " }}" + repeat("{% endif %}", 60) + "{% endmacro %}{{ f(1) }}");
}

TEST(TemplateLimits, Row47Nesting) {
  const int n = 100000;
  expect_limit("depth", "{{ " + repeat("(", n) + "1" + repeat(")", n) + " }}");
  expect_limit("depth", "{{ " + repeat("[", n) + repeat("]", n) + " }}");
  expect_limit("depth", "{{ " + repeat("{1:", n) + "1" + repeat("}", n) + " }}");
  expect_limit("depth", repeat("{% if true %}", n) + repeat("{% endif %}", n));
  expect_limit("depth", repeat("{% for i in [1] %}", n) + repeat("{% endfor %}", n));
  expect_limit("depth", "{{ " + repeat("not ", n) + "1 }}");
  expect_limit("depth", "{{ " + repeat("-", n) + "1 }}");
  expect_limit("depth", "{{ s" + repeat(".x", n) + " }}");
  expect_limit("depth", "{{ s" + repeat("|upper", n) + " }}");
  expect_limit("depth", "{{ s" + repeat("()", n) + " }}");
  expect_limit("depth", "{{ s" + repeat("[0]", n) + " }}");
  expect_limit("depth", "{{ " + repeat("s[", n) + "0" + repeat("]", n) + " }}");
  expect_limit("depth", "{{ " + repeat("s(", n) + repeat(")", n) + " }}");
  expect_limit("depth", "{{ " + repeat("1 if 1 else ", n) + "1 }}");
  expect_limit("depth", "{{ 1" + repeat(" if 1", n) + " }}");
  expect_limit("depth", "{% set " + repeat("(", n) + "a" + repeat(")", n) + " = 1 %}");
  expect_limit("depth",
               "{% set x %}" + repeat("{% filter upper %}", n) + repeat("{% endfilter %}", n) + "{% endset %}");
}

TEST(TemplateLimits, Row47LongChainsAreNotNesting) {
  EXPECT_EQ(ChatTemplate("{{ 0" + repeat(" + 1", 20000) + " }}").render(arguments()), "20000");
  EXPECT_EQ(ChatTemplate("{{ ''" + repeat(" ~ 'x'", 20000) + " }}").render(arguments()), repeat("x", 20000));
  EXPECT_EQ(ChatTemplate("{{ 0" + repeat(" or 0", 20000) + " }}").render(arguments()), "0");
  EXPECT_EQ(ChatTemplate("{{ 1" + repeat(" == 1", 20000) + " }}").render(arguments()), "True");
  EXPECT_EQ(ChatTemplate("{% if 0 %}" + repeat("{% elif 0 %}", 20000) + "{% else %}x{% endif %}").render(arguments()),
            "x");
}

TEST(TemplateLimits, ValuesDoNotNestForEver) {
  expect_limit("depth", "{% set n = namespace(v=[]) %}{% for i in range(9999) %}{% set n.v = [n.v] %}{% endfor %}");
  expect_limit("depth", "{% set n = namespace(v=0) %}{% for i in range(9999) %}{% set n.v = {1: n.v} %}{% endfor %}");
  expect_limit("depth", "{% set n = namespace() %}{% set n.n = n %}{{ n }}");
  expect_limit("depth", "{% set n = namespace() %}{% set n.n = [n] %}{{ [n] }}");
  // A chain of namespaces is taken down without recursion.
  EXPECT_EQ(ChatTemplate("{% set n = namespace(c=0) %}{% for i in range(50000) %}{% set n.c = namespace(c=n.c) %}"
                         "{% endfor %}x")
                .render(arguments()),
            "x");
}

TEST(TemplateLimits, Row48Sizes) {
  expect_limit("size", "{{ 'x' * 10**9 }}");
  expect_limit("size", "{{ 'x' * 10**18 }}");
  expect_limit("size", "{{ 'xy' * 9223372036854775807 }}");
  expect_limit("size", "{% set s = 'x' * 1000000 %}{{ s.replace('x', s) }}");
  expect_limit("size", "{% set s = 'x' * 1000000 %}{{ s | replace('x', 'x' * 99) }}");
  expect_limit("size", "{% set s = 'x' * 100000 %}{{ s | join(s) }}");
  expect_limit("size", "{% set s = 'x' * 100000 %}{{ s.join(s) }}");
  expect_limit("size", "{{ '%999999999d' % 1 }}");
  expect_limit("size", "{{ '%99999999999999999999d' % 1 }}");
  expect_limit("size", "{{ '{:999999999}'.format(1) }}");
  expect_limit("size", "{{ 'a'.ljust(10**9) }}");
  expect_limit("size", "{{ 'a'.zfill(10**9) }}");
  expect_limit("size", "{{ 'a' | center(10**9) }}");
  expect_limit("size", "{{ 'a\tb'.expandtabs(10**9) }}");
  expect_limit("size", "{{ 'a' | indent(10**9, true) }}");
  expect_limit("size", "{{ [1] | tojson(indent=10**9) }}");
  expect_limit("size", "{% set n = namespace(s='x') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}");
  expect_limit("size", "{% set n = namespace(s='x') %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor %}");
  expect_limit("size", "{% set l = ['x' * 1000000] * 9 %}{{ l | join }}");
  // Each text is small enough, but not all of them together: what is made costs steps.
  expect_limit("steps",
               "{% set n = namespace(l=[]) %}{% set s = 'x' * 4000000 %}{% for i in range(999) %}"
               "{% set n.l = n.l + [s ~ i] %}{% endfor %}");
  expect_limit("size", "{% set s = 'x' * 100000 %}{% for i in range(9999) %}{{ s }}{% endfor %}");
}

TEST(TemplateLimits, Row49Attributes) {
  for (const char* source :
       {"{{ ''.__class__ }}", "{{ s.__class__.__mro__ }}", "{{ s['__class__'] }}", "{{ s | attr('__class__') }}",
        "{{ raise_exception.__globals__ }}", "{{ messages.__init__ }}", "{{ [s] | map(attribute='__class__') | list }}",
        "{{ range.__call__ }}", "{{ namespace(a=1).__dict__ }}", "{{ '{0.__class__}'.format(s) }}", "{{ s._private }}",
        "{{ ''.__class__ is defined }}", "{% for i in [1] %}{{ loop._iterable }}{% endfor %}"}) {
    EXPECT_NE(error_of(source).find("attribute"), std::string::npos) << source;
  }
  EXPECT_EQ(ChatTemplate("{{ {'_id': 5}._id }}").render(arguments()), "5");  // a key is not an attribute
}

TEST(TemplateLimits, Row50BrokenTemplatesNameTheirLine) {
  const auto where_of = [](const std::string& source) -> std::string {
    try {
      return ChatTemplate(source).render(arguments());
    } catch (const Error& error) {
      return error.where();
    }
  };
  EXPECT_EQ(where_of("a\nb\n{{ 1 + }}"), "line 3");
  EXPECT_EQ(where_of("a\n{% if x %}\nb"), "line 3");
  EXPECT_EQ(where_of("a\n{# x"), "line 2");
  EXPECT_EQ(where_of("{{ 1 }}\n{{ 1 | nofilter }}"), "line 2");
  EXPECT_EQ(where_of("{{ 1 }}\n\n{{ s.x.y }}\n"), "line 3");
  EXPECT_EQ(where_of("{{ 1 }}\n{% for m in messages %}\n  {{ raise_exception('no') }}{% endfor %}"), "line 3");
}

TEST(TemplateLimits, IntegersDoNotOverflow) {
  for (const char* source :
       {"{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}", "{{ 10**18 * 10 }}", "{{ 2**64 }}",
        "{{ (-9223372036854775807 - 1) // -1 }}", "{{ -(-9223372036854775807 - 1) }}", "{{ 9223372036854775808 }}",
        "{{ (-9223372036854775807 - 1) | abs }}", "{{ 9223372036854775807 | round(-3) }}",
        "{{ [9223372036854775807, 1] | sum }}"}) {
    EXPECT_NE(error_of(source), "no error") << source;
  }
  EXPECT_EQ(ChatTemplate("{{ (-9223372036854775807 - 1) % -1 }}").render(arguments()), "0");
  EXPECT_EQ(ChatTemplate("{{ range(-9223372036854775807, 9223372036854775807, 9223372036854775807) | list }}")
                .render(arguments()),
            "[-9223372036854775807, 0]");
}

TEST(TemplateLimits, AreWhatTheCallerSays) {
  const TemplateLimits small = {.steps = 200, .depth = 8, .output_bytes = 100};
  EXPECT_NE(error_of("{% for i in range(200) %}{% endfor %}", small).find("steps"), std::string::npos);
  EXPECT_NE(error_of("{{ ((((((((((1)))))))))) }}", small).find("depth"), std::string::npos);
  EXPECT_NE(error_of("{{ 'x' * 101 }}", small).find("size"), std::string::npos);
  EXPECT_EQ(ChatTemplate("{{ 'x' * 100 }}", small).render(Json::object()), repeat("x", 100));
}

// Values that share their parts have few bytes and exponentially many elements.
TEST(TemplateLimits, SharedPartsAreChargedEachTime) {
  const std::string tuples =
      "{% set n = namespace(t=1, u=1) %}{% for i in range(60) %}{% set n.t = (n.t, n.t) %}"
      "{% set n.u = (n.u, n.u) %}{% endfor %}";
  for (const char* use : {"{% set d = {n.t: 1} %}", "{{ messages[0][n.t] }}", "{{ messages[0].get(n.t) }}",
                          "{{ n.t in messages[0] }}", "{{ [n.t] | unique | list }}", "{{ n.t == n.u }}",
                          "{{ n.t < n.u }}", "{{ n.t in [n.u] }}", "{{ [n.t, n.u] | sort }}", "{{ n.t | tojson }}",
                          "{{ n.t | string }}", "{{ '%s' % n.t }}", "{{ [n.u].index(n.t) }}"}) {
    expect_limit("steps", tuples + use);
  }
}

// What goes through all of the text `s`, the list of texts `l` or the dict `d`.
constexpr const char* kOperations[] = {
    // texts: made, copied, compared, searched
    "s ~ 'x'", "s + 'x'", "s * 2", "'%s' % s", "'%r' % s", "'{}'.format(s)", "s | format", "s.format()", "[s] | join",
    "''.join([s])", "s.join(['a', 'b'])", "s | string | safe", "s | default('x') | upper", "(s ~ '') == s",
    "(s ~ '') < s", "(s ~ '') >= s", "'b' in s", "s.find('b')", "s.rfind('b')", "s.count('b')", "s.replace('b', 'c')",
    "s.replace('a', 'c')", "s | replace('', 'c')", "s.startswith(s)", "s.endswith(s)", "s.removeprefix(s)",
    "s.removesuffix(s)", "{s: 1}", "messages[0][s]", "messages[0].get(s)", "messages | map(attribute=s) | list",
    "messages | sort(attribute=s)", "s is eq(s ~ '')", "s is filter", "s | attr(s)", "dict([(s, 1)])",
    "[s] | unique | list",
    // …and cut
    "s[1:]", "s[::-1]", "s | reverse", "s[::2]", "s.split('b')", "s.split('a')", "s.rsplit('b')", "s.split()",
    "s.rsplit()", "s.splitlines()", "s.partition('b')", "s.rpartition('b')", "s.strip()", "s.strip('a')", "s.strip(s)",
    "s | trim(s)", "s | truncate(90000, true)", "s | list", "s | first", "s | batch(9) | list",
    // …character by character
    "s | upper", "s.upper()", "s | lower", "s.casefold()", "s | capitalize", "s | title", "s.title()", "s.swapcase()",
    "s.istitle()", "s.isalpha()", "s.isspace()", "s is upper", "s is lower", "s | wordcount", "s | wordwrap",
    "s | wordwrap(1)", "s | indent", "s | center(2 * s | length)", "s.ljust(2 * s | length)", "s.zfill(2 * s | length)",
    "s.expandtabs()", "s | int", "s | float", "s | tojson", "s | tojson(ensure_ascii=true)", "[s] | string", "s | e",
    "s | forceescape", "s | urlencode", "s | striptags", "{'k': s} | xmlattr", "{'k': s} | urlencode",
    "strftime_now(s)",
    // lists and dicts
    "l + l", "l * 2", "l[1:]", "l[::-1]", "l == (l + [])", "l < (l + [1])", "0 in l", "l.index(0)", "l.count(0)",
    "l | sort | first", "l | unique | list", "l | groupby(0)", "l | join", "l | join('x')", "l | tojson", "l | string",
    "l | reverse | list", "l | min", "l | max", "[l] | sum(start=[])", "l | batch(9) | list", "l | slice(9) | list",
    "l | map('upper') | list", "l | map(attribute=0) | list", "l | select | list", "l | reject('none') | list",
    "l | map('length') | sum", "dict(d)", "d | dictsort", "d | items | list", "d | list", "d.values() | list",
    "d | tojson", "d | tojson(sort_keys=true)", "d | string", "d == dict(d)", "namespace(**d)", "cycler(*l)",
    "dict(**d)"};

Json inputs(size_t n) {
  Json list = Json::array(), dict = Json::object();
  for (size_t i = 0; i <= n / 10; ++i) list.push_back("x" + std::to_string(i));
  for (size_t i = 0; i <= n / 50; ++i) dict["k" + std::to_string(i)] = i;
  Json given = arguments();
  given.update({{"s", std::string(n, 'a')}, {"l", list}, {"d", dict}});
  return given;
}

bool runs_out_of_steps(const std::string& expression, const Json& given) {
  try {
    ChatTemplate("{% set result = " + expression + " %}", {.steps = 500}).render(given);
    return false;
  } catch (const Error& error) {
    return error.message().find("more than 500 steps") != std::string::npos;
  }
}

// Work grows with the input: the same few steps do for little of it, and not for much.
TEST(TemplateLimits, EveryOperationIsChargedForItsWork) {
  const Json little = inputs(1), much = inputs(100'000);
  for (const char* operation : kOperations) {
    EXPECT_FALSE(runs_out_of_steps(operation, little)) << operation;
    EXPECT_TRUE(runs_out_of_steps(operation, much)) << operation;
  }
}

TEST(TemplateLimits, TheSourceIsChargedToo) {
  EXPECT_NE(error_of("{{ 0" + repeat(" + 1", 200000) + " }}").find("steps"), std::string::npos);
  EXPECT_NE(error_of(repeat("{% set a %}{% endset %}", 100000)).find("steps"), std::string::npos);
  EXPECT_NE(error_of(repeat("x", 5000000)).find("steps"), std::string::npos);
}

// A thousand messages of a kilobyte, in a language of long letters too, through templates that bring tools.
TEST(TemplateLimits, LongConversationsWithToolsFit) {
  const std::string folder = test::shared_path("conformance/templates/");
  LOAM_NEEDS(folder + "expected.json");
  const Json data = Json::parse(test::read_file(folder + "expected.json"));
  Json tools;
  for (const auto& [key, given] : data["cases"].items()) {
    if (given.contains("tools") && given["tools"].is_array()) tools = given["tools"];
  }
  ASSERT_FALSE(tools.empty());
  for (const std::string& content : {repeat("word ", 200), repeat("中文字", 111)}) {
    Json messages = Json::array();
    for (int i = 0; i < 1000; ++i) {
      messages.push_back({{"role", i % 2 ? "assistant" : "user"}, {"content", content + std::to_string(i)}});
    }
    for (const char* name : {"Qwen-Qwen2.5-7B-Instruct.jinja", "meta-llama-Llama-3.1-8B-Instruct.jinja"}) {
      const std::string text = ChatTemplate(test::read_file(folder + name))
                                   .render({{"messages", messages}, {"tools", tools}, {"bos_token", "<s>"}});
      size_t at = 0;
      for (int i = 0; i < 1000; ++i) {
        at = text.find(content + std::to_string(i) + "<|", at);
        ASSERT_NE(at, std::string::npos) << name << ", message " << i;
      }
    }
  }
}

TEST(TemplateLimits, LongConversationsFit) {
  Json messages = Json::array();
  for (int i = 0; i < 400; ++i) {
    messages.push_back({{"role", i % 2 ? "assistant" : "user"}, {"content", repeat("word ", 2000)}});
  }
  const ChatTemplate chat(
      "{% for m in messages %}{{ '<' + m.role + '>' + m.content | trim + '</>\\n' }}{% endfor %}"
      "{% if add_generation_prompt %}<assistant>{% endif %}");
  const std::string text = chat.render({{"messages", messages}});
  EXPECT_EQ(text.size(), 200 * (repeat("word ", 2000).size() - 1 + std::string("<user></>\n").size()) +
                             200 * (repeat("word ", 2000).size() - 1 + std::string("<assistant></>\n").size()) +
                             std::string("<assistant>").size());
}

TEST(TemplateLimits, ArgumentsMustBeAnObject) {
  EXPECT_THROW(ChatTemplate("x").render(Json::array()), Error);
  Json deep = Json::array();
  for (int i = 0; i < 300; ++i) deep = Json::array({deep});
  EXPECT_THROW(ChatTemplate("x").render({{"deep", deep}}), Error);
}

}  // namespace
}  // namespace loam
