"""What must hold everywhere, found by walking the code instead of naming each place."""

import ast
import inspect
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.functional import Promise

from portal import middleware
from portal.enums import Wording
from portal.models import Work
from workflows.enums import LetterKind

TOP = Path(__file__).parent.parent
OWN = ("portal", "documents", "questionnaires", "workflows")
NO_METHOD = {"closed", "to_code"}  # the same answer to all: not found, or go there instead
NO_LEDGER = {
    "portal.actions.addresses.ask_second",  # mails a code; adding the address is the act
    "questionnaires.actions.signing.content_to_sign",  # shown before the act, changes nothing
    "workflows.actions.campaign.add_suppliers",  # drafts: a case's first event is its launch
    "workflows.actions.signing.prepare_decline",  # opens a page; declining is the act
}


def modules(pattern):
    return [path for app in OWN for path in sorted((TOP / app).glob(pattern))]


def dotted(path):
    return ".".join(path.relative_to(TOP).with_suffix("").parts).removesuffix(".__init__")


def patterns(resolver=None, names=()):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, (*names, entry.namespace) if entry.namespace else names)
        elif isinstance(entry, URLPattern):
            yield ":".join((*names, entry.name or "")), entry.callback


def own_views():
    found = {
        view.__module__ + "." + view.__name__: view
        for _, view in patterns()
        if view.__module__.split(".")[0] in OWN
    }
    return [pytest.param(view, id=name) for name, view in sorted(found.items())]


def own_models():
    return [model for app in OWN for model in apps.get_app_config(app).get_models()]


@pytest.mark.parametrize("view", own_views())
def test_every_view_declares_its_audience_and_methods(view):
    assert hasattr(view, "open_to")
    assert inspect.isfunction(view)
    source = inspect.getsource(inspect.unwrap(view))
    if view.__name__ in NO_METHOD:
        return
    assert re.search(r"@require_(http_methods|GET|POST|safe)", source)


def test_pages_of_libraries_are_those_we_know():
    found = {
        name
        for name, view in patterns()
        if name and view.__module__.split(".")[0] not in OWN and not hasattr(view, "open_to")
    }

    assert found >= middleware.LIBRARY_PAGES


@pytest.mark.parametrize("path", modules("views/**/*.py"), ids=dotted)
def test_views_look_up_nothing_by_hand(path):
    """A look-up in a view starts at `visible_to(user)`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr in {"get", "filter", "all", "exclude"}:
            assert not (isinstance(node.value, ast.Attribute) and node.value.attr == "objects"), (
                f"{path.name}:{node.lineno}"
            )


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_models_are_tidy(model):
    """Ordered where it is shown; `…_at` is a moment and `…_on` a day."""
    if not {base._meta.app_label for base in model.__mro__[1:] if hasattr(base, "_meta")} - {*OWN}:
        assert not model._meta.ordering
    for field in model._meta.local_fields:
        if isinstance(field, models.DateTimeField):
            assert not field.name.endswith("_on"), field.name
        elif isinstance(field, models.DateField):
            assert field.name.endswith("_on"), field.name


def test_work_is_named_after_what_does_it():
    for model in own_models():
        if issubclass(model, Work):
            module, name = model.task.rsplit(".", 1)
            assert hasattr(import_module(module), name), model


@pytest.mark.parametrize("app", OWN)
def test_stored_words_are_short_and_labelled_for_readers(app):
    for name, choices in vars(import_module(f"{app}.enums")).items():
        if not inspect.isclass(choices) or not issubclass(choices, models.TextChoices):
            continue
        for member in list(choices):
            assert re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", member.value), f"{name}.{member.name}"
            assert isinstance(member._label_, Promise | str)
            assert str(member.label).strip()


LETTERS = {
    f"workflows/letters/{kind.lower()}_{wording}.txt" for kind in LetterKind for wording in Wording
}


def templates():
    return sorted(
        str(path.relative_to(TOP / "templates")) for path in (TOP / "templates").rglob("*.*")
    )


def test_templates_are_used():
    """Each is named by code or by another template; mails by their last word, too."""
    text = "\n".join(
        path.read_text()
        for folder in (*OWN, "templates", "tests")
        for path in (TOP / folder).rglob("*")
        if path.suffix in {".py", ".html", ".txt"}
    )
    by_django = re.compile(r"\d{3}\.html|(account|mfa|allauth)/.*")
    unused = [
        name
        for name in templates()
        if not by_django.fullmatch(name)
        and name not in text
        and not re.search(rf"[\"'/]{re.escape(Path(name).stem)}\b", text)
        and name not in LETTERS
    ]

    assert unused == []
    assert set(templates()) >= LETTERS


def meanings(path, tree):
    """What a bare name of a module stands for, as a dotted name."""
    name = dotted(path)
    found = {
        node.name: f"{name}.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


@cache
def calls():
    """Per function of our own code, by dotted name: what it calls, and what names stand for."""
    called, stands_for = {}, {}
    for path in modules("**/*.py"):
        tree = ast.parse(path.read_text())
        names = meanings(path, tree)
        stands_for |= {f"{dotted(path)}.{name}": meaning for name, meaning in names.items()}
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef):
                continue
            mine = called.setdefault(f"{dotted(path)}.{node.name}", set())
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name) and inner.id in names:
                    mine.add(names[inner.id])
                if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
                    mine.add(f"{names.get(inner.value.id, '?')}.{inner.attr}")
    return called, stands_for


def reached(start):
    called, stands_for = calls()
    seen, waiting = set(), {start}
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= ({stands_for.get(name, name)} | called.get(name, set())) - seen
    return seen


def acts():
    """Public functions of `actions` that take `by`: what a person does."""
    for path in (*modules("actions/*.py"), *modules("actions.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield f"{dotted(path)}.{node.name}", node


@pytest.mark.parametrize(("name", "node"), [pytest.param(*act, id=act[0]) for act in acts()])
def test_actions_take_keywords_and_who_acts(name, node):
    if any(word.arg == "by" for word in node.args.kwonlyargs):
        assert len(node.args.args) <= 1, "keyword-only, save for what it is about"


def test_every_act_is_written_to_the_ledger():
    silent = {
        name
        for name, node in acts()
        if any(word.arg == "by" for word in node.args.kwonlyargs)
        and "portal.ledger.record" not in reached(name)
    }

    assert silent == NO_LEDGER
