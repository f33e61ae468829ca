"""The laws a plan keeps, one a file: each rule is named for its law, and its name is the code of its problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan

from .ambiguous_function import ambiguous_function
from .assigned_item import assigned_item
from .bad_max import bad_max
from .bad_name import bad_name
from .duplicate_argument import duplicate_argument
from .duplicate_input import duplicate_input
from .duplicate_result_key import duplicate_result_key
from .empty_block import empty_block
from .empty_list import empty_list
from .hidden_variable import hidden_variable
from .impossible_path import impossible_path
from .impossible_plan import impossible_plan
from .invalid_test import invalid_test
from .item_outside_loop import item_outside_loop
from .mismatched_type import mismatched_type
from .missing_parameter import missing_parameter
from .near_miss_variable import near_miss_variable
from .no_result import no_result
from .not_a_list import not_a_list
from .possibly_unset_variable import possibly_unset_variable
from .too_large import too_large
from .too_many_rounds import too_many_rounds
from .too_many_steps import too_many_steps
from .unchanging_test import unchanging_test
from .undefined_variable import undefined_variable
from .unknown_function import unknown_function
from .unknown_parameter import unknown_parameter
from .unknown_type import unknown_type
from .unreachable_branch import unreachable_branch
from .unused_input import unused_input
from .unused_output import unused_output
from .unused_variable import unused_variable
from .variable_used_before_set import variable_used_before_set
from .wrong_type import wrong_type

__all__ = ["RULES", "Rule"]

Rule = Callable[[BoundPlan], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    unknown_function,
    ambiguous_function,
    unknown_parameter,
    duplicate_argument,
    missing_parameter,
    wrong_type,
    mismatched_type,
    impossible_path,
    undefined_variable,
    near_miss_variable,
    variable_used_before_set,
    possibly_unset_variable,
    item_outside_loop,
    assigned_item,
    hidden_variable,
    invalid_test,
    unreachable_branch,
    unchanging_test,
    not_a_list,
    empty_list,
    empty_block,
    bad_max,
    too_many_rounds,
    unused_output,
    unused_variable,
    unused_input,
    no_result,
    duplicate_result_key,
    duplicate_input,
    unknown_type,
    bad_name,
    too_many_steps,
    too_large,
    impossible_plan,
)
