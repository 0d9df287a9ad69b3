"""docs/your-own-documents.md, from top to bottom, as a new user would type it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.environment import importing

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "your-own-documents.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMANDS = {
    "python": [sys.executable],
    "pytest": [sys.executable, "-m", "pytest"],
    "slm-autopsy": [sys.executable, "-m", "pytest_slm_autopsy.cli"],
}
DOCUMENTS = 60


def blocks(*kinds):
    return [match[2] for match in BLOCK.finditer(PAGE) if match[1] in kinds]


def made(n):
    """The text and the answers of one document of a folder like the one on the page."""
    net = 1039 + n
    vat, day, order = net // 5, f"{n % 28 + 4:02}", f"7700{n}" if n % 3 else ""
    total = f"{net + vat:,}.00"
    text = (
        f"Northwind Ltd\n12 Harbour Road\n\nInvoice No: NW-{1000 + n}\n"
        f"Invoice Date: {day}.03.2025\n"
        + f"Order: {order}\n"
        * bool(order)
        + f"\nNet Amount  {net:>10,}.00\nVAT         {vat:>10,}.00\nTotal       {total:>13}\n"
        "\nThank you for your order.\n"
    )
    return text, f"{n:04}.txt,NW-{1000 + n},2025-03-{day},{order},{total.replace(',', '')}\n"


def made_receipt(n):
    """The text and the answers of one receipt of the second folder."""
    count, price = 2 + n % 3, 640 + 35 * n
    total = count * price
    paid = total // 1000 * 1000 + 1000
    day, month = f"{n % 28 + 1:02}", f"{n % 12 + 1:02}"
    text = (
        "LAGOON FRESH MART SDN.BHD\n(204417-K)\nLOT 18, JALAN TERATAI 7,\n41200 KLANG LAMA\n"
        f"INVOICE NO : {51880 + n}\nDATE : {day}/{month}/2018 06:41PM\nCOUNTER : 05\n"
        f"DISH SOAP LEMON 900ML\n{count} X {ringgit(price)} {ringgit(total)} S\n"
        f"TOTAL INCL. GST:RM{ringgit(total)}\nCASH:RM {ringgit(paid)}\n"
        f"CHANGE:RM {ringgit(paid - total)}\nGOODS SOLD ARE NOT RETURNABLE\nTHANK YOU\n"
    )
    answers = f"Lagoon Fresh Mart Sdn Bhd,2018-{month}-{day},{51880 + n},{ringgit(total)}"
    return text, f"r{n:04}.txt,{answers}\n"


def ringgit(sen):
    return f"{sen // 100}.{sen % 100:02}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the page says that there is: a folder of texts, a table of answers, its own files."""
    place = tmp_path_factory.mktemp("user")
    (place / "documents").mkdir()
    shown, table = blocks("text")[:2]
    answers = table.splitlines(keepends=True)[0]
    for n in range(1, DOCUMENTS + 1):
        text, answer = made(n)
        (place / "documents" / f"{n:04}.txt").write_text(text, encoding="utf-8")
        answers += answer
    assert made(1) == (shown, table.splitlines(keepends=True)[1])
    (place / "answers.csv").write_text(answers, encoding="utf-8")
    (place / "receipts").mkdir()
    shown, table = blocks("text")[2:4]
    answers = table.splitlines(keepends=True)[0]
    for n in range(1, DOCUMENTS + 1):
        text, answer = made_receipt(n)
        (place / "receipts" / f"r{n:04}.txt").write_text(text, encoding="utf-8")
        answers += answer
    assert made_receipt(1) == (shown, table.splitlines(keepends=True)[1])
    (place / "receipts.csv").write_text(answers, encoding="utf-8")
    for block in blocks("python", "ini"):
        if name := re.match(r"# (\S+\.(?:py|ini))\n", block):
            (place / name[1]).write_text(block, encoding="utf-8")
    return place


def test_the_page_does_as_it_says(folder):
    for number, block in enumerate(blocks("console")):
        for typed, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            name, *arguments = shlex.split(typed)
            done = subprocess.run(
                [*COMMANDS[name], *arguments],
                cwd=folder,
                env=os.environ | importing(ROOT) | {"COLUMNS": "80"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == (name == "pytest"), (number, done.stdout + done.stderr)
            assert not done.stderr
            assert matches(done.stdout, shown), done.stdout


def matches(said, shown):
    """Whether the lines shown are those that were said; ``...`` stands for any."""
    pattern = shown.strip().replace("[", "[[]").replace("\n...\n", "\n*\n")
    pattern = re.sub(r"^\.\.\.\n|\n\.\.\.$", "*", pattern)
    return not shown or fnmatch(said.strip(), pattern)


def test_the_schema_that_it_prints_goes_into_the_fixture(folder, tmp_path):
    place = tmp_path / "user"
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    [fixture] = [block for block in blocks("python") if "schema=SCHEMA" in block]
    [said] = [block for block in blocks("console") if "SCHEMA = " in block]
    schema = said[said.index("from pytest_slm_autopsy") :]
    with (place / "conftest.py").open("a", encoding="utf-8") as file:
        file.write(f"\n\n{schema}\n\n{fixture}")
    for command in ([*COMMANDS["python"], "collect.py"], COMMANDS["pytest"]):
        done = subprocess.run(
            command, cwd=place, env=os.environ | importing(ROOT),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert "gates: 2 passed, 1 failed, 0 undecided" in done.stdout, done.stdout
