"""The long tests can begin: what they ask for is there. The short suite runs none of them, so nobody else would see."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_everything_that_the_long_tests_ask_for_is_there() -> None:
    files = [str(file) for file in sorted((ROOT / "tests").rglob("test_*.py")) if "mark.soak" in file.read_text()]
    command = [sys.executable, "-m", "pytest", "-q", "-m", "soak", "--setup-plan", "-p", "no:cacheprovider", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
