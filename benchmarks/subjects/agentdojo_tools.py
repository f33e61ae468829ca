"""Print AgentDojo's tools and user tasks as JSON; runs in an environment of its own, which has `agentdojo`."""

from __future__ import annotations

import json

from agentdojo.task_suite.load_suites import get_suites

VERSION = "v1.2.2"


def main() -> None:
    """Print `{"tools": [...], "tasks": [...]}`: tools once a name, each task with the functions that solve it."""
    tools, tasks = {}, []
    for name, suite in get_suites(VERSION).items():
        for tool in suite.tools:
            schema = tool.parameters.model_json_schema()
            required = set(schema.get("required", ()))
            parameters = [
                {"name": each, "description": about.get("description", ""), "required": each in required}
                for each, about in schema.get("properties", {}).items()
            ]
            module = tool.run.__module__.rpartition(".")[2]  # what its authors keep together
            tools[tool.name] = {
                "plugin": module,
                "name": tool.name,
                "description": tool.description,
                "parameters": parameters,
            }
        environment = suite.load_and_inject_default_environment({})
        for id_, task in suite.user_tasks.items():
            calls = task.ground_truth(task.init_environment(environment.model_copy(deep=True)))
            wanted = sorted({call.function for call in calls})
            tasks.append({"id": f"{name}/{id_}", "goal": task.PROMPT, "functions": wanted})
    print(json.dumps({"tools": [*tools.values()], "tasks": tasks}))


if __name__ == "__main__":
    main()
