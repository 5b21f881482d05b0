#include <fmt/format.h>

#include <algorithm>

#include "engine/grammar/determinize.h"
#include "engine/grammar/schema_compiler.h"

namespace loam {

struct SchemaCompiler::ObjectPart {
  struct Pattern {
    ByteDfa names;
    SchemaPlace value;
  };
  SchemaPlace place;
  std::vector<std::string> names;  // of `properties`, in order
  std::map<std::string, SchemaPlace> properties;
  std::vector<Pattern> patterns;
  std::optional<SchemaPlace> others;  // `additionalProperties`
  std::vector<std::string> required;

  // What it says of the member: by its name, by patterns that match the name, or as of all others.
  void add_value(const std::string& name, Conjunction& value) const {
    const auto at = properties.find(name);
    bool is_named = at != properties.end();
    if (is_named) value.push_back(at->second);
    for (const Pattern& pattern : patterns) {
      if (!pattern.names.accepts(name)) continue;
      value.push_back(pattern.value);
      is_named = true;
    }
    if (!is_named && others) value.push_back(*others);
  }
};

std::vector<SchemaCompiler::ObjectPart> SchemaCompiler::object_parts(const Conjunction& plain) {
  std::vector<ObjectPart> parts;
  for (const SchemaPlace& place : plain) {
    ObjectPart& part =
        parts.emplace_back(ObjectPart{place, {}, {}, {}, find_schema(place, "additionalProperties"), {}});
    for (auto& [name, schema] : find_named_schemas(place, "properties")) {
      part.names.push_back(name);
      part.properties.emplace(name, schema);
    }
    for (const auto& [pattern, schema] : find_named_schemas(place, "patternProperties")) {
      part.patterns.push_back({determinize(rules_, regex(place, "patternProperties", pattern)), schema});
    }
    const Json* required = find_keyword(place, "required");
    const bool of_itself = required && required->is_boolean();  // in the third draft, said of the value itself
    if (!of_itself) part.required = find_strings(place, "required");
  }
  return parts;
}

ExpressionId SchemaCompiler::object(const Conjunction& plain) {
  const std::vector<ObjectPart> parts = object_parts(plain);
  std::vector<Property> named = properties(parts);
  const auto names = allowed_names(plain);
  if (names) std::erase_if(named, [&](const Property& p) { return !p.required && !names->accepts(p.name); });
  int64_t min = 0, max = kUnbounded;
  SchemaPlace counted;
  for (const SchemaPlace& place : plain) {
    if (find_keyword(place, "minProperties") || find_keyword(place, "maxProperties")) counted = place;
    min = std::max(min, find_least(place, "minProperties").value_or(0));
    max = std::min(max, find_most(place, "maxProperties").value_or(kUnbounded));
  }
  std::vector<ListElement> members;
  for (const Property& property : named) {
    const bool possible = !names || names->accepts(property.name);
    const ExpressionId member = json_.member(json_.constant(property.name), value(property.value));
    members.push_back({possible ? member : rules_.never(), property.required ? 1 : 0, 1});
  }
  const std::vector<ExpressionId> others = other_members(parts, named);
  if (min > max || (members.empty() && others.empty() && min > 0)) return rules_.never();
  const auto n_required = std::ranges::count_if(named, &Property::required);
  const bool most_matters = max < static_cast<int64_t>(named.size()) || (!others.empty() && max != kUnbounded);
  if (!named.empty() && (min > n_required || most_matters)) {
    fail_schema(counted, min > n_required ? "minProperties" : "maxProperties",
                "beside properties that may be left out or added, it is not supported");
  }
  if (!others.empty() && max > 0) {
    members.push_back({rules_.choice(others), named.empty() ? min : 0, named.empty() ? max : kUnbounded});
  }
  return json_.object_of(std::move(members));
}

// Those that `properties` and `required` name, in this order. One that cannot be there is left out where it need not
// be.
std::vector<SchemaCompiler::Property> SchemaCompiler::properties(const std::vector<ObjectPart>& parts) const {
  std::vector<Property> properties;
  std::map<std::string, size_t> index;
  const auto add = [&](const std::string& name) -> Property& {
    const auto [at, is_new] = index.try_emplace(name, properties.size());
    if (is_new) properties.push_back({name, {}, false});
    return properties[at->second];
  };
  for (const ObjectPart& part : parts) std::ranges::for_each(part.names, add);
  for (const ObjectPart& part : parts) {
    for (const std::string& name : part.required) add(name).required = true;
  }
  std::vector<Property> kept;
  for (Property& property : properties) {
    for (const ObjectPart& part : parts) part.add_value(property.name, property.value);
    if (property.required || std::ranges::none_of(property.value, is_false)) kept.push_back(std::move(property));
  }
  return kept;
}

// Where a schema names members and does not speak of others, there are none: a model must not make up more. Names of
// others are those that no property has, so that none is there twice.
std::vector<ExpressionId> SchemaCompiler::other_members(const std::vector<ObjectPart>& parts,
                                                        const std::vector<Property>& named) {
  Conjunction plain;
  for (const ObjectPart& part : parts) plain.push_back(part.place);
  const auto allowed = allowed_names(plain);
  ByteDfa rest = allowed ? *allowed : determinize(rules_, rules_.any_text());
  std::vector<std::string> names;
  for (const ObjectPart& part : parts) names.insert(names.end(), part.names.begin(), part.names.end());
  for (const Property& property : named) names.push_back(property.name);
  if (!names.empty()) rest = rest.subtract(ByteDfa::of(names));

  std::vector<ExpressionId> members;
  bool has_patterns = false;
  const ByteDfa unnamed = rest;
  for (size_t i = 0; i < parts.size(); ++i) {
    for (const ObjectPart::Pattern& pattern : parts[i].patterns) {
      has_patterns = true;
      const ByteDfa matching = unnamed.intersect(pattern.names);
      if (matching.empty()) continue;
      if (!matching.subtract(rest).empty()) {
        fail_schema(parts[i].place, "patternProperties", "patterns that match the same names are not supported");
      }
      rest = rest.subtract(pattern.names);
      Conjunction value_of{pattern.value};
      for (size_t j = 0; j < parts.size(); ++j) {
        if (j != i && parts[j].others) value_of.push_back(*parts[j].others);
      }
      if (std::ranges::none_of(value_of, is_false)) members.push_back(json_.member(key_of(matching), value(value_of)));
    }
  }
  Conjunction others;
  for (const ObjectPart& part : parts) {
    if (part.others) others.push_back(*part.others);
  }
  const bool is_open = !others.empty() || (names.empty() && !has_patterns);
  if (!is_open || std::ranges::any_of(others, is_false) || rest.empty()) return members;
  const bool any_name = names.empty() && !has_patterns && !allowed;
  members.push_back(json_.member(any_name ? json_.string() : key_of(rest), value(others)));
  return members;
}

// The names that `propertyNames` allows; nothing where it allows all.
std::optional<ByteDfa> SchemaCompiler::allowed_names(const Conjunction& plain) {
  Conjunction conditions;
  for (const SchemaPlace& place : plain) {
    if (const auto condition = find_schema(place, "propertyNames")) conditions.push_back(*condition);
  }
  if (conditions.empty()) return std::nullopt;
  const std::vector<Conjunction> alternatives = reader_.alternatives(conditions);
  if (alternatives.empty()) return ByteDfa();
  if (alternatives.size() > 1)
    fail_schema(conditions[0], "", "alternatives of names are not supported; use enum or pattern");
  if (!(types(alternatives[0]) & kString)) return ByteDfa();
  const auto values = enumerated(alternatives[0]);
  if (!values) return string_texts(alternatives[0]);
  std::vector<std::string> names;
  for (const Json& value : *values) {
    if (value.is_string()) names.push_back(value.get<std::string>());
  }
  return ByteDfa::of(names);
}

}  // namespace loam
