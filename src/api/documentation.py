"""`/docs`: the API's own description as a page, with nothing fetched from elsewhere."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from src.api.pages import render

router = APIRouter(include_in_schema=False)


@router.get("/docs", response_class=HTMLResponse)
def documentation(request: Request) -> HTMLResponse:
    """Show every operation with its parameters and answers."""
    description = request.app.openapi()
    operations = [
        _operation(method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = description.get("components", {}).get("schemas", {})
    return render("documentation.html", info=description["info"], operations=operations, schemas=schemas)


def _operation(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    return {
        "method": method.upper(),
        "path": path,
        "id": operation["operationId"],
        "summary": operation.get("description") or operation.get("summary", ""),
        "body": _reference(operation.get("requestBody", {})),
        "guarded": "security" in operation,
        "parameters": [_parameter(item) for item in operation.get("parameters", [])],
        "answers": [_answer(status, item) for status, item in operation["responses"].items()],
    }


def _parameter(item: dict[str, Any]) -> dict[str, Any]:
    schema = item["schema"]
    kinds = [kind.get("type") for kind in schema.get("anyOf", [schema])]
    bounds = [f"{words} {schema[key]}" for key, words in _BOUNDS.items() if key in schema]
    return {
        "name": item["name"],
        "kind": ", ".join([kind for kind in kinds if kind and kind != "null"] + bounds),
        "default": schema.get("default"),
        "description": item.get("description", ""),
    }


_BOUNDS = {"minimum": "at least", "maximum": "at most", "maxLength": "at most characters:"}


def _answer(status: str, item: dict[str, Any]) -> dict[str, Any]:
    return {"status": status, "description": item["description"], "schema": _reference(item)}


def _reference(item: dict[str, Any]) -> str:
    """Return the name of the record that a body or an answer holds, empty where it has none."""
    content = item.get("content", {})
    reference = next((kind.get("schema", {}).get("$ref", "") for kind in content.values()), "")
    return str(reference).rpartition("/")[2]
