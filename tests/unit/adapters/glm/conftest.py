"""No test here sees the operator's own environment."""

from pathlib import Path

import pytest

from adapters.glm.settings import GlmSettings


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Clear the client's variables, and stand where there is no ``.env``."""
    fields = (f"GLM_{field.upper()}" for field in GlmSettings.model_fields)
    for name in (*fields, "GLM_ACCOUNTS", "ZAI_API_KEY", "ZHIPUAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
