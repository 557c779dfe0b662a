"""What a node of RapidPro asks or decides, as a step of ours: a question, answers to tap, a condition or shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowbuilder.core.conditions import UNARY, Operator
from flowbuilder.core.imports.building import RETRY, Builder
from flowbuilder.core.imports.rapidpro_texts import Texts
from flowbuilder.core.imports.steps import options_of, shares_of

_WORDS = frozenset({"has_any_word", "has_all_words", "has_phrase", "has_only_phrase", "has_only_text", "has_beginning"})
_TYPED = {"has_number": "number", "has_date": "date", "has_phone": "phone", "has_email": "email"}
_THINGS = {"has_date": "a date", "has_phone": "a phone number", "has_email": "an e-mail address"}
_WHOLLY = frozenset({"has_number_between", "has_all_words"})
_EACH_WORD = frozenset({"has_any_word", "has_all_words"})
_WITHIN = frozenset({"has_any_word", "has_all_words", "has_phrase"})
BRANCHES_MAX = TESTS_MAX = 20
_LEAST_NUMBER = "-999999999999"
"""Every number is at least this, and nothing else is."""
_HINTS = {"image": "image", "audio": "audio", "video": "file", "location": "location"}
_OPERATORS = {
    "has_any_word": Operator.CONTAINS, "has_all_words": Operator.CONTAINS, "has_phrase": Operator.CONTAINS,
    "has_only_phrase": Operator.EQUALS, "has_only_text": Operator.EQUALS, "has_beginning": Operator.STARTS_WITH,
    "has_text": Operator.IS_FILLED, "has_value": Operator.IS_FILLED, "has_category": Operator.EQUALS, "has_number_eq": Operator.EQUALS,
    "has_number_gt": Operator.GREATER, "has_number_gte": Operator.AT_LEAST, "has_number_lt": Operator.LESS,
    "has_number_lte": Operator.AT_MOST, "has_date_eq": Operator.EQUALS, "has_date_gt": Operator.AFTER, "has_date_lt": Operator.BEFORE,
}  # fmt: skip


class Routers:
    """``asked`` is the message said before a wait, ``retries`` what is said after a wrong answer, both by the waiting node.
    ``category_of`` each branch of a condition is the one that it leads on from."""

    def __init__(self, builder: Builder, texts: Texts) -> None:
        self.builder, self.texts = builder, texts
        self.asked: dict[str, Mapping[str, Any]] = {}
        self.retries: dict[str, str] = {}
        self.category_of: dict[str, str] = {}

    def step(self, id: str, router: Mapping[str, Any], at: tuple[float, float]) -> str | None:
        name = router.get("result_name") or ""
        if router["type"] == "random" and len(router["categories"]) > 1:
            return self.builder.add(id, "split", at, shares=shares_of([(one["uuid"], one["name"], 1) for one in router["categories"]]))
        if router["type"] != "switch":
            self.builder.left_out("A split", "People were divided by chance; they all take the first way here.")
            return None
        if not router.get("wait"):
            for thing in dict.fromkeys(_THINGS[case["type"]] for case in router.get("cases") or () if case["type"] in _THINGS):
                self.builder.changed("A split", f"It looked for {thing}; here any text will do. Ask for one in a question before it.")
            return self._split(id, router, at)
        asked = self.asked.get(id) or {}
        cases, text = router.get("cases") or (), self.texts.names(str(asked.get("text") or ""))
        if not text:
            self.builder.changed(name or "A question", "A question has no words of its own. Write what is asked.")
        shared = {"text": text, "tries": 3, "retry_text": self.retries.get(id) or RETRY}
        if cases and all(case["type"] in _WORDS for case in cases):
            used = {case["category_uuid"] for case in cases}
            note = "Answers were recognized by words; here they are tapped, or typed as they read."
            return self._options(
                id, router, at, shared, [(one["uuid"], one["name"]) for one in router["categories"] if one["uuid"] in used], note
            )
        if quick := [] if cases else [one.get("text") if isinstance(one, dict) else one for one in asked.get("quick_replies") or ()]:
            return self._options(id, router, at, shared, [(f"quick{number}", str(title)) for number, title in enumerate(quick)])
        hint = _HINTS.get((router["wait"].get("hint") or {}).get("type") or "", "text")
        answer = self._answer(cases, hint)
        step = self.builder.add(id, "open_question", at, answer=answer, variable=self.texts.variable(name), **shared)
        if any(case["type"] not in _TYPED and case["type"] != "has_text" for case in cases):
            split = self._split(f"{id}-split", router, (at[0] + 300, at[1]), self.texts.variable(name))
            self.builder.connect(step, "answered", split)
        return step

    def _answer(self, cases: Sequence[Mapping[str, Any]], hint: str) -> str:
        """The type that is asked for; any text where one is looked for beside words."""
        typed = [_TYPED[kind] for case in cases for kind in _TYPED if case["type"].startswith(kind)]
        if not typed:
            return hint
        if any(case["type"] in _WORDS for case in cases) or len(set(typed)) > 1:
            words = "It took different types of answers, and found them within sentences. Here any text is taken, and compared as a whole."
            self.builder.changed("A question", words)
            return "text"
        return typed[0]

    def _options(
        self,
        id: str,
        router: Mapping[str, Any],
        at: tuple[float, float],
        shared: Mapping[str, Any],
        titles: list[tuple[str, ...]],
        note: str = "",
    ) -> str:
        notes: list[str] = []
        data = options_of(titles, notes)
        for words in filter(None, (*notes, note)):
            self.builder.changed(router.get("result_name") or "A question", words)
        variable = self.texts.variable(router["result_name"]) if router.get("result_name") else None
        return self.builder.add(id, "answer_options", at, variable=variable, **shared, **data)

    def _split(self, id: str, router: Mapping[str, Any], at: tuple[float, float], variable: str = "") -> str:
        operand = str(router.get("operand") or "")
        variable = variable or self.texts.name_of(operand)
        if not variable:
            self.builder.changed("A split", f"It looked at {operand or 'something'}, which is not known here. Choose a variable.")
            variable = self.texts.variable("")
        return self.builder.add(id, "condition", at, branches=self._branches(router, variable))

    def _branches(self, router: Mapping[str, Any], variable: str) -> list[dict[str, Any]]:
        """A branch for each category, or several where one could not say it: each is that all tests hold, or any."""
        labels = {one["uuid"]: one["name"] for one in router["categories"]}
        cases = router.get("cases") or ()
        branches: list[dict[str, Any]] = []
        for case in cases:
            tests = list(self._tests(case, variable))
            match = "all" if case["type"] in _WHOLLY and len(tests) > 1 else "any"
            for at in range(0, len(tests), TESTS_MAX):
                self._put(branches, case["category_uuid"], labels, match, tests[at : at + TESTS_MAX])
        if any(case["type"] in _WITHIN for case in cases):
            words = "Whole words were looked for; “contains” also finds them within others, as “no” in “nothing”. Look at it."
            self.builder.changed("A split", words)
        if len(branches) > BRANCHES_MAX:
            words = f"It has {len(branches)} branches, and {BRANCHES_MAX} is the most. Divide the others in a condition after it."
            self.builder.changed("A split", words)
        return branches[:BRANCHES_MAX]

    def _put(
        self, branches: list[dict[str, Any]], category: str, labels: Mapping[str, str], match: str, tests: list[dict[str, Any]]
    ) -> None:
        """To the branch before where that is of the same category, and any of its tests will do; else a new one."""
        last = branches[-1] if branches else {"id": "", "match": "", "tests": []}
        is_same = (self.category_of.get(last["id"]), last["match"], match) == (category, "any", "any")
        if is_same and len(last["tests"]) + len(tests) <= TESTS_MAX:
            last["tests"] += tests
            return
        number = 1 + sum(self.category_of[one["id"]] == category for one in branches)
        id, label = category, labels.get(category, "")[:60]
        if number > 1:
            id, label = f"{category[:60]}-{number}", f"{label[:55]} {number}".strip()
        self.category_of[id] = category
        branches.append({"id": id, "label": label, "match": match, "tests": tests})

    def _tests(self, case: Mapping[str, Any], variable: str) -> Iterator[dict[str, Any]]:
        given = [self.texts.names(str(one)) for one in case.get("arguments") or ()]
        if case["type"] == "has_number_between" and len(given) == 2:
            yield {"variable": variable, "operator": str(Operator.AT_LEAST), "value": given[0]}
            yield {"variable": variable, "operator": str(Operator.AT_MOST), "value": given[1]}
            return
        if case["type"] == "has_number":
            yield {"variable": variable, "operator": str(Operator.AT_LEAST), "value": _LEAST_NUMBER}
            return
        operator = _OPERATORS.get(case["type"]) or (Operator.IS_FILLED if case["type"] in _TYPED else None)
        if operator is None:
            self.builder.changed("A split", f"It asked “{case['type']}”, which is not known here; it became “contains”. Look at it.")
        words = given[0].split() if case["type"] in _EACH_WORD and given and given[0].split() else given[:1] or [""]
        for word in words:
            test = {"variable": variable, "operator": str(operator or Operator.CONTAINS)}
            yield test if operator in UNARY else {**test, "value": word}
