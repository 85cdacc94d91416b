"""The document: every call is in it, and what it says is what the server reads and gives."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from flask import Flask, Response
from hypothesis import given
from hypothesis import strategies as st

from central.web.answers import JSON
from central.web.api import calls, document, examples, schemas
from central.web.api.calls import Call
from central.web.board_routes import Session
from central.web.replies import as_json
from central.web.routes import Who, blueprint, route
from contract import problems
from contract.plate import Plate, PlateRefused
from contract.transitions import TRANSITIONS
from contract.wire import Role
from contract.words import DeskArrival
from tests.central.web.hall import Hall

Document = dict[str, Any]


@pytest.fixture
def made(hall: Hall) -> Document:
    answer = hall.person(Who.OFFICE).get("/v1/openapi.json")
    return msgspec.json.decode(answer.data, type=Document)


def every_call(document: Document) -> Iterator[tuple[str, Document]]:
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            yield f"{method.upper()} {path}", call


def validator(document: Document, schema: Document) -> jsonschema_rs.Validator:
    """Reads *schema* with the document's components beside it."""
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": document["components"]}, validate_formats=True
    )


def contents(call: Document) -> Iterator[tuple[Document, object]]:
    """The schema and an example of everything that a call takes and gives."""
    bodies = [call["requestBody"]] if "requestBody" in call else []
    for one in [*bodies, *call["responses"].values()]:
        for content in one.get("content", {}).values():
            for example in content.get("examples", {}).values():
                yield content["schema"], example.get("value", example)


# -- every route is in it ----------------------------------------------------------------------


def test_every_route_says_what_it_takes_and_gives(hall: Hall) -> None:
    assert calls.unmarked(hall.app) == []


def test_a_route_without_a_mark_or_without_its_answer_is_found(hall: Hall) -> None:
    class Forgetful:
        @route("GET", "/v1/secret", Who.MANAGER)
        def secret(self) -> Response:
            return as_json({})

    app = Flask("forgetful", static_folder=None)
    app.add_url_rule("/forgotten", "forgotten", lambda: "")
    app.register_blueprint(blueprint(Forgetful(), "forgetful"))
    assert calls.unmarked(app) == ["/forgotten (forgotten)", "/v1/secret (forgetful.secret)"]


def test_every_call_has_a_name_of_its_own_and_a_sentence(made: Document) -> None:
    found = [call for _, call in every_call(made)]
    names = [call["operationId"] for call in found]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)
    assert all(call["summary"].endswith(".") for call in found), [
        call["operationId"] for call in found if not call["summary"].endswith(".")
    ]


