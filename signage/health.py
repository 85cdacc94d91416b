"""When a panel counts as broken, and when as mended."""

from dataclasses import dataclass

from contract.wire import PanelState

FAULT_AFTER = 3
WELL_AFTER = 3


@dataclass(frozen=True, slots=True)
class Health:
    """FAULT after three failed writes in a row, well again after three good ones in a row.

    `fault` says why while the state is FAULT.
    """

    state: PanelState = PanelState.OK
    fault: str = ""
    failed: int = 0
    good: int = 0

    def after_write(self, error: str | None) -> "Health":
        """Count one write; *error* says why it failed, None that it did not."""
        return self._after_failed(error) if error is not None else self._after_good()

    @property
    def is_settled(self) -> bool:
        """Whether the next write is expected to tell nothing new."""
        return self.state is PanelState.OK and self.failed == 0

    def _after_failed(self, error: str) -> "Health":
        failed = self.failed + 1
        if self.state is PanelState.OK and failed < FAULT_AFTER:
            return Health(PanelState.OK, "", failed)
        return Health(PanelState.FAULT, error, failed)

    def _after_good(self) -> "Health":
        good = self.good + 1
        if self.state is PanelState.FAULT and good < WELL_AFTER:
            return Health(PanelState.FAULT, self.fault, 0, good)
        return Health()
