"""The picture of a flow is read from the flow, and drawn as docs/ keeps it."""

import re
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings as real_settings
from django.core.management import CommandError, call_command
from django.utils import translation

from workflows import chart, checks
from workflows.enums import Stage, Verb
from workflows.flows.attestation_v1 import AttestationV1
from workflows.nodes import CaseEnd, CaseStart, Deadline, HumanTask

SVG = "{http://www.w3.org/2000/svg}"


def parsed(**how):
    return ET.fromstring(chart.draw(AttestationV1, **how))  # noqa: S314 - our own picture


@pytest.mark.parametrize("flow", checks.FLOWS)
def test_every_way_of_the_flow_is_an_arrow_with_its_verbs(flow):
    found = {
        (arrow.source, arrow.target, label)
        for arrow in chart.arrows(flow)
        for label in arrow.labels
    }

    expected = set()
    for node in flow.instance.nodes():
        if isinstance(node, CaseStart):
            expected |= {(node.name, node._next.name, str(verb.label)) for verb in node.verbs}
        if isinstance(node, HumanTask):
            for verb, targets in node.ways.items():
                expected |= {(node.name, to.name, str(Verb(verb).label)) for to in targets}
        if isinstance(node, Deadline):
            host = node._attached_to.name
            expected.add((host, "review", str(node.verb.label)))
    assert found == expected


@pytest.mark.parametrize("flow", checks.FLOWS)
def test_every_node_but_deadlines_has_a_place_of_its_own(flow):
    placed = chart.boxes(flow)

    nodes = [node for node in flow.instance.nodes() if not isinstance(node, Deadline)]
    assert set(placed) == {node.name for node in nodes}
    assert len({(box.x, box.y) for box in placed.values()}) == len(placed)
    assert {box.name for box in placed.values() if box.is_round} == {
        node.name for node in nodes if isinstance(node, CaseStart | CaseEnd)
    }


def test_the_picture_is_whole_titled_and_within_its_frame():
    root = parsed()
    width, height = float(root.get("width")), float(root.get("height"))

    assert root.find(f"{SVG}title").text == AttestationV1.instance.process_title
    assert root.find(f"{SVG}desc").text.strip()
    texts = list(root.iter(f"{SVG}text"))
    assert {str(Stage.REVIEW.label)} <= {"".join(text.itertext()).strip() for text in texts}
    for text in texts:
        assert 0 <= float(text.get("x")) <= width
        assert 0 <= float(text.get("y")) <= height


def test_nothing_of_the_picture_needs_a_style_or_a_script():
    assert not re.search(r"style=|<script|<style|href=|url\((?!#)", chart.draw(AttestationV1))


def test_where_the_case_stands_is_marked():
    assert chart.draw(current="review") != chart.draw()
    assert chart.draw(current="review") != chart.draw(current="queried")


def test_the_same_is_said_in_words():
    lines = chart.described(AttestationV1)

    assert len(lines) == len(chart.arrows(AttestationV1))
    assert "In review → Cleared: Clear" in lines


def test_it_speaks_the_readers_language():
    with translation.override("zh-hans"):
        chinese = chart.draw(AttestationV1)

    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert not re.search(r"[\u4e00-\u9fff]", chart.draw(AttestationV1))


def test_the_pictures_in_docs_are_those_of_the_flows():
    call_command("draw_flows", check=True, stdout=StringIO())

    kept = sorted(path.name for path in (Path(real_settings.BASE_DIR) / "docs/flows").iterdir())
    assert kept == [
        f"{version}.{language}.svg"
        for version in ("attestation_v1", "exit_v1")
        for language in ("en", "zh-hans")
    ]


def test_a_picture_that_is_out_of_date_is_told(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs" / "flows").mkdir(parents=True)

    with pytest.raises(CommandError):
        call_command("draw_flows", check=True, stdout=StringIO())