def test_every_verb_of_the_table_is_a_call_with_a_body_of_its_own(made: Document) -> None:
    for verb, row in TRANSITIONS.items():
        call = made["paths"][f"/v1/stations/{{station}}/visits/{{visit}}/{verb}"]["post"]
        assert call["summary"] == row.says
        ref = call["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        body = made["components"]["schemas"][ref.rpartition("/")[2]]
        assert set(body["required"]) == {"version", *row.needs}
        assert set(body["properties"]) == {"version", *row.needs, *row.takes}
        assert body["additionalProperties"] is False


def test_the_document_says_who_may_and_how_they_show_it(hall: Hall, made: Document) -> None:
    for call in calls.of(hall.app):
        said = made["paths"][call.path][call.method.lower()]
        assert set(said["x-portvakt-may"]) == call.route.may
        assert {name for way in said["security"] for name in way} <= set(
            made["components"]["securitySchemes"]
        )
    arrive = made["paths"]["/v1/stations/{station}/arrivals"]["post"]
    assert arrive["security"] == [{"post": []}, {"session": [], "csrf": []}]
    assert made["paths"]["/healthz"]["get"]["security"] == []


def test_only_people_who_are_signed_in_see_the_document(hall: Hall) -> None:
    for who in (Who.STAFF, Who.MANAGER, Who.TECHNICIAN, Who.OFFICE):
        assert hall.person(who).get("/v1/openapi.json").status_code == 200
    assert hall.device(Role.POST).get("/v1/openapi.json").status_code == 403
    assert hall.stranger().get("/v1/openapi.json").status_code == 401


def test_the_document_holds_nothing_about_a_station(hall: Hall) -> None:
    staff = hall.person()
    before = staff.get("/v1/openapi.json").data
    staff.post("arrivals", {"id": hall.arrival()["id"], "plate": "ZZT 987"})
    assert staff.get("/v1/openapi.json").data == before
    assert b'"hall"' not in before
    assert b"ZZT" not in before


# -- what it says is exact ---------------------------------------------------------------------


def test_every_example_fits_its_schema(made: Document) -> None:
    seen = 0
    for name, call in every_call(made):
        for schema, example in contents(call):
            found = example
            if isinstance(example, dict) and "$ref" in example:
                reason = example["$ref"].rpartition("/")[2]
                found = made["components"]["examples"][reason]["value"]
            assert validator(made, schema).is_valid(found), (name, found)
            seen += 1
    assert seen > 200


def test_every_example_is_read_back_by_its_type(hall: Hall) -> None:
    for kind in types(calls.of(hall.app)):
        for name, example in examples.of(kind).items():
            read = msgspec.convert(example, kind)
            assert msgspec.json.encode(read) == msgspec.json.encode(example), name


def types(found: list[Call]) -> set[Any]:
    """Every JSON type that is taken or given."""
    kinds: set[Any] = set()
    for call in found:
        if call.takes is not None and call.takes.media == JSON:
            kinds |= set(call.takes.types)
        kinds |= {one.type for one in call.route.gives if one.media == JSON and one.type}
    return kinds


def test_what_refuses_unknown_fields_says_so_and_what_ignores_them_does_not(
    made: Document,
) -> None:
    kinds = made["components"]["schemas"]
    closed = {name for name, kind in kinds.items() if kind.get("additionalProperties") is False}
    assert {"DeskArrival", "BayWords", "HelpClose", "CallWords", "BookingWords"} <= closed
    assert closed.isdisjoint({"Arrival", "Beat", "HelpCall", "Enrol", "Standing", "Queue"})


def test_a_reference_leads_somewhere(made: Document) -> None:
    refs = re.findall(rb'"\$ref":"#/components/(\w+)/([^"]+)"', msgspec.json.encode(made))
    assert len(refs) > 300
    assert all(name.decode() in made["components"][kind.decode()] for kind, name in refs)


def test_an_answer_with_a_visits_id_leads_to_every_verb(made: Document) -> None:
    for path, method in (("arrivals", "post"), ("queue", "get"), ("visits/{visit}/call", "post")):
        call = made["paths"][f"/v1/stations/{{station}}/{path}"][method]
        links = next(one["links"] for one in call["responses"].values() if "links" in one)
        assert {verb.replace("-", "_") for verb in TRANSITIONS} <= set(links), path
    queue = made["paths"]["/v1/stations/{station}/queue"]["get"]["responses"]["200"]["links"]
    assert queue["finish"] == {
        "operationId": "finish",
        "parameters": {
            "path.station": "$request.path.station",
            "path.visit": "$response.body#/line/0/visit",
        },
        "requestBody": {"version": "$response.body#/line/0/version"},
    }
    names = {call["operationId"] for _, call in every_call(made)}
    assert {"acknowledge", "close_help", "admit", "dismiss", "call_next"} <= set(queue) <= names


def test_a_stream_is_told_event_by_event(made: Document) -> None:
    call = made["paths"]["/v1/stations/{station}/events"]["get"]
    schema = call["responses"]["200"]["content"]["text/event-stream"]["schema"]
    events = [one["properties"]["event"]["const"] for one in schema["oneOf"]]
    assert events == ["snapshot", "event", "heartbeat"]


def test_every_problem_of_a_call_is_in_the_document(hall: Hall, made: Document) -> None:
    for call in calls.of(hall.app):
        said = made["paths"][call.path][call.method.lower()]["responses"]
        for kind in call.refuses():
            examples = said[str(kind.status)]["content"]["application/problem+json"]["examples"]
            assert kind.reason in examples, (call.path, kind.reason)


# -- plates ------------------------------------------------------------------------------------

PLATE = re.compile(schemas.plate_pattern())
ODD = ["ABC123", "a b", "Å1", "A\u030a1", "\u212b1", "\u212a9", "A\u030a\u03011", "A\u00ad\u030a1"]


def is_plate(text: str) -> bool:
    try:
        Plate.parse(text)
    except PlateRefused:
        return False
    return True


def test_every_character_is_a_plates_in_the_pattern_as_in_the_rules() -> None:
    """Of the large scripts of Asia, and of what no Unicode names yet, one in a hundred."""
    some = {
        *range(0x3400),
        *range(0xA000, 0xAC00),
        *range(0xD800, 0x10000),
        *range(0, 0x110000, 97),
    }
    named = {code for code in range(0x110000) if unicodedata.category(chr(code)) in ("Cf", "Zs")}
    for char in map(chr, some | named):
        assert bool(PLATE.search(f"A{char}1")) == is_plate(f"A{char}1"), f"U+{ord(char):04X}"
        assert bool(PLATE.search(f"A{char}")) == is_plate(f"A{char}"), f"U+{ord(char):04X}"


@pytest.mark.parametrize("text", [*ODD, "A", "", "A" * 10, "A" * 11, "-A-B-", "ABC\n", "A٣", "Aß"])
def test_the_pattern_is_the_rule(text: str) -> None:
    assert bool(PLATE.search(text)) == is_plate(text)


@given(st.from_regex(PLATE, fullmatch=True))
def test_whatever_fits_the_pattern_is_a_plate(text: str) -> None:
    assert 2 <= len(Plate.parse(text).text) <= 10


@given(st.text("AÅåoO0-. \u030a\u0301\u00ad\u212b\u0308€", max_size=14))
def test_whatever_is_a_plate_fits_the_pattern(text: str) -> None:
    """In any order of base and marks that a keyboard makes: composed, or one mark behind its letter."""
    if unicodedata.is_normalized("NFC", text) or unicodedata.is_normalized("NFD", text):
        assert bool(PLATE.search(text)) == is_plate(text)


def test_a_plate_that_does_not_fit_is_refused_by_the_schema_too(made: Document) -> None:
    desk = validator(made, {"$ref": "#/components/schemas/DeskArrival"})
    fits = {"id": "019ab0f2-7b4a-7c11-b2d3-4e5f60718293", "plate": "ABC 123"}
    assert desk.is_valid(fits)
    assert msgspec.convert(fits, DeskArrival)
    for broken in ({"plate": "€€€"}, {"plate": "A" * 65}, {"id": "1"}, {"battery": 99}):
        assert not desk.is_valid({**fits, **broken})


# -- the mark is the truth ---------------------------------------------------------------------


def test_an_answer_that_is_not_what_the_mark_says_is_found_out(hall: Hall) -> None:
    class Liar:
        @route("GET", "/v1/lie", Who.ANYBODY, gives=Session)
        def lie(self) -> Response:
            return as_json({"name": 1})

    hall.app.register_blueprint(blueprint(Liar(), "liar"))
    with pytest.raises(AssertionError, match="lie"):
        hall.stranger().get("/v1/lie")


def test_a_problem_that_the_mark_does_not_name_is_found_out(hall: Hall) -> None:
    class Liar:
        @route("GET", "/v1/lie", Who.ANYBODY)
        def lie(self) -> Session:
            raise problems.Problem(problems.BAY_BUSY, "Taken.")

    hall.app.register_blueprint(blueprint(Liar(), "liar"))
    with pytest.raises(AssertionError, match="bay_busy"):
        hall.stranger().get("/v1/lie")


def test_a_missing_example_is_said_by_name() -> None:
    class Unknown(msgspec.Struct):
        word: str

    with pytest.raises(LookupError, match="Unknown"):
        examples.of(Unknown)


def test_a_word_in_an_address_must_be_explained(hall: Hall) -> None:
    class Cryptic:
        @route("GET", "/v1/<riddle>", Who.ANYBODY)
        def riddle(self, riddle: str) -> Session:
            raise NotImplementedError

    app = Flask("cryptic", static_folder=None)
    app.register_blueprint(blueprint(Cryptic(), "cryptic"))
    with pytest.raises(LookupError, match="<riddle>"):
        document.of(calls.of(app))
