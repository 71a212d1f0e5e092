"""Clubs as each source names and numbers them."""

import zlib
from dataclasses import dataclass

from src.sandbox.world.draws import hex_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Club:
    """One club; the ids of the three sources derive from `key`, its name in the world itself."""

    key: str
    fotmob_name: str
    fotmob_long_name: str
    fbref_name: str
    titan_name: str
    titan_name_en: str

    @property
    def fotmob_id(self) -> int:
        """FotMob's number of the club, the same in every run."""
        return 10_000 + zlib.crc32(f"fotmob:{self.key}".encode()) % 2_000_000_000

    @property
    def titan_id(self) -> int:
        """Titan007's number of the club, the same in every run."""
        return 10_000 + zlib.crc32(f"titan:{self.key}".encode()) % 2_000_000_000

    @property
    def fbref_id(self) -> str:
        """FBref's squad id: eight hex digits."""
        return hex_id("squad", self.key)
