"""The rules of the records at the rim: what a source tells is held to them as the record is made."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ConfigDict, Field

#: Of every record at the rim: no conversions (`"2"` is no number), no unknown fields, no NaN.
STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

_NO_OFFSET = timedelta(0)


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() != _NO_OFFSET:
        raise ValueError(f"not an aware time in UTC: {moment.isoformat()}")
    return moment


def _iana(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"not an IANA time zone: {name!r}") from error
    return name


#: A time that is aware and in UTC.
UtcTime = Annotated[datetime, AfterValidator(_in_utc)]

#: The name of a time zone, as `Europe/London`.
TimeZoneName = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_iana)]

#: A name or an id that is not empty; nothing that a source calls something is longer than this.
Name = Annotated[str, Field(min_length=1, max_length=300)]

#: The SHA-256 of a payload, in lower-case hexadecimal.
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

#: Goals of one side; nobody scores three figures in earnest.
Goals = Annotated[int, Field(ge=0, le=99)]
