"""Choice lists that a standard keeps, not the definition."""

from babel import Locale

from questionnaires.definition import Choice, ChoiceList, Text

# CLDR's two-letter territories that ISO 3166 never assigned. XK stays: customs papers use it.
NOT_IN_ISO_3166 = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
)
LOCALES = {"en": "en", "zh-hans": "zh_Hans"}

# GB/T 2260, provincial level, mainland China, with the official names.
PROVINCES: dict[str, tuple[str, str]] = {
    "11": ("Beijing", "北京市"),
    "12": ("Tianjin", "天津市"),
    "13": ("Hebei", "河北省"),
    "14": ("Shanxi", "山西省"),
    "15": ("Inner Mongolia Autonomous Region", "内蒙古自治区"),
    "21": ("Liaoning", "辽宁省"),
    "22": ("Jilin", "吉林省"),
    "23": ("Heilongjiang", "黑龙江省"),
    "31": ("Shanghai", "上海市"),
    "32": ("Jiangsu", "江苏省"),
    "33": ("Zhejiang", "浙江省"),
    "34": ("Anhui", "安徽省"),
    "35": ("Fujian", "福建省"),
    "36": ("Jiangxi", "江西省"),
    "37": ("Shandong", "山东省"),
    "41": ("Henan", "河南省"),
    "42": ("Hubei", "湖北省"),
    "43": ("Hunan", "湖南省"),
    "44": ("Guangdong", "广东省"),
    "45": ("Guangxi Zhuang Autonomous Region", "广西壮族自治区"),
    "46": ("Hainan", "海南省"),
    "50": ("Chongqing", "重庆市"),
    "51": ("Sichuan", "四川省"),
    "52": ("Guizhou", "贵州省"),
    "53": ("Yunnan", "云南省"),
    "54": ("Tibet Autonomous Region", "西藏自治区"),
    "61": ("Shaanxi", "陕西省"),
    "62": ("Gansu", "甘肃省"),
    "63": ("Qinghai", "青海省"),
    "64": ("Ningxia Hui Autonomous Region", "宁夏回族自治区"),
    "65": ("Xinjiang Uygur Autonomous Region", "新疆维吾尔自治区"),
    "00": ("Outside mainland China", "中国大陆以外"),
}
EXPLICIT_NAMES = {"65": ("Uyghur Region (Xinjiang)", "维吾尔地区（新疆）")}


def _both(names: tuple[str, str]) -> dict[str, str]:
    return {"en": names[0], "zh-hans": names[1]}


def provinces(key: str) -> ChoiceList:
    """The 31 mainland divisions and `00`; one entry reads differently in explicit wording."""
    choices = {
        code: Choice(code, Text(_both(EXPLICIT_NAMES.get(code, names)), _both(names)))
        for code, names in PROVINCES.items()
    }
    return ChoiceList(key, choices, "cn_province")


def countries(key: str) -> ChoiceList:
    """ISO 3166 alpha-2 codes with CLDR's names, in the order of the English ones."""
    territories = {
        language: dict(Locale.parse(locale).territories) for language, locale in LOCALES.items()
    }
    names = territories["en"]
    codes = [c for c in names if len(c) == 2 and c.isalpha() and c not in NOT_IN_ISO_3166]
    choices = {}
    for code in sorted(codes, key=lambda code: names[code]):
        label = {language: known[code] for language, known in territories.items()}
        choices[code] = Choice(code, Text(label, label))
    return ChoiceList(key, choices, "iso3166")


EXTERNAL = {"cn_province": provinces, "iso3166": countries}
