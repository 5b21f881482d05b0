#include "tokenizer/pre_tokenizers.h"

#include <algorithm>

namespace loam {
namespace {

using Patterns = const std::string_view[];

// As in each model's tokenizer.json, save that \s is Unicode's White_Space and that expressions which would take
// quadratic time are written in a linear form.
constexpr Patterns kGpt2 = {kGpt2Pattern};
constexpr Patterns kLlama3 = {kLlama3Pattern};
constexpr Patterns kQwen2 = {kQwen2Pattern};
constexpr Patterns kQwen35 = {kQwen35Pattern};
constexpr Patterns kSingleDigits = {R"(\p{N})", kGpt2Pattern};
constexpr Patterns kDefault = {R"([\p{P}$+<=>^~|]+)", kGpt2Pattern, R"(\p{N}+)", "[0-9][0-9][0-9]"};
constexpr Patterns kFalcon = {R"([\p{P}$+<=>^~|`]+)", kGpt2Pattern, "[0-9][0-9][0-9]"};

constexpr std::string_view kTrailingSpace = R"((?<!\s)\s++\z)";  // \s+$
constexpr std::string_view kDeepSeekHan = R"([\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+)";
constexpr Patterns kDeepSeekLlm = {
    R"([\r\n])",
    R"(\s?[A-Za-z\x{B5}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1BA}\x{1BC}-\x{1BF}\x{1C4}-\x{293}\x{295}-\x{2AF})"
    R"(\x{370}-\x{373}\x{376}\x{377}\x{37B}-\x{37D}\x{37F}\x{386}\x{388}-\x{38A}\x{38C}\x{38E}-\x{3A1})"
    R"(\x{3A3}-\x{3F5}\x{3F7}-\x{481}\x{48A}-\x{52F}\x{531}-\x{556}\x{10A0}-\x{10C5}\x{13A0}-\x{13F5})"
    R"(\x{13F8}-\x{13FD}\x{1C90}-\x{1CBA}\x{1CBD}-\x{1CBF}\x{1D00}-\x{1D2B}\x{1D6B}-\x{1D77})"
    R"(\x{1D79}-\x{1D9A}\x{1E00}-\x{1F15}\x{1F18}-\x{1F1D}\x{1F20}-\x{1F45}\x{1F48}-\x{1F4D})"
    R"(\x{1F50}-\x{1F57}\x{1F59}\x{1F5B}\x{1F5D}\x{1F5F}-\x{1F7D}\x{1F80}-\x{1FB4}\x{1FB6}-\x{1FBC}\x{1FBE})"
    R"(\x{1FC2}-\x{1FC4}\x{1FC6}-\x{1FCC}\x{1FD0}-\x{1FD3}\x{1FD6}-\x{1FDB}\x{1FE0}-\x{1FEC})"
    R"(\x{1FF2}-\x{1FF4}\x{1FF6}-\x{1FFC}\x{2102}\x{2107}\x{210A}-\x{2113}\x{2115}\x{2119}-\x{211D}\x{2124})"
    R"(\x{2126}\x{2128}\x{212A}-\x{212D}\x{212F}-\x{2134}\x{2139}\x{213C}-\x{213F}\x{2145}-\x{2149}\x{214E})"
    R"(\x{2183}\x{2184}\x{2C00}-\x{2C7B}\x{2C7E}-\x{2CE4}\x{2CEB}-\x{2CEE}\x{2CF2}\x{2CF3}\x{A640}-\x{A66D})"
    R"(\x{A680}-\x{A69B}\x{A722}-\x{A76F}\x{A771}-\x{A787}\x{A78B}-\x{A78E}\x{AB70}-\x{ABBF})"
    R"(\x{FB00}-\x{FB06}\x{FB13}-\x{FB17}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{10400}-\x{1044F})"
    R"(\x{104B0}-\x{104D3}\x{104D8}-\x{104FB}\x{10C80}-\x{10CB2}\x{10CC0}-\x{10CF2}\x{118A0}-\x{118DF})"
    R"(\x{1E900}-\x{1E943}]+)",
    R"(\s?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+)",
    kTrailingSpace,
    kDeepSeekHan,
    R"(\p{N}+)",
};
constexpr Patterns kDeepSeekCoder = {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)", kDeepSeekHan, R"(\p{N})"};
#define LOAM_DEEPSEEK3_WORDS                           \
  R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+)" \
  R"(|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+)"
constexpr std::string_view kKana = R"([\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+)";
constexpr Patterns kDeepSeek3 = {R"(\p{N}{1,3})", kKana, LOAM_DEEPSEEK3_WORDS R"([\r\n]*|)" LOAM_SPACES};
constexpr Patterns kSpark = {R"(\p{N}{1,3})", kKana, LOAM_DEEPSEEK3_WORDS R"(|[\r\n]|\s+(?!\S)|\s+)", R"(\p{N})"};
constexpr Patterns kAfmoe = {
    kThousands,
    R"([\x{4E00}-\x{9FFF}\x{3400}-\x{4DBF}\x{F900}-\x{FAFF}\x{3040}-\x{309F}\x{30A0}-\x{30FF})"
    R"(\x{FF65}-\x{FF9F}\x{2F00}-\x{2FDF}\x{E40}-\x{E7F}\x{E80}-\x{EFF}\x{1780}-\x{17FF})"
    R"(\x{1000}-\x{109F}\x{AA60}-\x{AA7F}\x{A9E0}-\x{A9FF}\x{AC00}-\x{D7AF}\x{1100}-\x{11FF}]+)",
    LOAM_DEEPSEEK3_WORDS R"([\r\n]*|)" LOAM_SPACES,
};

// Words in which capitals stand first, as o200k and its kin cut them.
#define LOAM_UPPER R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])"
#define LOAM_LOWER R"([\p{Ll}\p{Lm}\p{Lo}\p{M}])"
#define LOAM_CASED_WORDS(UPPER, LOWER, SUFFIX) \
  R"([^\r\n\p{L}\p{N}]?)" UPPER "*" LOWER "+" SUFFIX R"(|[^\r\n\p{L}\p{N}]?)" UPPER "+" LOWER "*" SUFFIX "|"
#define LOAM_OPTIONAL_CONTRACTION "(?:" LOAM_CONTRACTION ")?"
constexpr std::string_view kGpt4oPattern = LOAM_CASED_WORDS(
    LOAM_UPPER, LOAM_LOWER, LOAM_OPTIONAL_CONTRACTION) R"(\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|)" LOAM_SPACES;
constexpr Patterns kGpt4o = {kGpt4oPattern};
constexpr Patterns kTekken = {
    LOAM_CASED_WORDS(LOAM_UPPER, LOAM_LOWER, "") R"(\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|)" LOAM_SPACES};
constexpr Patterns kTinyAya = {kThousandsOfWords, kGpt4oPattern};
constexpr Patterns kYoutu = {
    R"([\x{AC00}-\x{D7A3}\x{3131}-\x{318E}]+)"
    R"(|[\x{FF01}\x{2026}\x{201C}\x{201D}\x{2018}\x{2019}\x{2014}\x{FF1A}\x{FF1B}\x{FF0C}\x{3001}-\x{303F}\x{FE30}-\x{FE4F}]+)"
    R"(|[\x{3105}-\x{312F}]+|[\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+)",
    LOAM_CASED_WORDS(LOAM_UPPER, LOAM_LOWER,
                     LOAM_OPTIONAL_CONTRACTION) R"(\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|)" LOAM_SPACES,
};
// The same without Han characters, which are words of their own: the classes are written as what they leave out.
#define LOAM_NO_LETTER R"(\p{N}\p{P}\p{S}\p{Z}\p{C}\p{sc:Han})"
constexpr Patterns kKimi = {
    R"(\p{sc:Han}+|)" LOAM_CASED_WORDS(
        R"([^\p{Ll})" LOAM_NO_LETTER "]", R"([^\p{Lu}\p{Lt})" LOAM_NO_LETTER "]",
        LOAM_OPTIONAL_CONTRACTION) R"(\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)" LOAM_SPACES,
};

constexpr std::string_view kBloomPattern = R"( ?[^(\s|.,!?\x{2026}\x{3002}\x{FF0C}\x{3001}\x{964}\x{6D4}\x{60C})]+)";
constexpr Patterns kBloom = {kBloomPattern};
constexpr Patterns kViking = {kBloomPattern, R"(\p{N})"};
constexpr Patterns kChameleon = {
    "<sentinel:[0-9]+>", "IMGIMG[A-I]{1,4}Z", R"([\t\n]|    |  )", R"(\p{N})", R"([\p{P}!-/:-@\[-`{-~])", kGpt2Pattern,
};
constexpr Patterns kSuperBpe = {R"(\p{N}+)", kThousandsWithin};
constexpr Patterns kBailing = {
    LOAM_CONTRACTION R"(|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)"};
constexpr Patterns kSeedCoder = {LOAM_CONTRACTION
                                 R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|)" LOAM_SPACES};
constexpr Patterns kUfakzeka = {R"([^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)" LOAM_SPACES};
constexpr Patterns kMiniCpm5 = {
    R"(\p{N}{1,3})",
    LOAM_CONTRACTION R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L}\p{N}]+[\r\n]*|)" LOAM_SPACES,
};
constexpr std::string_view kLines = R"([^\n]+|\n+)";
constexpr Patterns kLaguna = {kLines, kQwen2Pattern};
constexpr Patterns kWholeLines = {kLines};
// tokenizer.json: (?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+ for the letters.
constexpr Patterns kExaoneMoe = {LOAM_CONTRACTION R"(|[^\r\n\p{L}\p{N}]?\p{L}(?:[\p{L}\p{M}]++| (?=\p{L}))*+|\p{N}|)"
                                                  R"( ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+)"};
