"""Who plays: clients and keys, made by world.py in the product; here as the callers
know them."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Cast:
    """Public ids of clients, and the secrets of as many programs of their reseller."""

    clients: list[str]
    keys: list[str]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Cast":
        return cls(**json.loads(text))
