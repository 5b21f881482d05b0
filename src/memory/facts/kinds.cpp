#include "memory/facts/kinds.h"

#include <utf8proc.h>

#include <array>

#include "base/utf8.h"

namespace loam {
namespace {

struct Kind {
  std::string_view name, said;  // said: all forms, each between spaces
};

constexpr std::array kKinds = {
    Kind{"cat", " kitty kitten 고양이 냥이 кошка кошку кошки кошке кот кота коту котик котёнок котенок "},
    Kind{"dog", " puppy 개 강아지 멍멍이 반려견 собака собаку собаки собаке пёс пес пса щенок щенка собачка "},
    Kind{"parrot", " budgie 앵무새 попугай попугая попугайчик "},
    Kind{"rabbit", " bunny 토끼 кролик кролика "},
    Kind{"hamster", " 햄스터 хомяк хомяка хомячок "},
    Kind{"fish", " goldfish 물고기 금붕어 рыбка рыбку "},
    Kind{"turtle", " tortoise 거북이 черепаха черепаху "},
    Kind{"pet", " 반려동물 애완동물 питомец питомца "},
    Kind{"mother", " mom mum mama mommy 엄마 어머니 мама маму мамы маме мать "},
    Kind{"father", " dad papa daddy 아빠 아버지 папа папу папы папе отец отца отцу "},
    Kind{"sister", " 누나 언니 여동생 сестра сестру сестры сестре сестрёнка "},
    Kind{"brother", " 형 오빠 남동생 брат брата брату братик "},
    Kind{"sibling", " 동생 "},
    Kind{"son", " 아들 сын сына сыну сынок "},
    Kind{"daughter", " 딸 дочь дочка дочку дочери дочки "},
    Kind{"child", " kid baby 아이 애 아기 ребёнок ребенок ребёнка ребенка "},
    Kind{"grandmother", " grandma granny nana 할머니 бабушка бабушку бабушки "},
    Kind{"grandfather", " grandpa granddad 할아버지 дедушка дедушку дед деда "},
    Kind{"aunt", " 이모 고모 тётя тетя тётю тетю "},
    Kind{"uncle", " 삼촌 дядя дядю "},
    Kind{"cousin", " 사촌 "},
    Kind{"friend", " best friend 친구 단짝 друг друга подруга подругу подруги "},
    Kind{"colour", " color 색 색깔 цвет "},
    Kind{"food", " dish meal 음식 еда блюдо "},
    Kind{"drink", " beverage 음료 напиток "},
    Kind{"film", " movie 영화 фильм кино "},
    Kind{"series", " tv show show 드라마 сериал "},
    Kind{"book", " novel 책 소설 книга "},
    Kind{"author", " writer 작가 писатель автор "},
    Kind{"song", " 노래 песня "},
    Kind{"band", " music group 밴드 그룹 группа музыкальная группа "},
    Kind{"singer", " artist 가수 певец певица исполнитель "},
    Kind{"music", " 음악 музыка жанр музыки "},
    Kind{"game", " video game 게임 игра "},
    Kind{"sport", " 운동 스포츠 спорт "},
    Kind{"team", " football team 팀 команда "},
    Kind{"season", " 계절 время года "},
    Kind{"animal", " 동물 животное "},
    Kind{"number", " 숫자 число "},
    Kind{"city", " 도시 город "},
    Kind{"flower", " 꽃 цветок "},
    Kind{"fruit", " 과일 фрукт "},
    Kind{"subject", " 과목 предмет "},
    Kind{"car", " vehicle 차 자동차 машина машину авто автомобиль "},
    Kind{"motorcycle", " motorbike 오토바이 мотоцикл "},
    Kind{"bicycle", " bike 자전거 велосипед "},
    Kind{"computer", " pc desktop 컴퓨터 데스크탑 데스크톱 피시 компьютер пк комп "},
    Kind{"laptop", " notebook 노트북 ноутбук ноут "},
    Kind{"phone", " smartphone cellphone 핸드폰 휴대폰 폰 스마트폰 телефон смартфон "},
    Kind{"gpu", " graphics card video card 그래픽카드 그래픽 видеокарта видеокарту видюха "},
    Kind{"cpu", " processor 프로세서 씨피유 процессор "},
    Kind{"camera", " 카메라 камера фотоаппарат "},
    Kind{"guitar", " 기타 гитара гитару "},
    Kind{"piano", " 피아노 пианино "},
};

}  // namespace

std::string kind_name(std::string_view said) {
  std::string lower;
  for (const char32_t c : code_points(said))
    append_utf8(lower, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
  const std::string form = " " + lower + " ";
  for (const Kind& kind : kKinds) {
    if (lower == kind.name || kind.said.find(form) != std::string_view::npos) return std::string(kind.name);
  }
  return lower;
}

}  // namespace loam
