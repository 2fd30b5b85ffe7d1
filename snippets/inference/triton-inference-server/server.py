"""Start the real tritonserver on free ports of 127.0.0.1, wait for it, stop it."""

import os
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copytree
from socket import create_server
from subprocess import Popen, TimeoutExpired
from sysconfig import get_config_var, get_path

from client import http

TRITON = Path(get_path("purelib"), "pytriton/tritonserver")  # from nvidia-pytriton
STUB = f"python_backend_stubs/3.{sys.version_info.minor}"
LIBRARIES = f"{get_config_var('LIBDIR')}:{get_path('purelib')}/nvidia_pytriton.libs"
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
ENV = os.environ | {"LD_LIBRARY_PATH": LIBRARIES, "PATH": PATH}


@contextmanager
def serve(repository, *flags, until="ready"):
    with tempfile.TemporaryDirectory() as folder, open("triton.log", "w") as log:
        for part in ("backends/python", STUB):
            copytree(TRITON / part, f"{folder}/python", dirs_exist_ok=True)
        while True:
            at, args = {}, [TRITON / "bin/tritonserver", "--backend-directory", folder]
            args += ["--model-repository", repository]
            for name in ("http", "grpc", "metrics"):
                with create_server(("127.0.0.1", 0)) as free:
                    port = free.getsockname()[1]
                at[name] = f"127.0.0.1:{port}"
                args += [f"--{name}-address=127.0.0.1", f"--{name}-port={port}"]
            server = Popen([*args, *flags], env=ENV, stdout=log, stderr=log)
            try:
                deadline = time.monotonic() + 60
                while server.poll() is None and time.monotonic() < deadline:
                    if http(f"{at['http']}/v2/health/{until}")[0] == 200:
                        vars(server).update(at)
                        yield server
                        return
                    time.sleep(0.05)
            finally:
                server.terminate()
                with suppress(TimeoutExpired):
                    server.wait(40)
                server.kill()  # does nothing to a server that has exited
                server.wait()
            text = Path("triton.log").read_text()
            if "already in use" not in text:  # if a port was taken: try others
                raise RuntimeError(text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as empty, serve(empty) as server:
        print("running:", http(f"{server.http}/v2")[1][:36])
    print("stopped:", after := (server.returncode, http(server.http)[0]))
    assert after == (0, 0)
