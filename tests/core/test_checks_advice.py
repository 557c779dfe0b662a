"""What the checks advise, which holds nothing back."""

from __future__ import annotations

from dataclasses import replace

from flowbuilder.core.checks import Facts, review
from flowbuilder.core.checks.following import Other, facts_of
from flowbuilder.core.commands import apply
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import KINDS
from tests.core.test_checks import END, FACTS, START, TEMPLATE, build, question
from tests.core.test_checks_more import choice, condition, found


def test_two_answers_that_read_alike_when_typed_are_found():
    flow = build(START, choice("2", "Blue"), END, edges="n1.continue>n2 n2.o1>n9 n2.o2>n9 n2.otherwise>n9")
    assert ["“2”" in finding.text for finding in found(flow, "overlapping")] == [True]


def test_an_answer_that_is_the_word_for_leaving_is_found():
    flow = build(START, choice("Exit!", "Stay"), END, edges="n1.continue>n2 n2.o1>n9 n2.o2>n9 n2.otherwise>n9")
    assert ["word for leaving" in finding.text for finding in found(flow, "overlapping")] == [True]


def test_a_variable_that_no_step_uses_is_found_and_one_whose_emptiness_is_asked_is_not():
    empty = condition(("name", "is_empty", ""))
    edges = "n1.continue>n2 n2.answered>n3 n2.otherwise>n9 n3.b1>n9 n3.otherwise>n9"
    assert found(build(START, question("n2"), empty, END, edges=edges), "unused") == []
    unused = build(START, question("n2"), END, edges="n1.continue>n2 n2.answered>n9 n2.otherwise>n9")
    assert [(finding.node, finding.field) for finding in found(unused, "unused")] == [("n2", "variable")]


def test_a_file_that_somebody_sends_is_for_people_to_look_at_and_needs_no_step():
    photo = ("n2", "open_question", question("n2", variable="photo")[2] | {"answer": "image"})
    assert found(build(START, photo, END, edges="n1.continue>n2 n2.answered>n9 n2.otherwise>n9"), "unused") == []


def test_two_steps_that_say_the_same_are_found_unless_it_is_short():
    for text, nodes in (("We will write to you soon.", ["n3"]), ("Thank you!", [])):
        twins = [(id, "message", {"text": text}) for id in ("n2", "n3")]
        flow = build(START, *twins, END, edges="n1.continue>n2 n2.next>n3 n3.next>n9")
        assert [finding.node for finding in found(flow, "same")] == nodes


def test_a_text_in_another_language_than_the_initial_message_is_found():
    text = "Gracias por su respuesta, el pedido está en camino y lo recibe usted hoy con su factura."
    flow = build(START, ("n2", "message", {"text": text}), END, edges="n1.continue>n2 n2.next>n9")
    english = Facts(replace(TEMPLATE, language="en_US"))
    assert [("Spanish" in finding.text, finding.field) for finding in found(flow, "language", english)] == [(True, "text")]
    assert found(flow, "language", Facts(replace(TEMPLATE, language="es_MX"))) == []


def test_where_the_person_opens_a_text_is_compared_with_the_rest_of_the_flow():
    opening = ("n1", "user_sends_it", {"phrases": [{"id": "p1", "text": "order"}]})
    english = "Thank you for your message. We have received it, and we will be with you as soon as we can."
    spanish = "Gracias por su respuesta, el pedido está en camino y lo recibe hoy."
    steps = [("n2", "message", {"text": english}), ("n3", "message", {"text": spanish}), ("n4", "message", {"text": f"{english} Bye."})]
    flow = build(opening, *steps, END, edges="n1.next>n2 n2.next>n3 n3.next>n4 n4.next>n9")
    (finding,) = found(flow, "language", Facts())
    assert finding.node == "n3" and "in Spanish, while the flow's texts are mostly in English" in finding.text


def test_what_a_flow_that_follows_uses_is_used_and_the_rest_is_told():
    over = ("n3", "go_to_flow", {"flow": "f2", "values": []})
    first = build(START, question("n2", variable="name"), over, edges="n1.continue>n2 n2.answered>n3 n2.otherwise>n3")
    for text, is_used in (("Hi {{name}}", True), ("Hi", False)):
        second = build(("n1", "user_sends_it", {"phrases": []}), ("n2", "message", {"text": text}), END, edges="n1.next>n2 n2.next>n9")
        facts = Facts(TEMPLATE, flows=facts_of({"f2": Other("Two", second)}, Facts()))
        assert (found(first, "unused", facts) == []) == is_used
    assert found(first, "unused", None) == []


