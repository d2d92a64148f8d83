"""The part `party`: six columns that name one company so that it can be screened."""

from typing import Any

from questionnaires.loader.source import Place

Data = dict[str, Any]

# English and Chinese, and a second pair where the explicit wording differs.
PROVINCE = ("Province", "省份")
PROVINCE_EXPLICIT = (
    "Province (the Uyghur Region is listed as Xinjiang)",
    "省份（维吾尔地区列为“新疆”）",
)
LABELS: dict[str, tuple[str, str]] = {
    "country": ("Country or territory", "国家或地区"),
    "province": PROVINCE,
    "name": ("Name as registered, in its own script", "登记名称（使用登记时的文字）"),
    "name_en": (
        "Name in English, as on invoices and customs papers",
        "英文名称（与发票、报关单一致）",
    ),
    "code": ("Registration number", "登记注册号"),
    "address": (
        "Address of the place itself, not of the head office",
        "该场所的实际地址，而非总部地址",
    ),
}
CODE_HINT = (
    "Mainland China: the 18 characters of the Unified Social Credit Code.",
    "中国大陆企业请填写18位统一社会信用代码。",
)


def expand(data: Data) -> tuple[Data, dict[Place, Place]]:
    """The definition without `use`, and where each moved question stood in the file."""
    origins: dict[Place, Place] = {}
    lists = dict(data.get("choices", {}))
    sections = [
        _section(section, ("sections", i), lists, origins)
        for i, section in enumerate(data["sections"])
    ]
    if lists:
        return {**data, "choices": lists, "sections": sections}, origins
    return {**data, "sections": sections}, origins


def _section(section: Data, at: Place, lists: Data, origins: dict[Place, Place]) -> Data:
    questions: list[Data] = []
    parties = list(section.get("parties", ()))
    for i, item in enumerate(section["questions"]):
        columns = [item]
        if "use" in item:
            columns = _party(item, lists)
            known = {key: item[key] for key in ("prefix", "role", "label", "hint") if key in item}
            origins[(*at, "parties", len(parties))] = (*at, "questions", i)
            parties.append(known)
        for column in columns:
            origins[(*at, "questions", len(questions))] = (*at, "questions", i)
            questions.append(column)
    expanded = {**section, "questions": questions}
    return {**expanded, "parties": parties} if parties else expanded


def _list_of(external: str, usual_name: str, lists: Data) -> str:
    """The key of the list taken from a standard; added where the file has none."""
    for key, choices in lists.items():
        if isinstance(choices, dict) and choices.get("external") == external:
            return key
    lists[usual_name] = {"external": external}
    return usual_name


def _text(pair: tuple[str, str]) -> dict[str, str]:
    return {"en": pair[0], "zh-Hans": pair[1]}


def _party(use: Data, lists: Data) -> list[Data]:
    prefix = use["prefix"]
    in_china = f"${{{prefix}_country}} = 'CN'"
    everywhere: Data = {
        key: use[key] for key in ("relevant", "prefill", "may_decline", "seen_by") if key in use
    }

    def column(part: str, kind: str, **more: Any) -> Data:
        return {
            "key": f"{prefix}_{part}",
            "type": kind,
            "label": _text(LABELS[part]),
            "required": True,
            **everywhere,
            "party": prefix,
            "part": part,
            **more,
        }

    province_label = {"explicit": _text(PROVINCE_EXPLICIT), "traceability": _text(PROVINCE)}
    return [
        column("country", f"select_one {_list_of('iso3166', 'country', lists)}"),
        column(
            "province",
            f"select_one {_list_of('cn_province', 'province', lists)}",
            relevant=in_china,
            label=province_label,
        ),
        column("name", "text"),
        column("name_en", "text", required=in_china),
        column("code", "text", format="uscc", hint=_text(CODE_HINT)),
        column("address", "text"),
    ]
