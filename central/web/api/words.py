"""The words that stand in addresses, each explained once."""

from typing import Annotated, Any

from msgspec import Meta

from contract.wire import Id
from contract.words import BayId, Ref

VISIT = "019ab0f2-8c00-7d3e-9a41-5b2f6c7d8e90"
HELP = "019ab0f2-9d11-7a52-8f60-1c2d3e4f5a6b"
PERSON = "019ab0f1-3c44-7e92-8b17-6a5b4c3d2e1f"
ARRIVAL = "019ab0f2-7b4a-7c11-b2d3-4e5f60718293"

WORDS: dict[str, Any] = {
    "station": Annotated[
        BayId, Meta(description="The station's word in addresses.", examples=["pitea"])
    ],
    "visit": Annotated[Id, Meta(description="A visit's id.", examples=[VISIT])],
    "bay": Annotated[BayId, Meta(description="A bay's word in addresses.", examples=["1"])],
    "help_id": Annotated[Id, Meta(description="The id of a call for help.", examples=[HELP])],
    "arrival": Annotated[Id, Meta(description="The id of a held arrival.", examples=[ARRIVAL])],
    "device": Annotated[
        str,
        Meta(
            pattern="^(post|sign)-[0-9a-f]{8}$",
            description="The device's own id, which its enrolment gave.",
            examples=["post-5a6b7c8d"],
        ),
    ],
    "sign": Annotated[
        str,
        Meta(
            pattern="^sign-[0-9a-f]{8}$",
            description="The sign's own id, which its enrolment gave.",
            examples=["sign-1f2e3d4c"],
        ),
    ],
    "file": Annotated[
        str,
        Meta(
            pattern="^[A-Za-z0-9._-]{1,100}$",
            description="The name of a release's file, with `.sig` behind it that of its signature.",
            examples=["portvakt-26.11.5-1a2b3c4d-cp311-aarch64.tar"],
        ),
    ],
    "handle": Annotated[
        str,
        Meta(
            pattern="^[A-HJ-NP-Z2-9]{4}$",
            description="The first half of a device's one-time code, which alone enrols nothing.",
            examples=["K7QF"],
        ),
    ],
    "token_id": Annotated[
        str,
        Meta(
            pattern="^api-[0-9a-f]{8}$",
            description="The id of another system's token; it is no secret.",
            examples=["api-5f1c09ae"],
        ),
    ],
    "person": Annotated[Id, Meta(description="A person's id.", examples=[PERSON])],
    "ref": Annotated[
        Ref,
        Meta(
            description="The booking system's own name for a booking.",
            examples=["B-1041"],
        ),
    ],
}
