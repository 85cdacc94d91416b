"""Vehicles: what is booked, who is here, by which plates, and how their inspections ended."""

from sqlalchemy import Column, Index, Integer

from central.schema.columns import Json, UtcTime
from central.schema.parts import (
    HAS_ENDED,
    HAS_ENDED_WITH_TWO,
    HAS_OTHER_PLATE,
    IS_CALLED,
    IS_CANCELLED,
    IS_HELD,
    IS_IN_BAY,
    IS_NAMED_ENDED,
    IS_NAMED_STRAY,
    IS_OPEN,
    key,
    may,
    must,
    of_station,
    of_visit,
    only_where,
    table,
)

booking = table(
    "booking",
    key("station"),
    key("ref"),
    must("plate"),
    must("match_key"),
    must("slot_at", UtcTime),
    must("kind"),
    may("visit"),
    may("plate2"),
    may("match_key2"),
    may("make"),
    may("model"),
    may("colour"),
    may("remark"),
    may("cancelled_at", UtcTime),
    of_station(),
    Index("booking_by_slot", "station", "slot_at"),
    Index("booking_by_plate", "station", "match_key", "slot_at"),
    only_where(HAS_OTHER_PLATE, "booking_by_other_plate", "match_key2", "slot_at"),
    only_where(IS_CANCELLED, "cancelled_bookings", "station", "cancelled_at"),
    # A booking of any station, by its vehicle: somebody may stand in the wrong yard.
    Index("booking_of_vehicle", "match_key", "slot_at"),
)

visit = table(
    "visit",
    key("id"),
    must("station"),
    must("plate"),
    must("match_key"),
    must("kind"),
    must("source"),
    must("state"),
    must("version", Integer),
    must("arrived_at", UtcTime),
    must("turn_at", UtcTime),
    must("rule"),
    may("slot_at", UtcTime),
    may("bay"),
    may("call"),
    may("called_at", UtcTime),
    may("in_bay_at", UtcTime),
    may("ended_at", UtcTime),
    must("calls", Integer),
    may("plate2"),
    may("match_key2"),
    must("twin", Integer),
    may("stall", Integer),
    may("reason"),
    may("note"),
    may("booking"),
    of_station(),
    only_where(IS_OPEN, "open_visits", "station"),
    only_where(IS_IN_BAY, "one_car_a_stall", "station", "bay", "stall", unique=True),
    only_where(IS_CALLED, "one_call_a_bay", "station", "bay", unique=True),
    # An arrival, which writes a page for each index, writes none for these.
    only_where(HAS_ENDED, "visit_by_plate", "station", "match_key", "ended_at"),
    only_where(HAS_ENDED_WITH_TWO, "visit_by_other_plate", "station", "match_key2", "ended_at"),
    only_where(HAS_ENDED, "visit_by_end", "station", "state", "ended_at"),
    only_where(IS_NAMED_ENDED, "visit_to_erase", "station", "ended_at"),
)

# One row for each plate of each open visit: one vehicle, one visit, by any of its plates.  `twin` counts
# vehicles that truly bear the same number, which only a person can know.
claim = table(
    "claim",
    key("station"),
    key("match_key"),
    Column("twin", Integer, primary_key=True, autoincrement=False),
    must("visit"),
    of_station(),
    of_visit(),
    Index("claim_by_visit", "visit"),
)

# How an inspection ended, so that a recheck is known when the vehicle comes back.
inspection = table(
    "inspection",
    key("visit"),
    must("station"),
    must("match_key"),
    may("match_key2"),
    must("kind"),
    must("at", UtcTime),
    must("by"),
    must("outcome", Json),
    of_station(),
    of_visit(),
    Index("inspection_by_plate", "station", "match_key", "at"),
    only_where(HAS_OTHER_PLATE, "inspection_by_other_plate", "station", "match_key2", "at"),
)

# `visit` is empty while the arrival is held: a person must look at it first.
arrival = table(
    "arrival",
    key("id"),
    must("station"),
    may("visit"),
    must("device"),
    must("source"),
    must("body_sha256"),
    must("plate"),
    must("match_key"),
    must("at", UtcTime),
    must("received_at", UtcTime),
    must("outcome"),
    may("why"),
    may("settled_at", UtcTime),
    may("settled_by"),
    of_station(),
    of_visit(),
    Index("arrival_by_plate", "station", "match_key", "received_at"),
    Index("arrival_by_visit", "visit"),
    only_where(IS_HELD, "held_arrivals", "station", "received_at"),
    only_where(IS_NAMED_STRAY, "arrival_to_erase", "station", "received_at"),
)
