"""What a model is asked, and the program that its answer becomes.

SPDX-License-Identifier: Apache-2.0
"""

from dataclasses import dataclass
from typing import Any, Callable


@dataclass(frozen=True)
class Task:
    name: str
    path: str  # that the request goes to
    body: dict
    text_of: Callable[[Any], str]  # the answer's text in the response
    program: Callable[[str], str]  # a Python program that ends well only if the text is right
