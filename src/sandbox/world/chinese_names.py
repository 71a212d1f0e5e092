"""Chinese club names from invented or untabled ones, by sound: the same name gives the same characters."""

import re

_SUFFIXES = {
    "united": "联",
    "utd": "联",
    "city": "城",
    "town": "镇",
    "rovers": "流浪者",
    "wanderers": "漫游者",
    "athletic": "竞技",
    "albion": "阿尔比恩",
    "rangers": "巡游者",
    "county": "郡",
    "saint": "圣",
    "st": "圣",
    "borough": "堡",
    "vale": "谷",
    "forest": "森林",
}
_SOUNDS = {
    "b": "布",
    "c": "克",
    "d": "德",
    "f": "弗",
    "g": "格",
    "h": "赫",
    "j": "杰",
    "k": "克",
    "l": "尔",
    "m": "姆",
    "n": "恩",
    "p": "普",
    "q": "奎",
    "r": "尔",
    "s": "斯",
    "t": "特",
    "v": "维",
    "w": "沃",
    "x": "克斯",
    "y": "伊",
    "z": "兹",
}
_VOWELS = {"a": 0, "e": 1, "i": 2, "y": 2, "o": 3, "u": 4}
_SYLLABLES = {
    "b": "巴贝比博布",
    "c": "卡切奇科库",
    "d": "达德迪多杜",
    "f": "法费菲福富",
    "g": "加格吉戈古",
    "h": "哈赫希霍胡",
    "j": "贾杰吉乔朱",
    "k": "卡凯基科库",
    "l": "拉莱利洛卢",
    "m": "马梅米莫穆",
    "n": "纳内尼诺努",
    "p": "帕佩皮波普",
    "q": "夸奎奎阔库",
    "r": "拉雷里罗鲁",
    "s": "萨塞西索苏",
    "t": "塔泰蒂托图",
    "v": "瓦韦维沃武",
    "w": "沃韦威沃伍",
    "x": "夏谢西肖修",
    "y": "亚耶伊约尤",
    "z": "扎泽齐佐祖",
    "": "阿埃伊奥乌",
}


def chinese_name(name: str) -> str:
    """Return a Chinese rendering of a Latin-script club name."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    return "".join(_SUFFIXES.get(word) or _by_sound(word) for word in words)


def _by_sound(word: str) -> str:
    parts = re.findall(r"([bcdfghjklmnpqrstvwxz]?)([aeiouy]+)|([bcdfghjklmnpqrstvwxz])|([0-9]+)", word)
    spoken = []
    for consonant, vowels, alone, digits in parts:
        if digits:
            spoken.append(digits)
        elif alone:
            spoken.append(_SOUNDS[alone])
        else:
            spoken.append(_SYLLABLES[consonant][_VOWELS[vowels[0]]])
    return "".join(spoken)
