"""Errors as problem documents (RFC 9457): what is wrong, where, and what to do."""

from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from src.core.errors import BadData, Misconfigured, Transient
from src.core.logging import redact
from src.domain.edit import Refused, StaleRevision, UnknownEntry
from src.domain.run import UnknownRun, WrongState


class FieldProblem(BaseModel):
    """One parameter that is wrong."""

    field: str
    problem: str


class Problem(BaseModel):
    """An error answer, of the media type application/problem+json."""

    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


class WrongField(BadData):
    """A query parameter whose value cannot be: `field` names it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem


#: What the fields of a change may hold, for those who sent something else.
_EXAMPLES = {
    "who": '"lena"',
    "why": '"upstream is down"',
    "revision": "7",
    "cadence": '{"cron": "0 2 * * *", "timezone": "Europe/Paris"}',
    "priority": "7",
    "parameters": '{"days_ahead": 1}',
    "policy": '{"overlap": "skip", "catch_up_window": 600}',
    "from": '"2026-11-22T02:00:00+00:00"',
    "to": '"2026-11-22T04:00:00+00:00"',
    "at": "2026-11-22T02:00:00Z",
    "limit": "100",
    "dry_run": "true",
    "timeout_s": "3600",
    "state": "started",
    "kind": "flow",
}


def answer(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return the response that carries `problem`."""
    return JSONResponse(
        problem.model_dump(),
        status_code=problem.status,
        headers=headers,
        media_type="application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Let `app` answer every error with a problem document."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(WrongField, _wrong_field)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(Transient, _away)
    app.add_exception_handler(Misconfigured, _misconfigured)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - the type it is registered for
    errors = [
        FieldProblem(field=field, problem=f"{item['msg']}{_example(field)}")
        for item in error.errors()
        for field in [str(item["loc"][-1]) if item["loc"] else "?"]
    ]
    return answer(_wrong(errors))


def _wrong_field(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, WrongField)  # noqa: S101 - the type it is registered for
    return answer(_wrong([FieldProblem(field=error.field, problem=error.problem)]))


def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)  # noqa: S101 - the type it is registered for
    errors = [FieldProblem(field=error.field, problem=error.problem)]
    if isinstance(error, UnknownEntry | UnknownRun):
        title, status = "Not Found", 404
    elif isinstance(error, StaleRevision):
        title, status = "The entry has changed meanwhile", 409
    elif isinstance(error, WrongState):
        title, status = "The run is not in a state for that", 409
    else:
        return answer(_wrong(errors))
    return answer(Problem(title=title, status=status, detail=str(error), errors=errors))


def _example(field: str) -> str:
    return f"; for example {_EXAMPLES[field]}" if field in _EXAMPLES else ""


def _wrong(errors: list[FieldProblem]) -> Problem:
    detail = "; ".join(f"{error.field}: {error.problem}" for error in errors)
    return Problem(title="A parameter is wrong", status=422, detail=detail, errors=errors)


def _away(_request: Request, error: Exception) -> JSONResponse:
    problem = Problem(title="A part is away", status=503, detail=redact(str(error)))
    return answer(problem, {"Retry-After": "5"})


def _misconfigured(_request: Request, error: Exception) -> JSONResponse:
    return answer(Problem(title="A setting is wrong", status=500, detail=redact(str(error))))


def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - the type it is registered for
    title = HTTPStatus(error.status_code).phrase
    problem = Problem(title=title, status=error.status_code, detail=str(error.detail))
    return answer(problem, dict(error.headers or {}))


def _unexpected(_request: Request, _error: Exception) -> JSONResponse:
    # The traceback goes to the log; an answer could carry what must not leave.
    return answer(Problem(title="Internal Server Error", status=500, detail="see the API's log"))
