"""Purchase orders, read by regular expressions."""

import re

PATTERNS = {
    "number": r"^PO Number: (\S+)$",
    "date": r"^Date: (\d{4}-\d\d-\d\d)$",
    "supplier": r"^Supplier: (.+)$",
    "total": r"^Total: ([\d.,]+) EUR$",
}


def read(text):
    """The fields of a purchase order; what is not found is null."""
    found = {name: re.search(one, text, re.MULTILINE) for name, one in PATTERNS.items()}
    return {name: match[1] if match else None for name, match in found.items()}
