"""A pytest plugin for inline code blocks: a Python block gets a folder of its own, and
one that fails names its line. pytest-codeblocks, which runs them, does neither."""

import os
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_codeblocks.main import CodeBlock


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Around the run of a block; other tests are left alone."""
    block = getattr(item, "obj", None)
    if not isinstance(block, CodeBlock):
        return (yield)
    home = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="block-") as folder:
        if block.syntax == "python":
            os.chdir(folder)
        try:
            return (yield)
        except (Exception, SystemExit) as error:
            cause = error.__context__ or error
            frames = traceback.extract_tb(cause.__traceback__)
            inside = [f.lineno for f in frames if f.filename == "<string>"]
            where = (
                f"{item.path.relative_to(home)}:{block.lineno + (inside or [0])[-1]}"
            )
            told = "".join(traceback.format_exception_only(cause)).strip()
            pytest.fail(
                f"{where}: this block fails: {told}\n"
                "  expected: it runs to its end and every assert holds\n"
                f"  remedy: mend the block\n{block.code}",
                pytrace=False,
            )
        finally:
            os.chdir(home)
