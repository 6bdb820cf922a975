"""GitHub's own evaluator of expressions, in a process that answers one line for each line that it is asked."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from penstock.providers.github.expressions import Scope

PACKAGE = "@actions/expressions@0.3.61"
_STATUS = re.compile(r"\b(?:success|failure|cancelled|always)\s*\(", re.IGNORECASE)
_PROGRAM = """\
import {createInterface} from "node:readline";
import {Evaluator, Lexer, Parser, data} from "@actions/expressions";

const made = (value) => {
  if (value === null) return new data.Null();
  if (typeof value === "string") return new data.StringData(value);
  if (typeof value === "number") return new data.NumberData(value);
  if (typeof value === "boolean") return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(made));
  return new data.Dictionary(...Object.entries(value).map(([key, each]) => ({key, value: made(each)})));
};
const truth = (found) => {
  if (found.kind === data.Kind.Null) return false;
  if (found.kind === data.Kind.Boolean || found.kind === data.Kind.String) return Boolean(found.value);
  return found.kind === data.Kind.Number ? found.value !== 0 && !Number.isNaN(found.value) : true;
};
const answered = ({text, contexts, status}) => {
  const own = Object.entries(status).map(([name, value]) => {
    return {name, description: "", minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value)};
  });
  const tree = new Parser(new Lexer(text).lex().tokens, Object.keys(contexts), own).parse();
  const functions = new Map(own.map((each) => [each.name, each]));
  return {truth: truth(new Evaluator(tree, made(contexts), functions).evaluate())};
};
for await (const line of createInterface({input: process.stdin})) {
  let answer;
  try { answer = answered(JSON.parse(line)); } catch (error) { answer = {error: String(error.message)}; }
  console.log(JSON.stringify(answer));
}
"""


class RefusedError(Exception):
    """What the evaluator has against an expression."""


class GitHubExpressions:
    """Asks the evaluator."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def holds(self, condition: str, scope: Scope) -> bool:
        """Whether a job with this `if` runs, as the host's documentation has it: `${{ }}` around the whole may be
        missing, and a condition that does not ask how the jobs before it ended asks for their success.
        """
        text = condition.strip().removeprefix("${{").removesuffix("}}").strip() or "success()"
        return self.truth(text if _STATUS.search(text) else f"success() && ({text})", scope)

    def truth(self, text: str, scope: Scope) -> bool:
        """Of one expression. Raises RefusedError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"text": text, "contexts": scope.contexts, "status": scope.status}
        self._process.stdin.write(f"{json.dumps(asked)}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RefusedError(answer["error"])
        return bool(answer["truth"])


@contextmanager
def github_expressions(folder: Path) -> Iterator[GitHubExpressions]:
    """The evaluator, installed below `folder` from npm's registry."""
    (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
    (folder / "ask.mjs").write_text(_PROGRAM)
    words = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", PACKAGE]
    subprocess.run(words, cwd=folder, check=True, timeout=300)
    with subprocess.Popen(
        ["node", "ask.mjs"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield GitHubExpressions(process)
        finally:
            process.kill()
