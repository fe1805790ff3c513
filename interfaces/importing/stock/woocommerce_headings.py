"""The headings of WooCommerce's file of products: it writes them in the language of the shop.

What stands in the cells is the same in every language. Some have been translated in several ways.
"""

TYPE = ("Type", "Typ", "Tipo", "Тип")
SKU = ("SKU", "Artikelnummer", "UGS", "COD", "Артикул")
NAME = ("Name", "Nom", "Nombre", "Nome", "Naam", "Имя")
IN_STOCK = (
    "In stock?", "Stock status", "Vorrätig?", "En stock ?", "¿Existencias?", "¿En inventario?",
    "Op voorraad?", "в наличии?",
)
STOCK = ("Stock", "Lager", "Bestand", "Inventario", "Magazzino", "Voorraad", "Запасы")
LOW_STOCK = (
    "Low stock amount", "Geringe Lagermenge", "Montant de stock faible",
    "Cantidad de bajo inventario", "Lage voorraad", "Малое количество на складе",
    "Величина малых запасов",
)
BACKORDERS_ALLOWED = (
    "Backorders allowed?", "Lieferrückstände erlaubt?", "Lieferrückstande erlaubt?",
    "Rückstände erlaubt?", "Autoriser les commandes de produits en rupture ?",
    "¿Permitir reservas de productos agotados?", "Abilita gli ordini arretrati?",
    "Nabestellingen toestaan?", "Задержанный заказ возможен?", "Возможен ли предзаказ?",
)

SIGNATURES = (
    ("type", "sku", "in stock", "stock"), ("sku", "stock", "backorders allowed"),
    ("type", "sku", "visibility in catalog"), ("type", "sku", "name", "published"),
    ("typ", "artikelnummer", "vorrätig"), ("typ", "sku", "vorrätig"), ("type", "ugs", "en stock"),
    ("tipo", "sku", "existencias"), ("tipo", "sku", "en inventario"), ("tipo", "cod", "magazzino"),
    ("tipo", "sku", "magazzino"), ("type", "artikelnummer", "op voorraad"),
    ("type", "sku", "op voorraad"), ("тип", "артикул", "в наличии"),
)
"""Headings that only WooCommerce's files have together."""