// A search for line ends that has failed in a run of spaces is not repeated inside it.
constexpr Patterns kJais2 = {LOAM_CONTRACTION
                             R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
                             R"(|(?:(?<!\s)|(?<=[\r\n]))\s*[\r\n]+|\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S))"
                             R"(|\s{64}(?!\S)|\s{32}(?!\S)|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s)"};

constexpr PreTokenizerInfo kTable[] = {
    {"default", kDefault},
    {"llama3", kLlama3, true, true},
    {"llama-v3", kLlama3, true, true},
    {"llama-bpe", kLlama3, true, true},
    {"falcon3", kLlama3, true, true},
    {"falcon-h1", kLlama3, true, true},
    {"pixtral", kLlama3, true, true},
    {"midm-2.0", kLlama3, true, true},
    {"lfm2", kLlama3, true, true},
    {"jina-v5-nano", kLlama3, true, true},
    {"dbrx", kLlama3},
    {"smaug-bpe", kLlama3},
    {"glm4", kLlama3},
    {"chatglm-bpe", kLlama3},
    {"qwen2", kQwen2},
    {"deepseek-r1-qwen", kQwen2},
    {"kormo", kQwen2},
    {"f2llmv2", kQwen2},
    {"megrez", kQwen2},
    {"stablelm2", kQwen2},
    {"hunyuan", kQwen2},
    {"solar-open", kQwen2},
    {"grok-2", kQwen2},
    {"qwen35", kQwen35},
    {"gpt-2", kGpt2},
    {"phi-2", kGpt2},
    {"jina-es", kGpt2},
    {"jina-de", kGpt2},
    {"jina-v1-en", kGpt2},
    {"jina-v2-es", kGpt2},
    {"jina-v2-de", kGpt2},
    {"jina-v2-code", kGpt2},
    {"roberta-bpe", kGpt2},
    {"gigachat", kGpt2},
    {"a.x-4.0", kGpt2},
    {"mellum", kGpt2},
    {"modern-bert", kGpt2},
    {"mpt", kGpt2},
    {"olmo", kGpt2},
    {"jais", kGpt2},
    {"trillion", kGpt2},
    {"granite-docling", kGpt2},
    {"exaone4", kGpt2},
    {"starcoder", kSingleDigits},
    {"refact", kSingleDigits},
    {"command-r", kSingleDigits},
    {"smollm", kSingleDigits},
    {"codeshell", kSingleDigits},
    {"exaone", kSingleDigits},
    {"minerva-7b", kSingleDigits},
    {"mellum2", kSingleDigits},
    {"falcon", kFalcon},
    {"deepseek-llm", kDeepSeekLlm},
    {"deepseek-coder", kDeepSeekCoder},
    {"deepseek-v3", kDeepSeek3},
    {"hunyuan-dense", kDeepSeek3},
    {"joyai-llm", kDeepSeek3},
    {"hy_v4", kDeepSeek3},
    {"spark2_5", kSpark},
    {"afmoe", kAfmoe},
    {"gpt-4o", kGpt4o},
    {"llama4", kGpt4o},
    {"kanana2", kGpt4o},
    {"talkie", kGpt4o},
    {"minimax-m2", kGpt4o},
    {"granite-embed-multi-97m", kGpt4o, false, true},
    {"tekken", kTekken, true, true},
    {"tiny_aya", kTinyAya},
    {"cohere2moe", kTinyAya},
    {"youtu", kYoutu, false, true},
    {"kimi-k2", kKimi},
    {"bloom", kBloom},
    {"poro-chat", kBloom},
    {"gpt3-finnish", kBloom},
    {"viking", kViking},
    {"chameleon", kChameleon, true},
    {"superbpe", kSuperBpe},
    {"bailingmoe", kBailing},
    {"bailingmoe2", kBailing},
    {"llada-moe", kBailing},
    {"seed-coder", kSeedCoder},
    {"ufakzeka", kUfakzeka},
    {"minicpm5", kMiniCpm5, false, true},
    {"laguna", kLaguna},
    {"exaone-moe", kExaoneMoe},
    {"jais-2", kJais2},
    {"gemma4", kWholeLines, true, false, false},
    {"granite-embed-multi-311m", kWholeLines, true, false, false},
    {"sarvam-moe", kWholeLines, false, false, false},
};

}  // namespace

const PreTokenizerInfo* find_pre_tokenizer(std::string_view name) {
  const auto* row =
      std::find_if(std::begin(kTable), std::end(kTable), [&](const auto& info) { return info.name == name; });
  return row == std::end(kTable) ? nullptr : row;
}

}  // namespace loam
