"""`/v1/products`: every product of wholesale finance, its terms, and what may happen to it and in which words."""

from __future__ import annotations

from pydantic import BaseModel

from bank.allocations.products.fields import Field
from bank.allocations.products.registry import PRODUCTS
from bank.allocations.products.shape import Product
from bank.api.door import AnyKey, router
from ledger.refusals import NotFound

routes = router("/products", "products")


class FieldOut(BaseModel):
    """Something that is told."""

    name: str
    kind: str
    title: str
    example: str
    required: bool
    choices: list[str]


class EventOut(BaseModel):
    """Something that may happen, and the path below an allocation to which it is sent."""

    verb: str
    path: str
    says: str
    fields: list[FieldOut]


class ProductOut(BaseModel):
    """One product. A loan is also drawn, repaid and written off by the verbs of lending."""

    code: str
    title: str
    about: str
    measurement: str
    lent: bool
    bears_interest: bool
    terms: list[FieldOut]
    events: list[EventOut]


class ProductsOut(BaseModel):
    """All products."""

    items: list[ProductOut]
    next_cursor: None = None


@routes.get("")
def products(desk: AnyKey) -> ProductsOut:
    """Every product."""
    del desk  # any key in force opens this
    return ProductsOut(items=[_out(product) for product in PRODUCTS.values()])


@routes.get("/{code}")
def product(desk: AnyKey, code: str) -> ProductOut:
    """One product by its code."""
    del desk
    if code not in PRODUCTS:
        raise NotFound(f"There is no product {code!r:.60}: the products are {', '.join(PRODUCTS)}")
    return _out(PRODUCTS[code])


def _out(found: Product) -> ProductOut:
    return ProductOut(
        code=found.code,
        title=found.title,
        about=found.about,
        measurement=found.measurement,
        lent=found.lent,
        bears_interest=found.earns,
        terms=[_field(field) for field in found.terms],
        events=[
            EventOut(
                verb=event.verb.name,
                path=event.verb.path,
                says=event.verb.says,
                fields=[_field(field) for field in event.verb.fields],
            )
            for event in found.events
        ],
    )


def _field(field: Field) -> FieldOut:
    return FieldOut(
        name=field.name,
        kind=field.kind,
        title=field.title,
        example=field.example,
        required=field.required,
        choices=list(field.choices),
    )
