"""What a contributor is told: where, what, what was expected, what to do."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Problem:
    """One breach of the contract, told so that its author can mend it."""

    path: Path
    line: int
    what: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return (
            f"{self.path}:{self.line}: {self.what}\n"
            f"  expected: {self.expected}\n  remedy: {self.remedy}"
        )
