"""The clients of Beto."""

from demo.acts import suspended
from demo.rhythms import Rhythm
from demo.stories.names import SHARED
from demo.year import Story

WEEKLY = Rhythm.WEEKLY

BETO = [
    Story(
        rfc=SHARED,
        package="Frontera anual",
        ends_in=170,
        per_day=1.5,
        acts=(suspended(3, "Ya factura con otro proveedor"),),
    ),
    Story(rfc="MGE030716B85", package="Frontera anual", ends_in=92, per_day=2),
    Story(
        rfc="FNS1502116Y2",
        package="Frontera 100",
        since=190,
        rhythm=WEEKLY,
        per_day=0.9,
        tops_up=100,
    ),
    Story(rfc="BEIC770829PU8", package="Frontera 100", since=240, per_day=0.8),
    Story(rfc="MFT9604224X2", package="Frontera anual", ends_in=-10, per_day=1.8),
    Story(rfc="OONL901114A34", package="Frontera 100", since=1, per_day=1),
]
