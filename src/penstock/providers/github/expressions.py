"""GitHub's expressions, as far as the conditions of jobs need them: what `if` comes to for given contexts.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
What it does not know (a function such as hashFiles) is refused, and never guessed. GitHub's own evaluator says the same
of random ones (tests/property/test_gate_on_github.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from penstock.providers.github.values import FUNCTIONS, UnknownExpressionError, compared, every, member, truth
from penstock.value import Value

STATUS = ("success", "failure", "cancelled", "always")  # functions that say how a job's ancestors ended
_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?))|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>&&|\|\||==|!=|<=|>=|[<>!()\[\].,*]))"
)
_WHOLE = re.compile(r"\s*\$\{\{(.*)\}\}\s*", re.DOTALL)
_CONSTANTS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "nan": math.nan, "infinity": math.inf}


class Scope(Value, frozen=True, kw_only=True):
    """What an expression is about. `contexts`: `github`, `needs` … as JSON has them; `status`: what STATUS answers."""

    contexts: Mapping[str, Any]
    status: Mapping[str, bool]


Term: TypeAlias = "Callable[[Scope], Any]"


def holds(condition: str, scope: Scope) -> bool:
    """Whether a job with this `if` runs; "" is a job without one. Raises UnknownExpressionError."""
    text = inside(condition)
    parser = _Parser(text or "success()")
    term = parser.whole()
    if not parser.names & set(STATUS):
        return scope.status["success"] and truth(term(scope))
    return truth(term(scope))


def inside(condition: str) -> str:
    """The expression of a condition, without `${{ }}` around the whole. Raises UnknownExpressionError for text beside
    it, with which a condition is always true.
    """
    whole = _WHOLE.fullmatch(condition)
    text = whole[1] if whole is not None else condition
    if "${{" in text:
        raise UnknownExpressionError("text beside `${{ }}`")
    return text.strip()


class _Parser:
    """From words to a function of the scope. `names`: the functions that are called."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self.names: set[str] = set()

    def whole(self) -> Term:
        """All of it."""
        term = self._chain(0)
        if self._at < len(self._tokens):
            raise UnknownExpressionError(f"`{self._tokens[self._at][1]}` where it ends")
        return term

    def _next(self, *signs: str) -> str:
        """The next token, if it is one of these signs, taken; else ""."""
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        if kind != "sign" or text not in signs:
            return ""
        self._at += 1
        return text

    def _expect(self, sign: str) -> None:
        if not self._next(sign):
            raise UnknownExpressionError(f"`{sign}` is missing")

    def _chain(self, level: int) -> Term:
        """Operators of one level and those that bind closer, from the left."""
        if level == len(_LEVELS):
            return self._negation()
        term = self._chain(level + 1)
        while sign := self._next(*_LEVELS[level]):
            term = _joined(sign, term, self._chain(level + 1))
        return term

    def _negation(self) -> Term:
        if self._next("!"):
            term = self._negation()
            return lambda scope: not truth(term(scope))
        return self._path(self._atom())

    def _atom(self) -> Term:
        if self._next("("):
            term = self._chain(0)
            self._expect(")")
            return term
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        self._at += 1
        if kind == "number":
            number = float(int(text, 16)) if "x" in text else float(text)
            return lambda _: number
        if kind == "text":
            said = text.replace("''", "'")
            return lambda _: said
        if kind != "name":
            raise UnknownExpressionError(f"`{text}`" if text else "it ends too early")
        return self._named(text.lower())

    def _named(self, name: str) -> Term:
        if self._next("("):
            return self._call(name)
        if name in _CONSTANTS:
            return lambda _: _CONSTANTS[name]
        return lambda scope: _context(scope, name)

    def _call(self, name: str) -> Term:
        self.names.add(name)
        given: list[Term] = []
        while not self._next(")"):
            given.append(self._chain(0))
            if not self._next(","):
                self._expect(")")
                break
        if name in STATUS and not given:
            return lambda scope: scope.status[name]
        function = FUNCTIONS.get(name)
        if function is None:
            raise UnknownExpressionError(f"the function `{name}`")
        return lambda scope: function(*(term(scope) for term in given))

    def _path(self, term: Term) -> Term:
        while sign := self._next(".", "["):
            term = self._step(term) if sign == "." else self._index(term)
        return term

    def _step(self, term: Term) -> Term:
        if self._next("*"):
            return lambda scope: every(term(scope))
        kind, name = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        if kind != "name":
            raise UnknownExpressionError("a name is missing after `.`")
        self._at += 1
        return lambda scope: member(term(scope), name)

    def _index(self, term: Term) -> Term:
        if self._next("*"):
            self._expect("]")
            return lambda scope: every(term(scope))
        key = self._chain(0)
        self._expect("]")
        return lambda scope: member(term(scope), key(scope))


_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise UnknownExpressionError(f"`{text[at:].strip()[:20]}`")
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


def _joined(sign: str, left: Term, right: Term) -> Term:
    """`&&` and `||` give one of their sides, and ask the second only where the first does not decide."""
    if sign == "||":
        return lambda scope: value if truth(value := left(scope)) else right(scope)
    if sign == "&&":
        return lambda scope: right(scope) if truth(value := left(scope)) else value
    return lambda scope: compared(sign, left(scope), right(scope))


def _context(scope: Scope, name: str) -> Any:
    if name not in scope.contexts:
        raise UnknownExpressionError(f"the context `{name}`")
    return scope.contexts[name]
