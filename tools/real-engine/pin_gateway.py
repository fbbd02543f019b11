"""Write gateway-requirements.txt: LiteLLM's proxy, and of its packages those that it imports.

    python3 tools/real-engine/pin_gateway.py VERSION

Needs uv (pip install uv), which finds versions that go together. LiteLLM asks for 137 packages and half a gigabyte, most of
them for other companies' storage and telemetry; what is left out here is found by starting it (test_model.py does).
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

PLACE = Path(__file__).resolve().parent / "gateway-requirements.txt"

NEEDED = """
aiohappyeyeballs aiohttp aiosignal annotated-doc annotated-types anyio apscheduler async-timeout attrs backoff certifi cffi
charset-normalizer click cryptography email-validator exceptiongroup expression fastapi fastapi-sso fastuuid frozenlist h11
httpcore httpx httpx2 idna importlib-metadata jinja2 jiter jsonschema jsonschema-specifications litellm markdown-it-py markupsafe
mcp mcp-types mdurl multidict numpy oauthlib openai opentelemetry-api orjson packaging propcache pydantic pydantic-core
pydantic-settings pygments pyjwt python-dotenv python-multipart pyyaml redis referencing regex requests rich rpds-py sniffio
soundfile sse-starlette starlette tiktoken tokenizers tqdm typing-extensions typing-inspection tzlocal urllib3 uvicorn uvloop
websockets yarl zipp
""".split()

WHEEL = re.compile(r"-(?:(?:cp3(?:10|11|12|13|14)|py3|py2\.py3)-(?:cp3\d+|abi3|none))-(?P<platform>[^-]+)\.whl$")

PROJECT = """
[project]
name = "gateway"
version = "0"
requires-python = ">=3.10,<3.15"
dependencies = ["litellm[proxy]=={version}"]
[tool.uv]
environments = ["sys_platform == 'linux' and implementation_name == 'cpython'"]
"""

HEAD = """# Written by `python3 tools/real-engine/pin_gateway.py {version}`; do not edit.
# LiteLLM's proxy from PyPI: Linux (glibc), x86_64 and aarch64, CPython 3.10 to 3.14. Installed with --no-deps.
--only-binary=:all:
"""


def fits(url: str) -> bool:
    """Whether a wheel is for one of the machines and interpreters that are supported."""
    found = WHEEL.search(url)
    platform = found["platform"] if found else ""
    return platform == "any" or ("manylinux" in platform and platform.endswith(("x86_64", "aarch64")))


def main(version: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(PROJECT.format(version=version))
        subprocess.run(["uv", "lock", "--quiet"], cwd=folder, check=True)
        export = ["uv", "export", "--quiet", "--frozen", "--no-emit-project", "--no-header", "--no-annotate", "--no-hashes"]
        lines = subprocess.run(export, cwd=folder, check=True, capture_output=True, text=True).stdout.splitlines()
        packages = tomllib.loads(Path(folder, "uv.lock").read_text())["package"]
    wheels = {(package["name"], package["version"]): package.get("wheels", []) for package in packages}
    text = HEAD.format(version=version)
    for line in lines:
        pin, _, marker = line.partition(" ; ")
        name, _, number = pin.partition("==")
        if name not in NEEDED:
            continue
        python = re.findall(r"python_full_version [^()]*?'[^']*'", marker)
        hashes = sorted(wheel["hash"] for wheel in wheels[name, number] if fits(wheel["url"]))
        text += f"{pin}{' ; ' + ' and '.join(python) if python else ''}"
        text += "".join(f" \\\n    --hash={value}" for value in hashes) + "\n"
    PLACE.write_text(text)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: pin_gateway.py VERSION")
    main(sys.argv[1])
