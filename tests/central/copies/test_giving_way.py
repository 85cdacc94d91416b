"""A backup rests as long as it works, so that those who come meanwhile are served."""

from central.copies.giving_way import SAY_EVERY_S, GivingWay


class Day:
    """A clock that only work and rest move."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.rests: list[float] = []
        self.said: list[int] = []
        self.giving_way = GivingWay(
            lambda done, _of: self.said.append(done), lambda: self.now_s, self.rest
        )

    def rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now_s += seconds

    def works(self, seconds: float, done: int, of: int = 100) -> None:
        self.now_s += seconds
        self.giving_way(done, of)


def test_each_piece_is_followed_by_a_rest_of_its_length() -> None:
    day = Day()
    for number, seconds in enumerate((0.5, 0.25, 0.0)):
        day.works(seconds, number)
    assert day.rests == [0.5, 0.25, 0.0]


def test_whoever_looks_on_hears_the_beginning_the_end_and_a_few_times_between() -> None:
    day = Day()
    for done in range(101):
        day.works(SAY_EVERY_S / 16, done)
    assert (day.said[0], day.said[-1]) == (0, 100)
    assert 10 < len(day.said) < 20
