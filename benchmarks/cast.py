"""The clients and API keys of a benchmark, as the calling programs know them. world.py
creates them in the product."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Cast:
    """Public ids of the clients, and the secrets of their reseller's API keys."""

    clients: list[str]
    keys: list[str]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Cast":
        return cls(**json.loads(text))
