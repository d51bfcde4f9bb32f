"""A server in a process of its own, on a free port of this machine."""

import asyncio
import os
import re
import shlex
import tempfile
from pathlib import Path
from types import TracebackType

_LAUNCHER = Path(__file__).parents[3] / "topicstream"
_READY = re.compile(rb"ready: http://127\.0\.0\.1:(\d+)")
_PATIENCE_SECONDS = 60


class Server:
    """`TOPICSTREAM_COMMAND` says how the command line is started; without it the launcher of the project does so."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory()
        self._process: asyncio.subprocess.Process | None = None
        self._drain: asyncio.Task[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1"

    async def start(self) -> None:
        """Starts it, on the port that it had before."""
        command = shlex.split(os.environ.get("TOPICSTREAM_COMMAND", str(_LAUNCHER)))
        home = Path(self._home.name)
        self._process = await asyncio.create_subprocess_exec(
            *command,
            *("serve", "--port", str(self.port), "--data", str(home / "data")),
            *("--set", f"server.run_dir={home / 'run'}", "--set", "event_loops=1"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output = self._process.stdout
        assert output is not None
        said = b""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (ready := _READY.search(said)) is None:
                line = await output.readline()
                assert line, f"the server has ended: {said.decode()}"
                said += line
        self.port = int(ready.group(1))
        self._drain = asyncio.create_task(output.read())

    async def kill(self) -> None:
        """Ends it at once, as a loss of power would."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None
        if self._drain is not None:
            await self._drain
            self._drain = None

    async def __aenter__(self) -> "Server":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill()
        self._home.cleanup()
