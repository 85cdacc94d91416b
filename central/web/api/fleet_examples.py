"""Examples of machines and releases; `examples.py` shows them with all others."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contract import fleet, fleet_view

_NIGHT = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
_OLD, _NEW = "26.11.4-5e6f7a8b", "26.11.5-1a2b3c4d"
_PLATFORM = "cp311-aarch64"

ALL: list[Any] = [
    fleet.MachineSaid(
        release=_OLD,
        platform=_PLATFORM,
        boot="3f0c9a52",
        roles=["post"],
        phase=fleet.Phase.ROLLED_BACK,
        about=_NEW,
        why="panel did not open",
        bad=[fleet.BadRelease(release=_NEW, why="panel did not open")],
        units=[fleet.UnitFacts(unit="portvakt-kiosk", state="active")],
        clock_synced=True,
        temperature_c=48.5,
        disk_free_mb=9_214,
        uptime_s=86_400,
    ),
    fleet.MachineHeard(
        wanted=fleet.WantedRelease(
            release=_NEW,
            file=f"portvakt-{_NEW}-{_PLATFORM}.tar",
            size=41_943_040,
            sha256="4f" * 32,
        ),
        quiet=[fleet.QuietTime(begins_at=_NIGHT, ends_at=_NIGHT + timedelta(hours=4))],
    ),
    fleet_view.Fleet(
        as_of=_NIGHT,
        says="0 of 1 station ready; 0417 Sign 2 rolled back 26.11.5-1a2b3c4d: panel did not open.",
        stations=1,
        ready=0,
        rings=[
            fleet_view.RingRow(
                ring="lab", stations=["0417"], machines=1, release=_NEW, since=_NIGHT
            )
        ],
        releases=[
            fleet_view.ReleaseRow(
                release=_NEW,
                platforms=[_PLATFORM],
                added_at=_NIGHT,
                size=41_943_040,
                halted_at=_NIGHT,
                why="0417 Sign 2 went back from it: panel did not open",
            )
        ],
        machines=[
            fleet_view.MachineRow(
                station="0417",
                device="sign-1f2e3d4c",
                name="Sign 2",
                role="sign",
                station_name="Piteå",
                door="2",
                release=_OLD,
                wanted=_NEW,
                ring="lab",
                platform=_PLATFORM,
                heard_at=_NIGHT,
                state=fleet_view.MachineState.ROLLED_BACK,
                about=_NEW,
                why="panel did not open",
            )
        ],
    ),
    fleet_view.ReleaseWords(release=_NEW, ring="one"),
    fleet_view.Released(release=_NEW, rings=["one"]),
    fleet_view.TakeBackWords(release=_NEW, rings=["one"]),
    fleet_view.HaltWords(release=_NEW, why="The sign of door 2 flickers."),
    fleet_view.ResumeWords(release=_NEW),
    fleet_view.PinWords(release=_OLD),
    fleet_view.RingWords(ring="lab"),
]
