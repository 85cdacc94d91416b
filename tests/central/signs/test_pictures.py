"""What stands on a sign, dot by dot, for somebody who asks to see it."""

from functools import partial

import msgspec
import pytest
import sqlalchemy as sa

from central import schema
from central.database.tx import View
from central.devices.enrolment import Purpose
from central.words import Nudge
from contract.problems import Problem
from contract.wire import Enrol, Picture, Role
from tests.central.yards import DESK_1, PITEA, Sign, Station

DOTS = Picture(width_px=3, height_px=7, columns=[127, 8, 127], sha256="f" * 64, whole=True)


def answers(sign: Sign, picture: Picture | None = DOTS) -> None:
    """The sign beats, with the picture that it was asked for."""
    words = msgspec.structs.replace(sign.words(), picture=picture)
    sign.yard.beat(PITEA, sign.device.id, words)


def seen(station: Station) -> list[int] | None:
    """The columns that somebody sees who asks now."""
    picture = station.yard.picture(PITEA, station.sign_1.device.id)
    return None if picture is None else picture.columns


def ask(station: Station) -> None:
    station.yard.ask_picture(PITEA, station.sign_1.device.id)


def pictures(station: Station) -> list[object]:
    """What still stands in any row, sign by sign."""
    statement = sa.select(schema.device.c.picture).where(schema.device.c.role == Role.SIGN)
    return [row.picture for row in station.store.read(partial(View.all, statement=statement))]


def test_the_sign_is_asked_and_its_answer_is_seen(station: Station) -> None:
    station.sign_1.wakes()
    station.nudges.clear()
    ask(station)
    assert [Nudge(PITEA, station.sign_1.device.id, picture=True)] == station.nudges
    assert seen(station) is None, "it has not answered yet"
    answers(station.sign_1)
    picture = station.yard.picture(PITEA, station.sign_1.device.id)
    assert picture is not None
    assert (3, 7, [127, 8, 127], True) == (
        picture.width_px,
        picture.height_px,
        picture.columns,
        picture.whole,
    )
    assert station.clock.now() == picture.at


def test_the_next_beat_forgets_it(station: Station) -> None:
    station.sign_1.wakes()
    answers(station.sign_1)
    answers(station.sign_1, None)
    assert seen(station) is None


def test_what_came_before_the_question_is_no_answer_to_it(station: Station) -> None:
    station.sign_1.wakes()
    answers(station.sign_1)
    ask(station)
    assert seen(station) is None
    answers(station.sign_1)
    assert [127, 8, 127] == seen(station)


def test_the_last_picture_of_a_sign_that_fell_silent_is_not_shown(station: Station) -> None:
    station.sign_1.wakes()
    answers(station.sign_1)
    station.clock.advance(10_000)
    assert [127, 8, 127] == seen(station)
    station.clock.advance(1_000)
    assert seen(station) is None


def test_a_sign_that_falls_silent_leaves_no_plate_behind(station: Station) -> None:
    station.sign_1.wakes()
    answers(station.sign_1)
    for _ in range(2):  # where several serve one database, another may have heard it since
        station.minutes(1)
        station.yard.tick()
    assert [None, None] == pictures(station)


def test_a_sign_that_is_revoked_leaves_no_plate_behind(station: Station) -> None:
    station.sign_1.wakes()
    answers(station.sign_1)
    station.yard.devices.revoke(PITEA, DESK_1, station.sign_1.device.id)
    assert [None, None] == pictures(station)


def test_a_sign_that_is_replaced_leaves_no_plate_behind(station: Station) -> None:
    station.sign_1.wakes()
    answers(station.sign_1)
    purpose = Purpose(PITEA, Role.SIGN, "Sign 1", replaces=station.sign_1.device.id)
    station.yard.devices.enrol(PITEA, Enrol(code=station.yard.devices.codes.make(purpose).code))
    assert [None, None, None] == pictures(station)


def test_looking_is_no_event(station: Station) -> None:
    station.sign_1.wakes()
    _, before = station.yard.cursor(PITEA)
    ask(station)
    answers(station.sign_1)
    assert (station.store.epoch, before) == station.yard.cursor(PITEA)


def test_what_is_no_sign_of_this_station_is_not_there(station: Station) -> None:
    signs = station.yard
    for device in (station.post.id, "sign-00000000"):
        with pytest.raises(Problem, match="no sign"):
            signs.ask_picture(PITEA, device)
        with pytest.raises(Problem, match="no sign"):
            signs.picture(PITEA, device)
    gone = station.enrolled(Role.SIGN, "Sign 3")
    station.yard.devices.revoke(PITEA, DESK_1, gone.id)
    with pytest.raises(Problem, match="no sign"):
        signs.ask_picture(PITEA, gone.id)
