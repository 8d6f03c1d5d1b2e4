"""The description: a valid OpenAPI 3.1 document that says all that the table says."""

import msgspec
import pytest
from jsonschema import Draft202012Validator
from jsonschema_specifications import REGISTRY
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.schemas import schema_v31
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from referencing.jsonschema import DRAFT202012

from gateway.http.errors import REASONS
from gateway.http.openapi import TAGS, description
from gateway.http.routes import ROUTES

DOCUMENT = msgspec.json.decode(msgspec.json.encode(description(ROUTES)))
"""As it is sent."""


class Validator(OpenAPIV31SpecValidator):
    """The same with the anchors of the schema of OpenAPI found once, instead of at each step: three times as fast."""

    schema_validator = Draft202012Validator(
        dict(schema_v31), registry=(DRAFT202012.create_resource(dict(schema_v31)) @ REGISTRY).crawl()
    )


def test_the_document_is_valid() -> None:
    Validator(DOCUMENT).validate()


def test_another_one_would_be_refused() -> None:
    with pytest.raises(OpenAPIValidationError):
        Validator({**DOCUMENT, "paths": {"/x": {"get": {"responses": {"twohundred": {"description": ""}}}}}}).validate()


def test_every_route_is_in_it_once() -> None:
    described = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == {(route.method, route.path) for route in ROUTES}
    assert len(described) == len(ROUTES)


def test_every_operation_has_words_in_both_languages_and_a_known_tag() -> None:
    tags = {name for name, _, _ in TAGS}
    for route in ROUTES:
        operation = DOCUMENT["paths"][route.path][route.method.lower()]
        assert operation["summary"]
        assert operation["x-summary-zh"]
        assert set(operation["tags"]) <= tags
    assert len({route.name for route in ROUTES}) == len(ROUTES)


def test_every_code_of_a_route_is_described_with_its_status() -> None:
    for route in ROUTES:
        operation = DOCUMENT["paths"][route.path][route.method.lower()]
        for code in route.codes:
            status = str(DOCUMENT["x-errors"][code]["status"])
            if status not in {str(one) for one, _ in route.otherwise}:
                assert f"`{code}`" in operation["responses"][status]["description"]


def test_every_reason_is_used_and_has_both_languages() -> None:
    used = {code for route in ROUTES for code in route.codes} | {"no_such_route", "wrong_method"}
    assert used == {reason.code for reason in REASONS}
    assert all(reason.en and reason.zh and 400 <= reason.status < 600 for reason in REASONS)


def test_every_field_that_is_shown_leads_to_a_type() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        assert schema["description"]
        assert schema["type"] == "object"
