"""A whole reference names a variable; inside text, one that names none stays text."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_a_whole_reference_to_nothing_is_an_error(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.count input="$NAME"/>',
        """2:29: error: there is no variable 'NAME' (declare it: <input name="NAME"/>) [undefined-variable]""",
    )


def test_what_is_known_there_is_listed_the_latest_first(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="GREETING"/>
        <function.Text.count input="$GREETING" setContextVariable="LENGTH"/>
        <function.Text.join input="$LENGTH" other="$MOTTO"/>
        """,
        "4:44: error: there is no variable 'MOTTO' (known here: '$LENGTH', '$GREETING') [undefined-variable]",
    )


def test_a_variable_that_is_set_again_is_the_latest_and_keeps_its_spelling(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.count input="a" setContextVariable="Old"/>
        <function.Text.count input="$Old" setContextVariable="NEW"/>
        <function.Text.count input="$NEW" setContextVariable="OLD"/>
        <function.Text.join input="$OLD" other="$MOTTO"/>
        """,
        "5:41: error: there is no variable 'MOTTO' (known here: '$Old', '$NEW') [undefined-variable]",
    )


def test_a_misspelled_whole_reference_is_suggested_and_what_it_means_is_used(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.upper input="a" setContextVariable="NICKNAME"/>
        <function.Text.count input="$NICKNAM"/>
        """.replace("Text.upper", "Shout.upper"),
        "3:29: error: there is no variable 'NICKNAM' (did you mean '$NICKNAME'?) [undefined-variable]",
    )


def test_inside_text_it_stays_text(expect_problems: Expect) -> None:
    expect_problems(
        """<function.Text.count input='{"$top":3}'/>""",
        "2:31: warning: there is no variable 'top': '$top' stays text ('$$top' says so) [undefined-variable]",
    )


def test_a_longer_name_is_another_name(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.join input="$A" other="in $ABC"/>',
        "2:42: warning: there is no variable 'ABC': '$ABC' stays text ('$$ABC' says so) [undefined-variable]",
        variables=["A"],
    )


def test_a_name_is_told_once_a_value(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.count input="$x, $X and $y"/>',
        "2:29: warning: there is no variable 'x': '$x' stays text ('$$x' says so) [undefined-variable]",
        "2:40: warning: there is no variable 'y': '$y' stays text ('$$y' says so) [undefined-variable]",
    )


def test_two_dollars_and_prices_are_text(expect_problems: Expect) -> None:
    expect_problems('<function.Text.count input="$$NAME costs $5 or 5$"/>')


def test_names_ignore_case(expect_problems: Expect) -> None:
    expect_problems('<function.Text.count input="$name"/>', variables=["NAME"])


def test_a_name_is_ascii_and_then_comes_text(expect_problems: Expect) -> None:
    expect_problems('<function.Text.count input="$NAME的邮箱"/>', variables=["NAME"])


def test_a_reference_in_a_value_of_several_lines_is_told_where_it_stands(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.count>
          <arg name="input">Dear all,
        thanks for $nothing.
        Ann</arg>
        </function.Text.count>
        """,
        "4:12: warning: there is no variable 'nothing': '$nothing' stays text ('$$nothing' says so)"
        " [undefined-variable]",
    )


def test_where_entities_make_the_text_longer_the_place_is_that_in_the_text(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.count input="&lt;&lt; $nothing"/>',
        "2:38: warning: there is no variable 'nothing': '$nothing' stays text ('$$nothing' says so)"
        " [undefined-variable]",
    )


def test_a_name_in_a_test_that_is_no_variable_is_told_at_its_place(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="COUNT"/>
        <if test="COUNT &lt; 3 and CONT &gt; 1">
          <function.Text.upper input="a"/>
        </if>
        <while test="DONE == 'x'" max="3">
          <function.Text.upper input="a"/>
        </while>
        """,
        "3:28: error: there is no variable 'CONT' (did you mean 'COUNT'?) [undefined-variable]",
        "6:14: error: there is no variable 'DONE' (known here: 'COUNT') [undefined-variable]",
    )


def test_so_is_the_list_of_a_foreach(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="ROWS"/>
        <foreach item="ROW" in="$ROWZ.items">
          <function.Text.upper input="$ROW $ROWS"/>
        </foreach>
        """,
        "3:25: error: there is no variable 'ROWZ' (did you mean '$ROWS'?) [undefined-variable]",
    )


def test_a_test_may_ask_for_a_variable_that_there_is_not(expect_problems: Expect) -> None:
    expect_problems(
        """
        <if test="X is defined and X == 'a' or Y|default('b') == 'b'">
          <function.Text.upper input="a"/>
        </if>
        """,
    )


def test_what_is_known_where_a_name_is_looked_for_is_listed(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <foreach item="ROW" in="[1, 2]">
          <if test="ROW == 1 and N == 'x'">
            <function.Text.upper input="a" setContextVariable="INNER"/>
          </if>
          <else>
            <function.Text.upper input="$ZZZZ"/>
          </else>
        </foreach>
        <function.Text.upper input="$ZZZZ"/>
        """,
        "5:56: warning: nobody reads 'INNER' as this step sets it (write '$INNER' where it is meant, or"
        " leave setContextVariable out) [unused-variable]",
        "8:5: warning: nobody uses the output of 'Text.upper' (set a variable and read it, append it to the"
        " result, or leave the step out) [unused-output]",
        "8:33: error: there is no variable 'ZZZZ' (known here: '$ROW', '$N') [undefined-variable]",
        "11:29: error: there is no variable 'ZZZZ' (known here: '$INNER', '$N') [undefined-variable]",
    )
