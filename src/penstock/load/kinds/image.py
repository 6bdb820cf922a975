"""`image = { … }`: a container image that is built, started and asked."""

from __future__ import annotations

from penstock.load.kinds.special import Bound, Special
from penstock.load.shapes import INSIDE, VARIABLE, Scalars
from penstock.load.table import Key
from penstock.load.types import Duration, Size, Text, Whole
from penstock.model.pipeline import JobKind

IMAGE = Special(
    kind=JobKind.IMAGE,
    does="builds a container image, starts it, and asks it whether it is healthy",
    doc="The job builds an image, holds its size against `max_size`, and with `health` starts it and asks it until it "
    "says that it is well. Without a container engine that answers, it is not verified.",
    such='{ file = "Dockerfile", health = "/health", port = 8000, max_size = "1GiB" }',
    main="file",
    keys=(
        Key(
            name="file",
            shape=Text(words="the path of a file in the project", pattern=INSIDE),
            default='"Dockerfile"',
            doc="The file that it is built by.",
        ),
        Key(
            name="context",
            shape=Text(words="the path of a folder in the project", pattern=INSIDE),
            default='"."',
            doc='The folder that the build sees. It is a copy of what git knows, unless `workspace` is `"shared"`.',
        ),
        Key(
            name="target",
            shape=Text(words="the name of a stage", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"),
            default="the last stage",
            doc="The stage of the file that is built.",
        ),
        Key(
            name="arguments",
            shape=Scalars(words="a table of build arguments", keys=VARIABLE, key_words="the name of a variable"),
            default="{}",
            doc="Build arguments (`--build-arg`).",
        ),
        Key(
            name="health",
            shape=Text(words='the path of an address, such as "/health"', pattern=r"^/[!-~]*$"),
            default="none",
            doc="What is asked by HTTP until it answers with a status from 200 to 299. Without it, nothing is started.",
        ),
        Key(
            name="port",
            shape=Whole(minimum=1, maximum=65535),
            default="8000",
            doc="Where the program in the container listens. Outside it gets a free port of the loopback.",
        ),
        Key(name="within", shape=Duration(), default='"60s"', doc="Time from the start to the first good answer."),
        Key(
            name="variables",
            shape=Scalars(words="a table of variables", keys=VARIABLE, key_words="the name of a variable"),
            default="{}",
            doc="Variables for the container.",
        ),
        Key(name="max_size", shape=Size(), doc="The most that the image may take."),
        Key(
            name="cache",
            shape=Text(words="a layer cache", pattern=r"^[A-Za-z0-9_.~/-][^\x00-\x20]*$"),
            default="the engine's own",
            doc='Where layers are kept between machines: `"type=registry,ref=…"`, `"type=gha"` or another of '
            "BuildKit's, or a folder.",
        ),
    ),
    bounds={"max_size": Bound(measure="size", side="most", unit="B")},
)
