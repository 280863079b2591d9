from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.glm.models import MODELS
from adapters.glm.settings import GlmSettings


def test_without_a_key_there_is_no_account() -> None:
    settings = GlmSettings()
    assert settings.accounts() == ()
    assert settings.limits()["glm-4.7-flash"] == {}


def test_the_defaults_are_the_free_models_in_china() -> None:
    settings = GlmSettings()
    assert settings.base_url == "https://open.bigmodel.cn/api/paas/v4"
    assert settings.text_models == ("glm-4.7-flash",)
    assert settings.vision_models == ("glm-4.6v-flash", "glm-4.1v-thinking-flash")
    assert settings.picture_models == ("cogview-3-flash",)
    assert (settings.slot_grace, settings.first_token_timeout) == (0.25, 180)
    assert (settings.chunk_timeout, settings.answer_timeout) == (180, 600)


@pytest.mark.parametrize("name", ["GLM_API_KEY", "ZAI_API_KEY", "ZHIPUAI_API_KEY"])
def test_a_key_is_read_from_each_of_its_names_without_its_newline(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, " id.secret\r\n")
    (account,) = GlmSettings().accounts()
    assert (account.name, account.key.get_secret_value(), account.tier) == ("default", "id.secret", "V0")


def test_an_empty_key_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLM_API_KEY", " ")
    assert GlmSettings().accounts() == ()


def test_the_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GLM_TIER=V2\nSLACK_BOT_TOKEN=x\n", "utf-8")
    assert GlmSettings().tier == "V2"


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "GLM_TIER",
        "GLM_ACCOUNTS",
        "GLM_CONCURRENCY",
        "GLM_TEXT_MODELS",
        "GLM_BASE_URL",
        "GLM_SLOT_GRACE",
    ):
        monkeypatch.setenv(name, "")
    assert GlmSettings() == GlmSettings.model_validate({})


def test_several_accounts_have_tiers_and_limits_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLM_API_KEY", "a.1")
    monkeypatch.setenv("GLM_TIER", "V1")
    monkeypatch.setenv("GLM_CONCURRENCY", '{"glm-4.7-flash": 3, "glm-4v-plus-0111": 7}')
    monkeypatch.setenv(
        "GLM_ACCOUNTS",
        '[{"name": "paid", "key": "b.2\\n", "tier": "V3", "concurrency": {"glm-4.7-flash": 9}},'
        ' {"name": "spare", "key": "c.3"}]',
    )
    settings = GlmSettings()
    assert [(account.name, account.tier) for account in settings.accounts()] == [
        ("default", "V1"),
        ("paid", "V3"),
        ("spare", "V1"),
    ]
    limits = settings.limits()
    assert set(limits) == set(MODELS)
    assert limits["glm-4.7-flash"] == {"default": 3, "paid": 9, "spare": 3}
    assert limits["glm-4v-plus-0111"] == {"default": 7, "paid": 7, "spare": 7}
    assert limits["cogview-3-flash"] == {"default": 20, "paid": 40, "spare": 20}


def test_a_key_that_is_among_the_accounts_is_not_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLM_API_KEY", "a.1")
    monkeypatch.setenv("GLM_ACCOUNTS", '[{"name": "mine", "key": "a.1"}]')
    assert [account.name for account in GlmSettings().accounts()] == ["mine"]


def test_lists_of_models_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLM_TEXT_MODELS", "glm-4.7-flash, glm-4-flash-250414,")
    monkeypatch.setenv("GLM_PICTURE_MODELS", ",")
    settings = GlmSettings()
    assert settings.text_models == ("glm-4.7-flash", "glm-4-flash-250414")
    assert settings.picture_models == ()


def test_the_base_url_ends_without_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLM_BASE_URL", "http://127.0.0.1:9/api/paas/v4/\n")
    assert GlmSettings().base_url == "http://127.0.0.1:9/api/paas/v4"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("GLM_API_KEY", "two words", "one word of printable ASCII"),
        ("GLM_ACCOUNTS", "[", "It is not JSON"),
        ("GLM_ACCOUNTS", '[{"name": "a:b", "key": "a.secret"}]', "letters, digits"),
        ("GLM_ACCOUNTS", '[{"name": "a", "key": " "}]', "one word of printable ASCII"),
        ("GLM_ACCOUNTS", '[{"name": "a", "key": "a.secret", "teir": "V1"}]', "teir"),
        (
            "GLM_ACCOUNTS",
            '[{"name": "a", "key": "a.b"}, {"name": "a", "key": "c.d"}]',
            "two accounts of one name",
        ),
        (
            "GLM_ACCOUNTS",
            '[{"name": "a", "key": "a.secret"}, {"name": "b", "key": "a.secret"}]',
            "one key twice",
        ),
        ("GLM_TIER", "V9", "'V0', 'V1', 'V2' or 'V3'"),
        ("GLM_CONCURRENCY", "3", "dictionary"),
        ("GLM_CONCURRENCY", '{"glm-9": 3}', "names the model 'glm-9'; known are glm-4.7-flash"),
        ("GLM_CONCURRENCY", '{"glm-4.7-flash": 0}', "is 1 to 10000, not 0"),
        ("GLM_TEXT_MODELS", ",", "GLM_TEXT_MODELS names no model"),
        ("GLM_TEXT_MODELS", "cogview-3-flash", "GLM_TEXT_MODELS names 'cogview-3-flash'; possible are"),
        ("GLM_VISION_MODELS", "glm-4.7-flash", "GLM_VISION_MODELS names 'glm-4.7-flash'; possible are"),
        ("GLM_PICTURE_MODELS", "dall-e", "possible are cogview-3-flash"),
        ("GLM_BASE_URL", "ftp://x/", "It is a URL such as https://"),
        ("GLM_BASE_URL", "open.bigmodel.cn", "It is a URL such as https://"),
        ("GLM_SLOT_GRACE", "-1", "greater than or equal to 0"),
        ("GLM_ANSWER_TIMEOUT", "soon", "valid number"),
        ("GLM_CHUNK_TIMEOUT", "nan", "less than or equal to 86400"),
    ],
)
def test_a_wrong_value_is_explained_and_not_repeated(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        GlmSettings()
    assert sentence in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_key_is_not_shown_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLM_API_KEY", "id.secret")
    monkeypatch.setenv("GLM_ACCOUNTS", '[{"name": "a", "key": "b.secret"}]')
    settings = GlmSettings()
    assert "secret" not in repr(settings) + repr(settings.accounts())
