"""Command line: `python -m handbook build | serve | outputs | environments | new`, as
the Makefile calls it."""

import argparse
import concurrent.futures
import errno
import itertools
import logging
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from handbook import ROOT, environments, extras, new, pages, policy, snippets


def build(
    site: Path,
    url: str,
    strict: bool = True,
    complete: bool = False,
    live: bool = False,
) -> None:
    """Build both languages into one folder, then one search index for each.

    Args:
        site: where the built site goes; what was there is deleted.
        url: address at which its root will be served, with a slash at the end.
        strict: a warning, such as a dead link, stops the build.
        complete: flashcards and PDF, which take a minute, too.
        live: for the development server, which puts a script of its own into pages: no
            Content-Security-Policy.
    """
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.config import load_config

    os.environ |= {"SITE_URL": url, "SITE_URL_RU": f"{url}ru/"}
    # Of nbconvert, for figures without a text: docs/theme/main.html gives them one.
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    settings = {}
    # English first: a build empties its folder, and Russian stands inside it.
    for name, folder in (("mkdocs.yml", site), ("mkdocs.ru.yml", site / "ru")):
        config = load_config(str(ROOT / name), site_dir=str(folder), strict=strict)
        mkdocs_build(config)
        settings[config.theme["language"]] = {**config, **config.extra}
    extras.finish(site, url, settings, complete)
    if not live:
        policy.write(site)
    index = ["--site", str(site), "--root-selector", "article", "--quiet"]
    excluded = (
        "[data-pagefind-ignore], .headerlink, .figure, .highlight, .answers, .md-tags"
    )
    index += ["--exclude-selectors", excluded]
    subprocess.run([sys.executable, "-m", "pagefind", *index], check=True)


def serve(host: str, port: int) -> None:
    """Serve both languages with search, and build anew whenever a source changes."""
    from mkdocs.livereload import LiveReloadServer

    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with tempfile.TemporaryDirectory(prefix="site-") as name:
        site = Path(name)

        def rebuild() -> None:
            build(site, f"http://{host}:{port}/", strict=False, live=True)

        rebuild()
        server = LiveReloadServer(rebuild, host, port, root=name)
        server.error_handler = lambda code: (site / f"{code}.html").read_bytes()
        for source in ("docs", "snippets", "handbook", "mkdocs.yml", "mkdocs.ru.yml"):
            server.watch(str(ROOT / source))
        try:
            server.serve()
        except KeyboardInterrupt:
            pass
        finally:
            server.shutdown()


def outputs(only: str | None) -> int:
    """Record what snippets print and draw. Returns the number of those that failed.

    Args:
        only: an answer such as `training/gradient-accumulation`, or one snippet of it;
            None means all.
    """
    from handbook import labs  # needs Jupyter, which serving the site does not

    folder = ROOT / "snippets"
    only = only and only.removeprefix("snippets/").removesuffix(".py").strip("/")
    snippets.set_environment(folder)
    wanted = [
        path
        for path in snippets.discover(folder)
        if not only
        or path.is_relative_to(folder / only)
        or path.with_suffix("") == folder / only
    ]
    notebooks = [
        path for path in labs.discover(ROOT) if not only or only == f"labs/{path.stem}"
    ]
    if not wanted and not notebooks:
        print(f"no snippet in snippets/{only}; there are:", file=sys.stderr)
        for path in snippets.discover(folder):
            print(f"  {path.relative_to(folder).with_suffix('')}", file=sys.stderr)
        for path in labs.discover(ROOT):
            print(f"  labs/{path.stem}", file=sys.stderr)
        return 1
    os.chdir(ROOT)
    failed = 0
    paths = [path.relative_to(ROOT) for path in wanted]
    reasons = {path: snippets.unavailable(path) for path in paths}
    for reason in filter(None, reasons.values()):
        print(f"[-] skipped: {reason}")
    paths = [path for path in paths if not reasons[path]]
    paths.sort(key=snippets.is_benchmark)  # those that must be alone come last
    together = [path for path in paths if not snippets.is_benchmark(path)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = itertools.chain(
            pool.map(record, together),
            map(record, paths[len(together) :]),
            map(labs.record, notebooks),
        )
        paths += [path.relative_to(ROOT) for path in notebooks]
        for number, (path, problem) in enumerate(zip(paths, problems, strict=True), 1):
            failed += bool(problem)
            print(f"[{number}/{len(paths)}] {path}", "FAILED" if problem else "")
            if problem:
                print(problem, file=sys.stderr)
    return failed


def make_environments() -> None:
    """Make the environments that folders of snippets have of their own."""
    for path in sorted((ROOT / "snippets").rglob("requirements.txt")):
        reason = environments.unavailable(path)
        print(reason or f"{path.parent.relative_to(ROOT)}: its own environment")
        if not reason:
            environments.interpreter(path)


def record(path: Path) -> str:
    """Record one snippet; a snippet that cannot be run must not stop the others."""
    try:
        return snippets.record(path)
    except snippets.BadSnippet as error:
        return str(error)


def explain() -> None:
    """Say what is wrong with the pages."""
    for problem in pages.problems():
        print(problem, file=sys.stderr)


def main() -> int:
    """Parse the command line and do what it says; the value is the exit status."""
    parser = argparse.ArgumentParser(prog="handbook", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("build", help="build the site into site/")
    command.add_argument(
        "--url", default=os.environ.get("SITE_URL", "http://127.0.0.1:8000/")
    )
    command.add_argument("--site", type=Path, default=ROOT / "site")
    command = commands.add_parser("serve", help="serve it and follow changes")
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8000)
    command = commands.add_parser("outputs", help="record the snippets' outputs")
    command.add_argument("only", nargs="?", help="answer or snippet; all without it")
    commands.add_parser("environments", help="install what some snippets need apart")
    command = commands.add_parser("new", help="create an answer to be written")
    command.add_argument("answer", help="such as inference/speculative-decoding")
    arguments = parser.parse_args()

    logging.basicConfig(level=logging.INFO, format="%(levelname)-7s %(message)s")
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    from mkdocs.exceptions import Abort, BuildError
    from pymdownx.snippets import SnippetMissingError

    try:
        if arguments.command == "build":
            url = arguments.url.rstrip("/") + "/"
            build(arguments.site, url, complete=True)
        elif arguments.command == "serve":
            serve(arguments.host, arguments.port)
        elif arguments.command == "environments":
            make_environments()
        elif arguments.command == "new":
            return new.main(arguments.answer)
        else:
            return min(outputs(arguments.only), 1)
    except (Abort, BuildError, SnippetMissingError, UnicodeError) as error:
        print(f"ERROR   {error}", file=sys.stderr)
        explain()
        return 1
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(
            f"ERROR   port {arguments.port} is taken: make serve PORT=8001",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
