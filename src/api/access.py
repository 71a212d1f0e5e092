"""Who may change anything over HTTP: whoever bears the token of the settings."""

import hmac
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from src.api.wiring import Ctx

_BEARER = HTTPBearer(auto_error=False, description="the token of MATCHBEAT_API_TOKEN")


def require_token(
    ctx: Ctx, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)] = None
) -> None:
    """Let nobody through without the token: 403 where none is set, 401 for none or a wrong one."""
    token = ctx.settings.api_token
    if token is None:
        raise HTTPException(
            status_code=403,
            detail="changes over HTTP are off: set MATCHBEAT_API_TOKEN to a long random word, restart the "
            "API, and send it as `Authorization: Bearer TOKEN`",
        )
    offered = given.credentials.encode() if given else b""
    if not hmac.compare_digest(offered, token.get_secret_value().encode()):
        raise HTTPException(
            status_code=401,
            detail="a change needs the header `Authorization: Bearer TOKEN`, the token being that of "
            "MATCHBEAT_API_TOKEN",
            headers={"WWW-Authenticate": "Bearer"},
        )
