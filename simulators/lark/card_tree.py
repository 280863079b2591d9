"""Finding and moving elements inside a card's JSON; everything here changes the card it is given."""

from collections.abc import Iterator
from typing import Literal

from simulators.lark.fields import Json, items, obj, objects

Place = Literal["insert_before", "insert_after", "append"]


class NoSuchElement(LookupError):
    """The card has no element of that id, or it cannot hold others."""


def lists(card: Json) -> Iterator[list[object]]:
    """Give every list of elements in the card, outer ones first."""
    waiting = [obj(card.get("body")).get("elements")]
    while waiting:
        children = waiting.pop(0)
        if not isinstance(children, list):
            continue
        yield children
        for child in objects(children):
            waiting += [
                child.get("elements"),
                child.get("columns") if child.get("tag") == "column_set" else None,
            ]


def elements(card: Json) -> Iterator[Json]:
    """Give every element, and the texts inside elements that have an identifier of their own."""
    for children in lists(card):
        for element in objects(children):
            yield element
            if obj(element.get("text")).get("element_id"):
                yield obj(element["text"])


def identifiers(card: Json) -> list[object]:
    """Give all element ids, in order, repeated ones too."""
    return [element["element_id"] for element in elements(card) if "element_id" in element]


def find(card: Json, element_id: str) -> Json:
    """Find an element; raises NoSuchElement."""
    for element in elements(card):
        if element.get("element_id") == element_id:
            return element
    raise NoSuchElement(element_id)


def replace(card: Json, element_id: str, new: Json) -> None:
    """Put another element in the place of one; raises NoSuchElement."""
    children, index = _position(card, element_id)
    children[index] = new


def delete(card: Json, element_id: str) -> None:
    """Take an element out; raises NoSuchElement."""
    children, index = _position(card, element_id)
    del children[index]


def insert(card: Json, new: list[object], place: Place, target: str) -> None:
    """Put elements beside `target`, at the end of the container `target`, or (without one) at the card's end.

    Raises:
        NoSuchElement: no such target, or it holds no elements.
    """
    if place == "append":
        holder = find(card, target) if target else obj(card.get("body"))
        if not isinstance(holder.get("elements"), list):
            raise NoSuchElement(target)
        items(holder["elements"]).extend(new)
        return
    children, index = _position(card, target)
    index += place == "insert_after"
    children[index:index] = new


def _position(card: Json, element_id: str) -> tuple[list[object], int]:
    for children in lists(card):
        for index, child in enumerate(children):
            if obj(child).get("element_id") == element_id:
                return children, index
    raise NoSuchElement(element_id)
