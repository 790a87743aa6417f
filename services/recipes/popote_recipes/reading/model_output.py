"""What a language model answered when asked for a recipe: JSON amid chatter, fences and thoughts, or just a text."""

import re
from collections.abc import Sequence
from typing import Final

from popote_recipes.reading.draft import Builder, Draft
from popote_recipes.reading.finding import cut_to_size, json_in
from popote_recipes.reading.indented import looks_indented, read_indented
from popote_recipes.reading.markup import as_lines
from popote_recipes.reading.structured import tell
from popote_recipes.reading.text import tell_text

_THOUGHT: Final = re.compile(
    r"<(?:think|thinking|thought|reasoning|reflection)>|\[THINK\]|◁think▷|<\|channel\|>(?:analysis"
    r"|commentary)<\|message\|>",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(r"</(?:think|thinking|thought|reasoning|reflection)>|\[/THINK\]|◁/think▷", re.IGNORECASE)
_END_OF_THOUGHT: Final = re.compile(rf"{_CLOSING.pattern}|<\|end\|>|(?=<\|channel\|>final)", re.IGNORECASE)
_TOKEN: Final = re.compile(
    r"<\|start_header_id\|>\w+<\|end_header_id\|>|<\|start\|>\w+|<\|channel\|>\w+|<\|im_start\|>\w*"
    r"|<start_of_turn>\w*"
    r"|<\|[a-z_]{1,40}\|>|</?s>|<end_of_turn>|<eos>|\[/?INST\]|\[/?(?:TOOL_CALLS|TOOL_CALL)\]"
    r"|</?tool_calls?>|</?(?:json|output|answer|recipe|response)>",
)
_QUOTED: Final = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)
_FENCE: Final = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]{0,60}$", re.MULTILINE)
_ENDED: Final = re.compile(r"[.!?…:)\]»\"”*|]\W*$")
MIN_STEPS: Final = 3  # that end with a full stop, for one that doesn't to be cut off


def read_model_output(text: str) -> Draft:
    """Read the recipe in what a language model answered, with the warnings `repaired` and `cut_off` where so."""
    text, is_truncated = cut_to_size(text)
    builder = Builder()
    if is_truncated:
        builder.warn("truncated")
    text = peeled(text)
    regions = [region for region in _FENCE.split(text) if region.strip("`~ \n")]
    if not (_tell_json(regions, builder) or _tell_indented(regions, builder)):
        tell_text(as_lines("\n".join(regions)), builder)
        _warn_of_end(text, builder)
    return builder.build()


def peeled(text: str) -> str:
    """Return `text` without the model's thoughts and the marks of its chat template."""
    text = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
    return _QUOTED.sub("", _TOKEN.sub("\n", _without_thoughts(text))).strip()


def _without_thoughts(text: str) -> str:
    """Return what stands outside of the thoughts; behind one that only ends, and what one holds that never does."""
    first, end = _THOUGHT.search(text), _CLOSING.search(text)
    if end and not (first and first.start() < end.start()) and text[end.end() :].strip():
        text = text[end.end() :]
    said, at = [], 0
    while (thought := _THOUGHT.search(text, at)) and (end := _END_OF_THOUGHT.search(text, thought.end())):
        said.append(text[at : thought.start()])
        at = end.end()
    return _THOUGHT.sub("", "".join(said) + text[at:])


def _tell_json(regions: Sequence[str], builder: Builder) -> bool:
    return tell([reading for region in regions for reading in json_in(region)], builder)


def _tell_indented(regions: Sequence[str], builder: Builder) -> bool:
    return tell([read_indented(region) for region in regions if looks_indented(region)], builder)


def _warn_of_end(text: str, builder: Builder) -> None:
    """Warn of a text whose last step has no end, while all others have one."""
    *others, last = [step.text for step in builder.draft.steps] or [""]
    is_last = bool(last) and text.rstrip().endswith(last[-20:])
    if is_last and len(others) >= MIN_STEPS - 1 and all(map(_ENDED.search, others)) and not _ENDED.search(last):
        builder.warn("cut_off")
