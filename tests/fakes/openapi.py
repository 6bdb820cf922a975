"""An OpenAPI description (3.0) that requests and answers are held against: what it does not describe is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from jsonschema import Draft4Validator, FormatChecker

from penstock.util.web import Answer, Request

_FOR_PEOPLE = frozenset(
    {"description", "example", "examples", "externalDocs", "x-github", "tags", "summary", "title", "deprecated"}
    | {"operationId"}
)


class MismatchError(AssertionError):
    """The request, or the answer, is not what the description says."""


class Description:
    """One description. Paths are those below the server's own."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = _nullable(document)
        self._valid_bodies: set[bytes] = set()
        self._paths = [(re.compile(_pattern(path)), item) for path, item in self._document["paths"].items()]

    def check(self, request: Request, path: str) -> None:
        """Raises MismatchError for a request that is not described, in any part."""
        operation, found = self._operation(request.method, path)
        parameters = [self._resolved(each) for each in operation.get("parameters", ())]
        given = {("path", name): unquote(value) for name, value in found.items()}
        given |= {("query", name): value for name, value in parse_qsl(urlsplit(request.url).query)}
        known = {(each["in"], each["name"]): each for each in parameters}
        for key, value in given.items():
            if key not in known:
                raise MismatchError(f"{request.method} {path} has no parameter {key}")
            schema = known[key]["schema"]
            self._valid(int(value) if schema.get("type") == "integer" else value, schema, f"{key}")
        missing = [key for key, each in known.items() if each.get("required") and key not in given]
        if missing:
            raise MismatchError(f"{request.method} {path} lacks {missing}")
        self._check_body(request, operation)

    def check_answer(self, request: Request, path: str, answer: Answer) -> None:
        """Raises MismatchError for an answer that the operation does not have."""
        operation, _ = self._operation(request.method, path)
        described = operation["responses"].get(str(answer.status))
        if described is None:
            raise MismatchError(f"{request.method} {path} never answers {answer.status}")
        schema = self._resolved(described).get("content", {}).get("application/json", {}).get("schema")
        if schema is not None and (told := f"{path} {answer.status} ".encode() + answer.body) not in self._valid_bodies:
            self._valid(json.loads(answer.body), schema, f"the answer {answer.status} of {path}")
            self._valid_bodies.add(told)  # a large one takes its time, and comes often

    def _check_body(self, request: Request, operation: Mapping[str, Any]) -> None:
        described = operation.get("requestBody")
        if described is None:
            if request.body:
                raise MismatchError("a body that nobody asked for")
            return
        if not request.body:
            if described.get("required"):
                raise MismatchError("no body")
            return
        content = json.loads(request.body)
        schema = described["content"]["application/json"]["schema"]
        self._valid(content, schema, "the body")
        known = {name for each in schema.get("oneOf", [schema]) for name in each.get("properties", {})}
        if isinstance(content, dict) and not content.keys() <= known:
            raise MismatchError(f"the body has unknown keys: {sorted(content.keys() - known)}")

    def _operation(self, method: str, path: str) -> tuple[Mapping[str, Any], dict[str, str]]:
        for pattern, item in self._paths:
            if (found := pattern.fullmatch(path)) and method.lower() in item:
                return item[method.lower()], found.groupdict()
        raise MismatchError(f"there is no {method} {path}")

    def _resolved(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in value:
            return value
        _, kind, name = value["$ref"].rsplit("/", 2)
        resolved: Mapping[str, Any] = self._document["components"][kind][name]
        return resolved

    def _valid(self, value: object, schema: Mapping[str, Any], what: str) -> None:
        whole = {**schema, "components": self._document["components"]}
        errors = sorted(Draft4Validator(whole, format_checker=FormatChecker()).iter_errors(value), key=str)
        if errors:
            raise MismatchError(f"{what}: {errors[0].json_path}: {errors[0].message[:300]}")


def _pattern(path: str) -> str:
    return re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))


def _nullable(value: Any) -> Any:
    """`nullable: true`, which OpenAPI 3.0 has in place of the type null."""
    if isinstance(value, list):
        return [_nullable(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {name: _nullable(each) for name, each in value.items()}
    if made.pop("nullable", None) is not True:
        return made
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    return {"anyOf": [made, {"type": "null"}]}


def extract(document: Mapping[str, Any], operations: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """These operations (method, path) alone, with all that they name, without what is for people."""
    paths: dict[str, Any] = {}
    for method, path in operations:
        paths.setdefault(path, {})[method] = _bare(document["paths"][path][method])
    components: dict[str, dict[str, Any]] = {}
    _collect(paths, document, components)
    ordered = {kind: dict(sorted(those.items())) for kind, those in sorted(components.items())}
    info = {name: document["info"][name] for name in ("title", "version", "license") if name in document["info"]}
    return {"openapi": document["openapi"], "info": info, "paths": paths, "components": ordered}


def _collect(value: Any, document: Mapping[str, Any], into: dict[str, dict[str, Any]]) -> None:
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _collect(each, document, into)
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        _, kind, name = value["$ref"].rsplit("/", 2)
        if name not in into.setdefault(kind, {}):
            into[kind][name] = _bare(document["components"][kind][name])
            _collect(into[kind][name], document, into)


def _bare(value: Any, *, names: bool = False) -> Any:
    """`names`: the keys are a schema's properties, whatever they are called."""
    if isinstance(value, list):
        return [_bare(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: each for name, each in value.items() if names or name not in _FOR_PEOPLE}
    return {name: _bare(each, names=name == "properties" and not names) for name, each in kept.items()}
