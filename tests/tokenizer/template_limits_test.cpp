// Hostile templates (rows 45 to 50 of docs/bad-inputs.md): an error that names the limit, soon, and with little memory.
#include <ctime>
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

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kSeconds = 5;  // instrumented code runs many times slower
#else
constexpr double kSeconds = 0.5;  // five times the 100 ms that are allowed: tests share their cores
#endif

// The message of the error that parsing or rendering must end in.
std::string error_of(const std::string& source, TemplateLimits limits = {}) {
  const std::clock_t start = std::clock();
  std::string message = "no error";
  try {
    ChatTemplate(source, limits).render(arguments());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::template_error);
    EXPECT_TRUE(error.where().starts_with("line ")) << error.where();
    message = error.message();
  }
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, kSeconds) << source.substr(0, 200);
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
  expect_limit("size", "{% set s = 'x' * 8000000 %}{% set l = [s, s] %}{% for i in range(99) %}{{ l }}{% endfor %}");
  // Each text is small enough, but not all of them together.
  expect_limit("size",
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
  const TemplateLimits small = {.steps = 50, .depth = 8, .output_bytes = 100};
  EXPECT_NE(error_of("{% for i in range(60) %}{% endfor %}", small).find("steps"), std::string::npos);
  EXPECT_NE(error_of("{{ ((((((((((1)))))))))) }}", small).find("depth"), std::string::npos);
  EXPECT_NE(error_of("{{ 'x' * 101 }}", small).find("size"), std::string::npos);
  EXPECT_EQ(ChatTemplate("{{ 'x' * 100 }}", small).render(Json::object()), repeat("x", 100));
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
