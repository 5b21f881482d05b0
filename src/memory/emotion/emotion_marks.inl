// Emoji, emoticons and written laughter, in texts of any language.
constexpr LexiconGroup kEmotionMarks[] = {
    {EmotionLabel::joy, 0.8F, 0.6F,
     "😀 😃 😄 😁 😆 😂 🤣 😊 😍 🥰 😘 🙂 😎 🤗 🥳 🎉 "
     "❤ 💕 💖 👍 :) :-) :D :-D =) ^^ ^_^ ㅋㅋ ㅎㅎ хаха ахах"},
    {EmotionLabel::sadness, -0.7F, 0.4F,
     "😢 😭 😞 😔 😟 ☹ 🙁 💔 🥺 😿 :( :-( :'( =( ㅠㅠ ㅜㅜ T_T ㅠ.ㅠ"},
    {EmotionLabel::anger, -0.75F, 0.8F, "😠 😡 🤬 👿 😤 >:( ㅡㅡ"},
    {EmotionLabel::fear, -0.7F, 0.8F, "😨 😰 😱 😧"},
    {EmotionLabel::disgust, -0.7F, 0.6F, "🤢 🤮"},
    {EmotionLabel::surprise, 0.15F, 0.8F, "😮 😲 😯 🤯 O_O o_O"},
};
