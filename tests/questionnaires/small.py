"""A small questionnaire that has one of everything, and ways to change it."""

import copy
import json
from datetime import date
from functools import cache

from questionnaires.loader import load
from questionnaires.logic import evaluate
from questionnaires.static_checks import check_text

TODAY = date(2026, 11, 20)


def both(en, zh="中文"):
    return {"en": en, "zh-Hans": zh}


def question(key, kind="text", **more):
    return {"key": key, "type": kind, "label": both(key.replace("_", " "))} | more


def finding(key, when, **more):
    usual = {
        "clause": "A1",
        "level": "follow_up",
        "scope": "own_products",
        "about": "supplier",
        "text": both("Said."),
    }
    return {"key": key, "when": when} | usual | more


EVIDENCE = {"claim": "place", "kinds": ["licence_extract", "lease"], "months": 12}

SMALL = {
    "format": 1,
    "key": "small",
    "version": "1.0",
    "languages": ["en", "zh-Hans"],
    "basis": {"title": "Call to Action", "date": "2025-07"},
    "choices": {
        "province": {"external": "cn_province"},
        "country": {"external": "iso3166"},
        "yes_no": [
            {"code": "yes", "label": both("Yes", "是")},
            {"code": "no", "label": both("No", "否")},
        ],
        "colour": [
            {"code": "red", "label": both("Red", "红")},
            {"code": "blue", "label": both("Blue", "蓝")},
            {"code": "none", "label": both("None", "无")},
        ],
    },
    "sections": [
        {
            "key": "start",
            "title": both("Start"),
            "questions": [
                question("hello", "note"),
                question("trade", "select_one yes_no", required=True),
                question("why", relevant="${trade} = 'no'", required=True),
                question(
                    "colours",
                    "select_multiple colour",
                    constraint="not(selected(., 'none')) or count-selected(.) = 1",
                    message=both("Choose none alone."),
                ),
                question("staff", "integer", constraint=". >= 0", message=both("Not below 0.")),
                question("share", "decimal"),
                question("since", "date"),
                question("mail", format="email"),
            ],
        },
        {
            "key": "sites",
            "clause": "A1",
            "relevant": "${trade} = 'yes'",
            "title": both("Sites", "场所"),
            "repeat": {"key": "site", "min": 1, "max": 3, "item_title": "${site_name}"},
            "questions": [
                {"use": "party", "prefix": "site", "role": "facility", "label": both("Site")},
                question("site_ours", "select_one yes_no", required=True),
                question(
                    "site_doc",
                    "file",
                    required="${site_ours} = 'yes'",
                    evidence=EVIDENCE,
                ),
                question("site_people", "integer"),
            ],
        },
        {
            "key": "staffing",
            "title": both("Staff"),
            "repeat": {
                "key": "crew",
                "min": 0,
                "max": 9,
                "item_title": "${crew_site}: ${crew_size}",
            },
            "questions": [
                question("crew_site", "select_one ${site_name}"),
                question("crew_size", "integer"),
            ],
        },
        {
            "key": "promises",
            "clause": "B4",
            "title": both("Promises"),
            "questions": [
                question("agree", "select_one yes_no", required=True, may_decline="cannot_say"),
                question("sure", "select_one yes_no", may_decline="no"),
                question("secret", seen_by="counsel"),
                question(
                    "sworn",
                    "declaration",
                    required=True,
                    may_decline="no",
                    statements=[
                        {"code": "d1", "label": both("True.")},
                        {"code": "d2", "label": both("Complete.")},
                    ],
                ),
            ],
        },
    ],
    "findings": [
        finding("site_there", "${site_province} = '65'", clause="B1", level="exit", each="site"),
        finding("any_there", "any(${site_province} = '65')"),
        finding("refuses", "${agree} = 'no'", clause="B5", limb="agreement", level="exit"),
        finding("says_why", "answered(${why})"),
    ],
}


def changed(change):
    """The YAML of SMALL after `change` has been at its data."""
    data = copy.deepcopy(SMALL)
    change(data)
    return json.dumps(data, ensure_ascii=False)


def asked(data, key):
    """The question `key` in the data of a definition."""
    for section in data["sections"]:
        for item in section["questions"]:
            if item.get("key") == key or item.get("prefix") == key:
                return item
    raise KeyError(key)


def with_question(key, **more):
    return changed(lambda data: asked(data, key).update(more))


@cache
def unchanged():
    return load(json.dumps(SMALL, ensure_ascii=False))


def small(change=None):
    return load(changed(change)) if change else unchanged()


def complaints(change):
    """Place and text of what the checks say of SMALL after a change; `warning: ` in front."""
    return [
        (problem.place, ("warning: " if problem.is_warning else "") + problem.text)
        for problem in check_text(changed(change))
    ]


def row(id_, **answers):
    return {"id": id_, "answers": answers}


def answered(start=None, sites=(), staffing=(), promises=None):
    return {
        "start": {"answers": start or {}},
        "sites": {"rows": list(sites)},
        "staffing": {"rows": list(staffing)},
        "promises": {"answers": promises or {}},
    }


SITE = {
    "site_country": "CN",
    "site_province": "33",
    "site_name": "绍兴示例纺织有限公司",
    "site_name_en": "Demo Weaving (Shaoxing) Co., Ltd.",
    "site_code": "91110000600037341L",
    "site_address": "1 Example Road",
    "site_ours": "no",
}


def complete():
    return answered(
        start={"trade": "yes"},
        sites=[row("r1", **SITE)],
        promises={"agree": "yes", "sworn": {"d1": True, "d2": True}},
    )


def said(answers, definition=None, **more):
    return evaluate(definition or small(), answers, TODAY, **more)
