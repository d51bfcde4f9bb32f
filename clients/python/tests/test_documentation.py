"""The programs of `docs/client-python.md`, as they stand there, and what is packed."""

import asyncio
import os
import re
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

from .server import Server

_PROJECT = Path(__file__).parents[3]
_CLIENT = Path(__file__).parents[1]
_PAGE = _PROJECT / "docs" / "client-python.md"
_EXAMPLE = re.compile(r"```python [^\n]*\n(.*?)```", re.DOTALL)
_SAID = ["stored at 1\n1 hello\n", "said lunch?\nreply at one\n", "dinner? 1\n"]


class DocumentationTest(unittest.IsolatedAsyncioTestCase):
    async def test_the_examples_of_the_page_run(self) -> None:
        examples = _EXAMPLE.findall(_PAGE.read_text())
        self.assertEqual(len(examples), len(_SAID))
        async with Server() as server:
            for example, said in zip(examples, _SAID, strict=True):
                with self.subTest(said):
                    program = example.replace("ws://127.0.0.1:8080/v1", server.url)
                    self.assertEqual(await _output_of("-X", "dev", "-c", program), said)

    async def test_the_examples_are_typed(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for number, example in enumerate(_EXAMPLE.findall(_PAGE.read_text())):
                file = Path(folder) / f"example_{number}.py"
                file.write_text(example)
                await _output_of("-m", "mypy", "--cache-dir", os.devnull, str(file))

    async def test_the_package_is_typed_and_has_the_version_of_the_project(self) -> None:
        version = re.search(r"<version>(.*?)</version>", (_PROJECT / "pom.xml").read_text())
        assert version is not None
        with tempfile.TemporaryDirectory() as folder:
            await _output_of("-m", "hatchling", "build", "-t", "wheel", "-d", folder)
            [wheel] = [Path(folder) / name for name in os.listdir(folder)]
            self.assertIn(f"topicstream-{version.group(1)}-", wheel.name)
            names = zipfile.ZipFile(wheel).namelist()
        self.assertIn("topicstream/py.typed", names)
        self.assertIn("topicstream/client.py", names)
        self.assertFalse([name for name in names if "tests" in name])


async def _output_of(*arguments: str) -> str:
    """What Python says of itself; it must end well."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=_CLIENT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(120):
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()
