"""A model that may use tools before it answers."""

from __future__ import annotations

from parley.guard import suspicions
from parley.model import Model
from parley.template import Template
from parley.tools import Refused, Toolbox

PROMPT = Template("""\
You can call these tools, one a line, as CALL name {{"argument": value}}:
{tools}

Question: {question}
{seen}""")


class Agent:
    """Asks the model, does what it calls for, and asks again; `most_calls` is where its patience ends."""

    def __init__(self, model: Model, tools: Toolbox, *, most_calls: int = 5) -> None:
        self._model, self._tools, self._most = model, tools, most_calls

    async def answer(self, question: str) -> str:
        """The model's answer. Raises PermissionError for a suspicious question, TimeoutError after `most_calls`."""
        if found := suspicions(question):
            raise PermissionError(f"the question looks like {', '.join(found)}")
        seen: list[str] = []
        for _ in range(self._most + 1):
            prompt = PROMPT.fill(tools=self._tools.describe(), question=question, seen="\n".join(seen))
            said = (await self._model.complete(prompt)).strip()
            if not said.startswith("CALL "):
                return said
            seen += [said, f"RESULT {self._result(said)}"]
        raise TimeoutError(f"no answer after {self._most} calls")

    def _result(self, line: str) -> object:
        try:
            return self._tools.call(line)
        except Refused as error:
            return f"refused: {error}"
