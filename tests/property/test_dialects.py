"""However a model writes the blocks of a plan, they are read as what is meant, and every repair is told."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel.problems import Severity
from forethought.planners.language.nodes import ForEach, FunctionName, If, Node, Step, While
from forethought.planners.language.parsing import read, read_reply

STEPS: st.SearchStrategy[Node] = st.sampled_from("abc").map(lambda name: Step(FunctionName(f"S.{name}")))
TESTS = st.sampled_from(["A", "A > 1", "not B", "C == 'x' or A", "ROWS[0].ok"])
NAMES = st.sampled_from(["ROW", "I"])
LISTS = st.sampled_from(["$ROWS", "$ROWS[0].all"])


def _blocks(inside: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    body = st.lists(inside, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(If, TESTS, body, st.just(()) | body),
        st.builds(If, TESTS, body, st.builds(If, TESTS, body, st.just(()) | body).map(lambda node: (node,))),
        st.builds(ForEach, NAMES, LISTS, body, st.none() | st.integers(1, 9)),
        st.builds(While, TESTS, st.integers(1, 9), body),
    )


BODIES = st.lists(st.recursive(STEPS, _blocks, max_leaves=8), min_size=1, max_size=4)


class Writer:
    """Writes nodes as a model may: in each place one of the ways that can only be meant one way."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def one_of(self, *ways: str) -> str:
        return self.data.draw(st.sampled_from(ways))

    def nodes(self, nodes: Sequence[Node]) -> str:
        return "\n".join(map(self.node, nodes))

    def node(self, node: Node) -> str:
        match node:
            case Step():
                return self.one_of(
                    f"<function.{node.function}/>", f"<{node.function}/>", f"<Function.{node.function}/>"
                )
            case If():
                return self.branches(node)
            case ForEach():
                bare = node.over[1:]
                most = f" {self.one_of('max', 'maxIterations')}='{node.max}'" if node.max else ""
                name = self.one_of("foreach", "for", "forEach", "loop", "for each")
                item = self.one_of("item", "var", "as", "itemVariable") + "=" + self.one_of("'{}'", "'${}'")
                over = self.one_of("in", "list", "items") + "=" + self.one_of("'${}'", "'{}'", "'{{{{{}}}}}'")
                written = f"<{name} {item.format(node.item)} {over.format(bare)}{most}>"
                return f"{written}{self.nodes(node.body)}</{name}>"
            case While():
                name = self.one_of("while", "While")
                return f"<{name} {self.test(node.test)} max='{node.max}'>{self.nodes(node.body)}</{name}>"

    def test(self, test: str) -> str:
        written = self.one_of("{}", "{{{{ {} }}}}").format(test)
        for variable in ("A", "B", "C", "ROWS"):
            written = written.replace(variable, self.one_of(variable, f"${variable}"))
        return f'{self.one_of("test", "condition")}="{written}"'

    def branches(self, node: If) -> str:
        """An `<else>` after its `<if>`, or inside with or without an end of its own, or an `<elseif>`."""
        head = f"<if {self.test(node.test)}>{self.nodes(node.then)}"
        if not node.otherwise:
            return f"{head}</if>"
        way = self.one_of("after", "inside", "bare")
        chain = [node.otherwise]
        tail = ""
        while len(chain[-1]) == 1 and isinstance(last := chain[-1][0], If) and self.one_of("flat", "nested") == "flat":
            name = self.one_of("elseif", "elif", "else if")
            end = "" if way == "bare" else f"</{name}>"
            tail += f"<{name} {self.test(last.test)}>{self.nodes(last.then)}{end}"
            chain.append(last.otherwise)
            if not last.otherwise:
                break
        if chain[-1]:
            tail += f"<else>{self.nodes(chain[-1])}" + ("" if way == "bare" else "</else>")
        return f"{head}</if>{tail}" if way == "after" else f"{head}{tail}</if>"


def _may_stand_inside(nodes: Sequence[Node]) -> bool:
    """An `<else>` inside an `<if>` that ends with another `<if>` would be the other's."""
    match nodes[-1] if nodes else None:
        case If(then=then, otherwise=otherwise):
            return not isinstance(then[-1], If) and all(
                map(_may_stand_inside, ([each] for each in (*then, *otherwise)))
            )
        case ForEach(body=body) | While(body=body):
            return all(_may_stand_inside([each]) for each in body)
        case _:
            return True


@given(BODIES.filter(lambda body: all(_may_stand_inside([each]) for each in body)), st.data())
def test_a_plan_means_the_same_however_its_blocks_are_written(body: list[Node], data: st.DataObject) -> None:
    text = f"<plan>\n{Writer(data).nodes(body)}\n</plan>"
    reading = read_reply(text)
    assert reading.plan is not None, [text, *map(str, reading.problems)]
    assert reading.plan.steps == tuple(body)
    assert all(problem.severity is Severity.NOTICE for problem in reading.problems)
    if not reading.problems:
        assert read(text).plan == reading.plan
