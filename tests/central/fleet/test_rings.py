"""Which release a machine should run: by its ring, by its pin, and never a halted one anew."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.fleet.rings import RingSkipped, Standing, Wishes, released, target, through, to_begin
from contract.fleet import Phase
from contract.fleet_view import RINGS

R1, R2, R3 = "26.11.4", "26.11.5", "26.11.6"
RELEASES = st.sampled_from([R1, R2, R3])
STANDINGS = st.builds(
    Standing,
    runs=RELEASES,
    ring=st.sampled_from(RINGS),
    pinned=st.none() | RELEASES,
    phase=st.sampled_from(Phase),
    about=RELEASES | st.just(""),
    bad=st.frozensets(RELEASES),
)
WISHES = st.builds(
    Wishes,
    rings=st.dictionaries(st.sampled_from(RINGS), RELEASES),
    halted=st.frozensets(RELEASES),
)


def post(**words: object) -> Standing:
    return Standing(**({"runs": R1, "ring": "all"} | words))  # type: ignore[arg-type]


def test_a_machine_is_told_what_its_ring_wants() -> None:
    wishes = released(Wishes(), R2, "lab", {"lab", "all"})
    assert to_begin(post(ring="lab"), wishes) == R2
    assert to_begin(post(ring="all"), wishes) is None


def test_the_rings_before_get_the_release_too() -> None:
    assert dict(released(Wishes(), R2, "eight", {"eight"}).rings) == dict.fromkeys(
        ("lab", "one", "eight"), R2
    )


def test_a_ring_with_stations_is_not_passed() -> None:
    with pytest.raises(RingSkipped, match=r"Ring one has not got 26\.11\.5 yet"):
        released(Wishes({"lab": R2}), R2, "eight", {"lab", "one", "eight"})


def test_who_runs_it_already_is_told_nothing() -> None:
    assert to_begin(post(runs=R2), Wishes({"all": R2})) is None


def test_who_has_left_it_is_not_told_again() -> None:
    machine = post(phase=Phase.ROLLED_BACK, about=R2, bad={R2})
    assert to_begin(machine, Wishes({"all": R2})) is None
    assert target(machine, Wishes({"all": R2})) == R2  # people still see what was wanted


def test_a_halted_release_goes_on_where_it_has_begun() -> None:
    wishes = Wishes({"all": R2}, halted={R2})
    assert to_begin(post(phase=Phase.STAGING, about=R2), wishes) == R2
    assert to_begin(post(phase=Phase.TRIAL, about=R2), wishes) == R2
    assert to_begin(post(), wishes) is None


def test_who_was_refused_or_went_back_has_not_begun() -> None:
    wishes = Wishes({"all": R2}, halted={R2})
    for phase in (Phase.SETTLED, Phase.ROLLED_BACK, Phase.REFUSED):
        assert to_begin(post(phase=phase, about=R2), wishes) is None


# -- whatever happens -----------------------------------------------------------------------------


@given(STANDINGS, WISHES)
def test_a_halted_release_reaches_nobody_new(machine: Standing, wishes: Wishes) -> None:
    begins = to_begin(machine, wishes)
    assert begins not in wishes.halted or machine.has_begun(str(begins))


@given(STANDINGS, WISHES)
def test_nobody_is_told_what_they_run_or_have_left(machine: Standing, wishes: Wishes) -> None:
    assert to_begin(machine, wishes) not in {machine.runs, *machine.bad}


@given(STANDINGS, WISHES, RELEASES)
def test_a_pinned_machine_never_moves_for_a_ring(
    machine: Standing, wishes: Wishes, pinned: str
) -> None:
    held = post(
        runs=pinned, ring=machine.ring, pinned=pinned, phase=machine.phase, about=machine.about
    )
    assert to_begin(held, wishes) is None


@given(
    st.lists(st.tuples(RELEASES, st.sampled_from(RINGS)), max_size=12),
    st.frozensets(st.sampled_from(RINGS)),
)
def test_no_release_ever_passes_a_ring_that_has_stations(
    steps: list[tuple[str, str]], peopled: frozenset[str]
) -> None:
    wishes = Wishes()
    had: Mapping[str, set[str]] = {ring: set() for ring in RINGS}
    for release, ring in steps:
        try:
            wishes = released(wishes, release, ring, peopled)
        except RingSkipped:
            continue
        for one in through(ring):
            had[one].add(release)
        before = [one for one in through(ring)[:-1] if one in peopled]
        assert all(wishes.rings[one] == release for one in before)
    for ring in RINGS:
        assert all(had[ring] <= had[one] for one in through(ring) if one in peopled)
