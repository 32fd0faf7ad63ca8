"""Documentation: complete, well-formed, and rendered by botocore without remains of markup."""

from __future__ import annotations

import pydoc
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import botocore
import pytest
from botocore.docs.service import ServiceDocumenter
from model_pairs import (
    AWS_NAMES,
    SERVICES,
    definition,
    each_operation,
    each_service,
    loader,
    needs_payments_in_botocore,
    recording_client,
    session,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAGS = {"p", "code", "ul", "li", "b", "i", "a"}
REMAINS = re.compile(r"</?(?:p|code|ul|ol|li|b|i|a|br|note)\b|&(?:lt|gt|amp|quot);")
SENTENCE_END = re.compile(r"(?<=[.:;!?])\s+")
COMPARED_WORDS = 6
# Values that come from an answer or from AWS; a caller does not make them up.
HANDED_ON = ("Arn", "Id", "Identifier", "NextToken", "CredentialProviderName", "UrlString")
# By their form: "a letter, then up to 47", "2 to 15 digits", "as digits".
TOLD_OTHERWISE = {"PaymentConnectorName", "PaymentManagerName", "PhoneNumber", "Version"}
Manual = dict[str, str]


class MarkupChecker(HTMLParser):
    """Collects tags that are unknown, crossed or left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag."""
        if tag not in TAGS:
            self.problems.append(f"unknown tag {tag}")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag opened last."""
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"unexpected end of {tag}")

    def handle_data(self, data: str) -> None:
        """Text belongs into a paragraph."""
        if data.strip() and "p" not in self.open:
            self.problems.append(f"text outside of a paragraph: {data}")


def documentation(service: str) -> Iterator[tuple[str, str | None]]:
    """Path and documentation of everything that must have some."""
    document = definition(service, "service-2")
    yield "service", document.get("documentation")
    for name, described in document["operations"].items():
        yield name, described.get("documentation")
    for name, shape in document["shapes"].items():
        if shape["type"] == "structure":
            yield name, shape.get("documentation")
        for member, reference in shape.get("members", {}).items():
            yield f"{name}.{member}", reference.get("documentation")


@pytest.fixture(scope="module")
def manuals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Manual]:
    """What botocore writes of each service, text by file name."""
    return {service: _manual(service, tmp_path_factory.mktemp(service)) for service in SERVICES}


def _manual(service: str, directory: Path) -> Manual:
    front = ServiceDocumenter(service, session(), str(directory)).document_service()
    pages = {path.stem: path.read_text("utf-8") for path in directory.rglob("*.rst")}
    return {"service": front.decode("utf-8"), **pages}


def _sent(document: Any) -> set[str]:
    """Names of all shapes that requests are made of."""
    shapes, found = document["shapes"], set()
    waiting = [operation["input"]["shape"] for operation in document["operations"].values()]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            shape = shapes[name]
            parts = [*shape.get("members", {}).values()]
            parts += [shape[part] for part in ("member", "key", "value") if part in shape]
            waiting += [part["shape"] for part in parts]
    return found


def every_text(element: Any) -> Iterator[str]:
    """All documentation below an element of a data file."""
    if isinstance(element, dict):
        for key, value in element.items():
            if key == "documentation" and isinstance(value, str):
                yield value
            else:
                yield from every_text(value)
    elif isinstance(element, list):
        for value in element:
            yield from every_text(value)


@each_service
def test_everything_is_documented(service: str) -> None:
    assert [path for path, text in documentation(service) if not (text or "").strip()] == []


@each_service
def test_markup_is_balanced_and_known_to_botocore(service: str) -> None:
    for text in every_text(definition(service, "service-2")):
        checker = MarkupChecker()
        checker.feed(text)
        checker.close()
        assert checker.problems == [], text
        assert checker.open == [], text
        assert text.startswith("<p>"), text


@each_service
def test_documentation_says_something(service: str) -> None:
    for path, text in documentation(service):
        assert len(_words(_plain(text or ""))) >= 3, path


@each_service
def test_the_longest_text_that_a_caller_may_write_is_told(service: str) -> None:
    # help() shows the documentation of members, not that of the string shapes behind them.
    document = definition(service, "service-2")
    untold = [
        f"{name}.{member}"
        for name, shape in document["shapes"].items()
        if name in _sent(document)
        for member, reference in shape.get("members", {}).items()
        for text in [document["shapes"][reference["shape"]]]
        if text["type"] == "string" and "max" in text and "enum" not in text
        if not reference["shape"].endswith(HANDED_ON) and reference["shape"] not in TOLD_OTHERWISE
        if str(text["max"]) not in reference["documentation"]
    ]
    assert untold == []


@each_service
def test_code_stands_apart_from_words(service: str) -> None:
    # reStructuredText has no inline literals inside a word.
    for text in every_text(definition(service, "service-2")):
        assert re.search(r"\w<code>|</code>\w", text) is None, text


@each_service
@needs_payments_in_botocore
def test_no_sentence_is_awss(service: str) -> None:
    kinds = ("service-2", "endpoint-rule-set-1")
    aws = AWS_NAMES.values()
    ours = _sentences(definition(service, kind) for kind in kinds)
    theirs = _sentences(loader().load_service_model(name, k) for name in aws for k in kinds)
    assert ours & theirs == set()


@each_operation
def test_help_of_the_client_method_renders(service: str, name: str) -> None:
    method_name = botocore.xform_name(name)
    text = pydoc.plain(pydoc.render_doc(getattr(recording_client(service).client, method_name)))
    documented = definition(service, "service-2")["operations"][name]["documentation"]
    assert REMAINS.search(text) is None
    assert " ".join(_words(_plain(documented))[:8]) in " ".join(_words(text))
    assert f"client.{method_name}(" in text


@each_operation
def test_help_links_to_awss_page_of_the_operation(
    service: str, name: str, manuals: dict[str, Manual]
) -> None:
    source = f"{AWS_NAMES[service]}-{definition(service, 'service-2')['metadata']['apiVersion']}"
    link = f"https://docs.aws.amazon.com/goto/WebAPI/{source}/{name}"
    assert link in manuals[service][botocore.xform_name(name)]


@each_operation
def test_worked_examples_are_in_the_manual(
    service: str, name: str, manuals: dict[str, Manual]
) -> None:
    page = " ".join(_words(manuals[service][botocore.xform_name(name)]))
    for example in definition(service, "examples-1")["examples"][name]:
        assert " ".join(_words(example["description"])) in page


@each_service
def test_manual_has_no_remains_of_markup(service: str, manuals: dict[str, Manual]) -> None:
    for page, text in manuals[service].items():
        assert REMAINS.search(text) is None, page


@each_service
def test_manual_has_pages_for_waiters_and_paginators(
    service: str, manuals: dict[str, Manual]
) -> None:
    waiters = definition(service, "waiters-2")["waiters"]
    paginators = definition(service, "paginators-1")["pagination"]
    assert {*waiters, *paginators} <= set(manuals[service])


def _plain(text: str) -> str:
    return re.sub(r"<[^>]+>", " ", text)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _sentences(documents: Iterator[Any]) -> set[str]:
    """Sentences long enough to be somebody's, reduced to their words."""
    split = (
        _words(sentence)
        for document in documents
        for text in every_text(document)
        for sentence in SENTENCE_END.split(re.sub(r"\s+", " ", _plain(text)))
    )
    return {" ".join(words) for words in split if len(words) >= COMPARED_WORDS}
