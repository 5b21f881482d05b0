// What a grammar may cost. Grammars, schemas and expressions come from requests: each is somebody else's program.
#pragma once

#include <cstddef>
#include <cstdint>

namespace loam::grammar_limits {

// ---- compiling: exceeding one is Error(grammar_error) ----
inline constexpr size_t kSourceBytes = 1 << 20;  // of a schema, grammar or regular expression
inline constexpr int kNesting = 128;             // groups in groups, schemas in schemas
inline constexpr int64_t kRepetition = 100'000;  // least or most of a counted repetition, times those around it
inline constexpr int kRules = 20'000;
inline constexpr int kExpressions = 200'000;
inline constexpr int kHeight = 1'000;           // expressions in expressions
inline constexpr int kStates = 400'000;         // of the automaton of all rules
inline constexpr int kDfaStates = 20'000;       // of an expression that must be made deterministic at once
inline constexpr size_t kDfaMembers = 250'000;  // states of that expression in all those states together
inline constexpr size_t kChoices = 50'000;      // of an enum or a list of choices
inline constexpr size_t kAlternatives = 256;    // of one schema, after anyOf in allOf and the like are multiplied out
inline constexpr size_t kConjunction = 256;     // schemas that one value has to satisfy
inline constexpr size_t kSchemaWork = 20'000;   // steps from schema to schema along $ref, allOf, anyOf
inline constexpr int kLeftCalls = 256;          // rules that begin with rules that begin with rules …

// ---- lowering: a repetition up to this many states is written out, a larger one is counted while matching ----
inline constexpr int64_t kUnrolledStates = 64;

// ---- matching: what exceeds one is not allowed, which keeps the text valid ----
inline constexpr int kDepth = 4'096;              // open calls
inline constexpr size_t kItems = 2'048;           // places in the grammar at once
inline constexpr size_t kFrames = 256;            // callers of one call
inline constexpr uint32_t kReturns = 65'536;      // returns to callers after one byte
inline constexpr uint64_t kMaskWork = 4'000'000;  // items looked at for one mask

// ---- memory of one grammar's states and masks, after which they are made anew ----
inline constexpr size_t kStateBytes = 16 << 20;
inline constexpr size_t kMaskBytes = 8 << 20;

// ---- compiled grammars that a cache keeps ----
inline constexpr size_t kCachedGrammars = 32;
inline constexpr size_t kCachedBytes = 128 << 20;

}  // namespace loam::grammar_limits