def _asking_twice(**first: str) -> Flow:
    edges = "n1.continue>n2 n2.o1>n3 n2.o2>n3 n2.otherwise>n3 n3.answered>n9 n3.otherwise>n9"
    opening = ("n2", "answer_options", choice("Yes", "No")[2] | first)
    return build(START, opening, question("n3"), END, edges=edges)


def test_a_word_for_leaving_that_nothing_tells_is_said_in_one_click_in_the_language_of_the_flow():
    for language, said in (("en_US", "Send {{exit_word}} to leave."), ("pt_BR", "Envie {{exit_word}} para sair.")):
        facts = Facts(replace(TEMPLATE, language=language))
        (finding,) = found(_asking_twice(), "exit_untold", facts)
        assert (finding.node, finding.is_error, finding.fix.command["data"]) == ("n2", False, {"footer": said})
        assert found(apply(_asking_twice(), finding.fix.command).flow, "exit_untold", facts) == []
    (finding,) = found(_asking_twice(footer="Tap one."), "exit_untold", Facts(replace(TEMPLATE, language="es")))
    assert finding.fix.command["data"] == {"text": "Which one?\n\nEnvía {{exit_word}} para salir."}


def test_a_word_for_leaving_is_told_by_any_text_but_those_after_wrong_answers():
    assert found(_asking_twice(retry_text="Or send {{exit_word}}"), "exit_untold") != []
    for flow in (_asking_twice(text="Which? (“exit” ends this)"), _asking_twice(header="{{ exit_word }} leaves")):
        assert found(flow, "exit_untold") == []
    assert found(_asking_twice(), "exit_untold", Facts(replace(TEMPLATE, says="Send Exit to leave."))) == []
    assert found(_asking_twice(text="The exits are open"), "exit_untold") != []


def test_who_is_asked_once_or_cannot_leave_by_a_word_needs_none():
    once = build(START, question("n2"), END, edges="n1.continue>n2 n2.answered>n9 n2.otherwise>n9")
    wordless = _asking_twice()
    wordless = replace(wordless, settings=replace(wordless.settings, exit_word=""))
    assert found(once, "exit_untold") == found(wordless, "exit_untold") == []


def test_of_a_word_for_leaving_that_is_not_there_only_ones_own_words_speak():
    def without(**first: str) -> Flow:
        flow = _asking_twice(**first)
        return replace(flow, settings=replace(flow.settings, exit_word=""))

    assert found(without(footer="Send {{exit_word}} to leave."), "no_exit") == []
    (finding,) = found(without(footer="{{exit_word}} ends this"), "no_exit")
    assert (finding.node, finding.is_error) == ("n2", False) and "but there is none" in finding.text


def test_an_answer_after_which_the_conversation_ends_without_a_word_is_shown_with_its_way():
    steps = [START, question("n2"), ("n3", "set_variable", KINDS["set_variable"].blank())]
    edges = "n1.continue>n2 n1.finish>n8 n2.answered>n3 n3.next>n9"
    bye = ("n8", "finish", {"outcome": "neutral", "text": "As you like."})
    steps.append(bye)
    [finding] = found(build(*steps, END, edges=f"{edges} n2.no_reply>n9"), "silent_end")
    assert (finding.node, finding.field, finding.path, finding.through) == (
        "n9",
        "text",
        ("n1", "n2", "n3", "n9"),
        ("continue", "answered", "next"),
    )
    assert finding.text.startswith("After “Answered” of Open question") and "ends without a word. Let Finish" in finding.text

    said = ("n9", "finish", {"outcome": "success", "text": "Thank you!"})
    assert not found(build(*steps, said, edges=edges), "silent_end")

    reviewed = review(build(*steps, said, edges=edges.replace("n1.finish>n8", "")), FACTS)
    [finding] = [one for one in reviewed.findings if one.code == "silent_end"]
    assert (finding.node, finding.field, finding.path, finding.through) == ("n1", "finish", ("n1",), ("finish",))
    assert "No answer ends the conversation without a word" not in reviewed.held
