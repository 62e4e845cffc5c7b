"""The image for a DataSphere node: what its how-to tells people to edit is there to be edited.

SPDX-License-Identifier: Apache-2.0
"""

import harness

FOLDER = harness.ROOT / "deploy/datasphere"


def instructions(lines):
    """The instructions of a Dockerfile, continued lines joined."""
    text = "\n".join(line for line in lines if not line.startswith("#")).replace("\\\n", " ")
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def test_the_model_is_one_line_and_the_preload_another():
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    assert lines.count("ENV MODEL TheBloke/saiga_mistral_7b-GGUF") == 1
    assert lines.count("RUN llm pull ${MODEL}") == 1
    preloaded = instructions(lines)
    lazy = instructions([line for line in lines if line != "RUN llm pull ${MODEL}"])
    assert [step for step in preloaded if step not in lazy] == ["RUN llm pull ${MODEL}"]
    assert "EXPOSE 8000" in lazy and lazy[-1] == "CMD exec llm run ${MODEL} 8000"
