from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.web.flows.cards import rich, said
from flowbuilder.web.markup import whatsapp


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("*bold* _it_ ~no~", "<strong>bold</strong> <em>it</em> <s>no</s>"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("```a *b* c```", "<code>a *b* c</code>"),
        ("one\ntwo", "one<br>two"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("* not bold * ** __", "* not bold * ** __"),
        ("*a\nb*", "*a<br>b*"),
        ("*a _b* c_", "<strong>a _b</strong> c_"),
        ("<b>*x*</b> & \"q\"", "&lt;b&gt;<strong>x</strong>&lt;/b&gt; &amp; &#34;q&#34;"),
        ("*<img src=x onerror=alert(1)>*", "<strong>&lt;img src=x onerror=alert(1)&gt;</strong>"),
        ("", ""),
        (None, ""),
    ],
)  # fmt: skip
def test_marks_become_tags_and_nothing_else_does(text: str | None, html: str) -> None:
    assert str(whatsapp(text)) == html


PIECES = st.sampled_from(
    ["*", "_", "~", "```", "`", "<", ">", "&", '"', "'", "\n", " ", "a", "{{x}}", "<script>", "hx-get=", "</code>", "&lt;"]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_text_stays_the_same_text_and_brings_no_other_tags(text: str) -> None:
    soup = BeautifulSoup(f"<pre>{whatsapp(text)}</pre>", "html.parser").pre
    assert {tag.name for tag in soup.find_all(True)} <= {"strong", "em", "s", "code", "br"}
    assert all(not tag.attrs for tag in soup.find_all(True))
    marks = str.maketrans("", "", "*_~`\n")
    assert soup.get_text().translate(marks) == text.translate(marks)


def test_a_card_shows_marks_and_variables_of_what_is_said_and_leaves_formulas_alone():
    assert (
        said("*Hi {{first_name}}*, {{<b>}}")
        == '<strong>Hi <span class="var">first_name</span></strong>, <span class="var">&lt;b&gt;</span>'
    )
    assert said("{{*a}} b*").count("<strong>") == 1 and 'class="var"' not in said("{{*a}} b*")
    assert rich("{{price}} * 2 * 3") == '<span class="var">price</span> * 2 * 3'
