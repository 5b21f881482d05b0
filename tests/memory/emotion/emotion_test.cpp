#include "memory/emotion/emotion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "tests/memory/emotion/go_emotions.h"
#include "tests/support/support.h"

namespace loam {
namespace {

struct Felt {
  std::string_view text;
  EmotionLabel label;
};

void expect_labels(const std::vector<Felt>& texts) {
  for (const Felt& felt : texts) {
    EXPECT_EQ(emotion_label_name(feel(felt.text).label), emotion_label_name(felt.label)) << felt.text;
  }
}

TEST(Emotion, EnglishByWords) {
  expect_labels({{"I am so happy, thank you!", EmotionLabel::joy},
                 {"I've never been this sad in my life", EmotionLabel::sadness},
                 {"I'm terrified, I can't sleep for fear", EmotionLabel::fear},
                 {"This is disgusting and gross", EmotionLabel::disgust},
                 {"You idiot, I hate you, shut up", EmotionLabel::anger},
                 {"Wow, I did not expect that, what a surprise!", EmotionLabel::surprise},
                 {"The train leaves at nine from platform two", EmotionLabel::neutral}});
}

TEST(Emotion, Korean) {
  expect_labels({{"오늘 합격 소식을 들어서 정말 기뻤어", EmotionLabel::joy},
                 {"친구들이 축하해 줘서 너무 행복해", EmotionLabel::joy},
                 {"도와줘서 고마워", EmotionLabel::joy},
                 {"강아지가 죽어서 너무 슬퍼", EmotionLabel::sadness},
                 {"요즘 외롭고 우울해", EmotionLabel::sadness},
                 {"일이 많아서 지쳤어", EmotionLabel::sadness},
                 {"팀장 때문에 화가 나서 참을 수 없어", EmotionLabel::anger},
                 {"또 늦어서 짜증나", EmotionLabel::anger},
                 {"내일 수술이 너무 무서워", EmotionLabel::fear},
                 {"시험이 걱정돼서 불안하다", EmotionLabel::fear},
                 {"냄새가 역겨워서 토할 것 같아", EmotionLabel::disgust},
                 {"방이 더러워서 불쾌했어", EmotionLabel::disgust},
                 {"깜짝 놀랐어", EmotionLabel::surprise},
                 {"헐, 세상에", EmotionLabel::surprise},
                 {"아파트는 세 시에 보러 간다", EmotionLabel::neutral},
                 {"회의는 화요일 오후에 한다", EmotionLabel::neutral}});
}

TEST(Emotion, Russian) {
  expect_labels({{"Я так рада, что мы победили", EmotionLabel::joy},
                 {"Спасибо, очень приятно", EmotionLabel::joy},
                 {"Мне очень грустно и одиноко", EmotionLabel::sadness},
                 {"Я устал, всё плохо", EmotionLabel::sadness},
                 {"Меня бесит этот шум, ненавижу", EmotionLabel::anger},
                 {"Мы опять поссорились, он меня раздражает", EmotionLabel::anger},
                 {"Я боюсь летать, мне страшно", EmotionLabel::fear},
                 {"Волнуюсь перед экзаменом, тревожно", EmotionLabel::fear},
                 {"Фу, какая мерзость, меня тошнит", EmotionLabel::disgust},
                 {"Ничего себе, я в шоке", EmotionLabel::surprise},
                 {"Она очень удивилась", EmotionLabel::surprise},
                 {"Поезд уходит в девять вечера", EmotionLabel::neutral},
                 {"Включи радио погромче", EmotionLabel::neutral}});
}

TEST(Emotion, NegationTurnsWhatAWordSays) {
  EXPECT_GT(feel("this is good").valence, feel("this is not good").valence);
  expect_labels({{"하나도 안 무서워", EmotionLabel::neutral},
                 {"별로 행복하지 않아", EmotionLabel::sadness},
                 {"걱정 없어", EmotionLabel::neutral},
                 {"Мне совсем не страшно", EmotionLabel::neutral},
                 {"Я не очень рада", EmotionLabel::sadness}});
  EXPECT_LT(feel("행복하지 않아").valence, 0);
  EXPECT_GT(feel("하나도 안 무서워").valence, 0);
}

TEST(Emotion, StrongWordsAndExclamationsStir) {
  EXPECT_GT(feel("너무 무서워").score(), feel("조금 무서워").score());
  EXPECT_GT(feel("Очень страшно!!!").arousal, feel("Страшно").arousal);
  EXPECT_GT(feel("I hate this!!!").arousal, feel("I hate this").arousal);
  EXPECT_GT(feel("나는 화가 나").arousal, feel("나는 외로워").arousal);
  EXPECT_GT(feel("Я в ярости").intensity(), feel("Поезд уходит").intensity());
}

TEST(Emotion, MarksCountInAnyLanguage) {
  expect_labels({{"ㅋㅋㅋ 그래", EmotionLabel::joy},
                 {"집에 가는 중 ㅠㅠ", EmotionLabel::sadness},
                 {"Опять дождь((", EmotionLabel::sadness},
                 {"Иду домой))", EmotionLabel::joy},
                 {"😱", EmotionLabel::fear}});
}

TEST(Emotion, AnyBytesAreAText) {
  const std::string broken = "\xff\xfe\x80 행복\xed\xa0";
  for (const std::string& text : {std::string(), std::string("   "), broken, std::string(3'000'000, 'a'),
                                  std::string(100'000, '!'), std::string(10'000, '\0')}) {
    const Emotion emotion = feel(text);
    EXPECT_TRUE(std::isfinite(emotion.valence) && std::abs(emotion.valence) <= 1);
    EXPECT_TRUE(emotion.arousal >= 0 && emotion.arousal <= 1);
  }
}

TEST(Emotion, AVectorIsUsedForEnglishOnlyAndWhereItIsSound) {
  const std::vector<float> vector(kEmotionHeadFeatures, 0.05F);
  EXPECT_EQ(feel("hello there", vector).method, EmotionMethod::head);
  EXPECT_EQ(feel("привет", vector).method, EmotionMethod::words);
  EXPECT_EQ(feel("hello there", std::vector<float>(3, 1.0F)).method, EmotionMethod::words);
  EXPECT_EQ(feel("hello there", std::vector<float>(kEmotionHeadFeatures, NAN)).method, EmotionMethod::words);
}

TEST(Emotion, GoEmotionsByWords) {
  const std::string path = test::shared_path("data/emotion/goemotions-ekman-test.tsv.gz");
  LOAM_NEEDS(path);
  test::MicroF1 score;
  for (const auto& [text, labels] : test::read_go_emotions(path)) score.add(feel(text), labels);
  EXPECT_EQ(score.n_texts(), 5427);
  EXPECT_GE(score.value(), 0.65);
  RecordProperty("micro_f1", std::to_string(score.value()));
}

}  // namespace
}  // namespace loam
