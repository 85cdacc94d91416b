"""Events over cuts, lost answers, doubles, restarts and restores: each is at the office once, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from central.halls.keeping import fitting
from central.halls.lineage import Part, lineage, next_part
from contract.halls import HallEvent

AT = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


@dataclass
class Restored:
    seq: int
    data: Mapping[str, object]


@dataclass
class History:
    """A hall's database: its events, each with what it was when it happened; and its backup."""

    epoch: str = "e0"
    happened: list[str] = field(default_factory=list)
    restores: list[Restored] = field(default_factory=list)
    kept: "History | None" = None

    def copy(self) -> "History":
        return History(self.epoch, list(self.happened), list(self.restores))


@dataclass
class Kept:
    """What the office has: events by epoch and number."""

    rows: dict[tuple[str, int], str] = field(default_factory=dict)

    def last(self, epoch: str, first: int) -> int:
        return max((seq for name, seq in self.rows if name == epoch), default=first - 1)

    def take(self, part: Part, events: list[HallEvent]) -> int:
        last = self.last(part.epoch, part.first)
        for event in fitting(last, events):
            assert (part.epoch, event.seq) not in self.rows
            self.rows[part.epoch, event.seq] = event.kind
        return self.last(part.epoch, part.first)


class Hall:
    """The sender: what it remembers of the office is lost with its process."""

    def __init__(self) -> None:
        self.base = History()
        self.had: dict[str, int] = {}
        self.true: dict[tuple[str, int], str] = {}

    def something_happens(self) -> None:
        word = f"fact {len(self.true)}"
        self.base.happened.append(word)
        self.true[self.base.epoch, len(self.base.happened)] = word

    def backs_up(self) -> None:
        self.base.kept = self.base.copy()

    def is_restored(self) -> None:
        if self.base.kept is None:
            return
        kept = self.base.kept
        again = kept.copy()
        again.kept = kept
        again.epoch = f"e{len(self.true)}"
        after = len(again.happened)
        data = {"from_epoch": kept.epoch, "after": after}
        # What retention erases comes before the event that tells of the restore.
        for word in (f"erased {len(self.true)}", f"restored {len(self.true)}"):
            again.happened.append(word)
            self.true[again.epoch, len(again.happened)] = word
        again.restores.append(Restored(len(again.happened), data))
        self.base = again
        self.restarts()

    def restarts(self) -> None:
        self.had = {}

    def turn(self, office: Kept, step: int, *, heard: bool, answered: bool, twice: bool) -> bool:
        """One turn as `Link` takes it; whether there is more."""
        part = next_part(lineage(self.base.epoch, self.base.restores), self.had)
        had = self.had.get(part.epoch)
        last = part.last or len(self.base.happened)
        numbers = [] if had is None else range(max(had + 1, part.first), last + 1)[:step]
        events = [
            HallEvent(seq=seq, at=AT, kind=self.base.happened[seq - 1], actor_kind="post")
            for seq in numbers
        ]
        if not heard:
            return True
        taken = office.take(part, events)
        if twice:
            taken = office.take(part, events)
        if not answered:
            return True
        self.had[part.epoch] = taken
        return part.last is not None or taken < last


DEEDS = st.lists(
    st.one_of(
        st.just("happens"),
        st.just("happens"),
        st.just("restarts"),
        st.just("backs_up"),
        st.just("is_restored"),
        st.tuples(st.booleans(), st.booleans(), st.booleans()),
    ),
    max_size=60,
)


@given(deeds=DEEDS, step=st.integers(1, 4))
def test_every_fact_that_a_hall_still_knows_is_at_the_office_once(
    deeds: list[str | tuple[bool, bool, bool]], step: int
) -> None:
    hall, office = Hall(), Kept()
    for deed in deeds:
        if isinstance(deed, tuple):
            heard, answered, twice = deed
            hall.turn(office, step, heard=heard, answered=answered, twice=twice)
        elif deed == "happens":
            hall.something_happens()
        else:
            getattr(hall, deed)()
    for _ in range(500):
        if not hall.turn(office, step, heard=True, answered=True, twice=False):
            break
    # Nothing is there that did not happen, or under another number.
    assert office.rows.items() <= hall.true.items()
    # Everything that this database knows is there, each under the name that it had when it happened.
    parts = lineage(hall.base.epoch, hall.base.restores)
    for part in parts:
        for seq in range(part.first, (part.last or len(hall.base.happened)) + 1):
            assert office.rows[part.epoch, seq] == hall.base.happened[seq - 1]
    # And without a hole.
    for epoch in {name for name, _ in office.rows}:
        numbers = sorted(seq for name, seq in office.rows if name == epoch)
        assert numbers == list(range(numbers[0], numbers[-1] + 1))


def test_a_restore_of_an_older_release_did_not_say_where_it_began() -> None:
    restored = Restored(seq=21, data={"from_epoch": "before"})
    assert lineage("now", [restored]) == [Part("before", 1, 20), Part("now", 21)]


def test_a_backup_of_an_empty_station_leaves_no_history_before() -> None:
    restored = Restored(seq=1, data={"from_epoch": "before", "after": 0})
    assert lineage("now", [restored]) == [Part("now", 1)]
