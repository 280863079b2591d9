"""``glimmer models``."""

from bots.models import ModelSpec
from workers.model_table import model_rows


def spec(name: str, **changes: object) -> ModelSpec:
    given = {"name": name, "inputs": frozenset({"text"}), "concurrency": (1, 2, 3, 4), **changes}
    return ModelSpec.model_validate(given)


def test_every_model_of_the_catalog_has_a_line():
    heading, *rows = model_rows()
    assert heading.startswith("model ")
    assert any(row.startswith("glm-4.7-flash ") for row in rows)
    assert any(row.startswith("cogview-3-flash ") for row in rows)


def test_a_line_tells_limits_and_price():
    talker = spec(
        "talker",
        inputs=frozenset({"image", "text"}),
        context_tokens=128_000,
        max_output_tokens=16_384,
        thinking="switch",
        max_images=5,
        price_input=2.0,
        price_output=4.5,
    )
    _, row = model_rows([talker])
    assert row.split("  ")[0] == "talker"
    for word in ("text+image", "128K", "16K", "switch", "5", "1/2/3/4", "2 in, 4.5 out per million tokens"):
        assert word in row


def test_a_free_painter_has_no_tokens():
    _, row = model_rows([spec("painter", paints=True)])
    assert row.split() == ["painter", "paints", "-", "-", "-", "-", "1/2/3/4", "free"]


def test_columns_stand_below_each_other():
    heading, *rows = model_rows([spec("a"), spec("a-much-longer-name")])
    assert {row.index("1/2/3/4") for row in rows} == {heading.index("in flight")}
