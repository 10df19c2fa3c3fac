"""YAML that remembers its lines. Every scalar stays text, so ``slug: no`` is a slug and a time is read once, by us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from social_accounts.access_file.state import FileRefused, Problem

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C where it is built: ten times faster
DEEPEST = 20


@dataclass(frozen=True)
class Located:
    """A value and the line it begins on; in a mapping, the line of its key."""

    value: str | list[Located] | dict[str, Located] | None
    line: int


def located(text: str) -> Located:
    """Return the document with its lines. Raises FileRefused for what is no YAML or more than plain YAML."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = f"this is not YAML: {error.problem or error.context}."
        raise FileRefused(Problem(mark.line + 1 if mark else 1, reason)) from error
    except yaml.YAMLError as error:
        raise FileRefused(Problem(1, f"this is not YAML: {error}.")) from error
    if node is None:
        raise FileRefused(Problem(1, "the file is empty."))
    return _Walk().located(node)


class _Walk:
    def __init__(self) -> None:
        self.seen: set[int] = set()

    def located(self, node: Any, line: int | None = None, depth: int = 0) -> Located:
        line = node.start_mark.line + 1 if line is None else line
        # A node met twice is an alias: it hides what the file says, and a few of them can mean billions of rows.
        if id(node) in self.seen:
            raise FileRefused(Problem(line, "aliases are not supported: write the value out."))
        self.seen.add(id(node))
        if depth > DEEPEST:
            raise FileRefused(Problem(line, "the file is nested too deeply."))
        if isinstance(node, yaml.ScalarNode):
            is_null = node.tag == "tag:yaml.org,2002:null"
            return Located(None if is_null else str(node.value), line)
        if isinstance(node, yaml.SequenceNode):
            return Located([self.located(child, depth=depth + 1) for child in node.value], line)
        entries: dict[str, Located] = {}
        for key, value in node.value:
            key_line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise FileRefused(Problem(key_line, "a key must be a word."))
            if key.value in entries:
                raise FileRefused(Problem(key_line, f"“{key.value}” stands here twice."))
            entries[key.value] = self.located(value, key_line, depth + 1)
        return Located(entries, line)
