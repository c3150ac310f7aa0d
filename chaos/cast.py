"""The clients of two resellers, by role, and the resellers' keys, as callers know them.
world.py creates them in the product."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum


class Role(StrEnum):
    """What is done to a client during the run."""

    HOT = "hot"  # stamped by many programs at once
    PLAIN = "plain"  # nothing ever keeps it from stamping
    FLAPPING = "flapping"  # suspended and activated all the time
    TIGHT = "tight"  # runs out of folios and gets a few more
    RENEWING = "renewing"  # renewed again and again; its leftovers are lost


@dataclass(frozen=True)
class Player:
    """A client."""

    id: str
    rfc: str
    reseller: str
    role: Role


@dataclass(frozen=True)
class Key:
    """An API key; a `doomed` one is revoked in mid-run."""

    name: str
    secret: str
    reseller: str
    doomed: bool = False


@dataclass(frozen=True)
class Cast:
    players: list[Player]
    keys: list[Key]

    def of(self, *roles: Role) -> list[Player]:
        return [player for player in self.players if player.role in roles]

    def key_for(self, player: Player) -> Key:
        return next(
            key
            for key in self.keys
            if key.reseller == player.reseller and not key.doomed
        )

    def strangers_key(self, player: Player) -> Key:
        return next(key for key in self.keys if key.reseller != player.reseller)

    @property
    def doomed(self) -> Key:
        return next(key for key in self.keys if key.doomed)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Cast":
        saved = json.loads(text)
        return cls(
            [Player(**{**one, "role": Role(one["role"])}) for one in saved["players"]],
            [Key(**one) for one in saved["keys"]],
        )
