"""Files as the shops' systems write them: their headers, and rows of our own below them.

The headers are those that the systems document and export; no row is copied from anybody's file.
"""

SHOPIFY_INVENTORY = """\
Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,SKU,\
HS Code,COO,Location,Bin name,Incoming (not editable),Unavailable (not editable),\
Committed (not editable),Available (not editable),On hand (current),On hand (new)
desk-lamp,Desk lamp,Colour,Green,,,,,LAMP-GREEN,,DE,Harbour,,0,0,2,10,12,
desk-lamp,Desk lamp,Colour,Green,,,,,LAMP-GREEN,,DE,Main street 1,,0,0,0,3,3,5
desk-lamp,Desk lamp,Colour,Red,,,,,LAMP-RED,,DE,Harbour,,,,,,not stocked,not stocked
desk-lamp,Desk lamp,Colour,Red,,,,,LAMP-RED,,DE,Main street 1,,0,0,4,-4,0,
shade,Shade,Title,Default Title,,,,,'00420,,DE,Harbour,,0,0,0,-2,-2,
wick,Wick,Title,Default Title,,,,,,,DE,Harbour,,0,0,0,9,9,
"""
"""Rows for two locations; 5 was typed over 3, one is not stocked, one oversold, one has no SKU."""

SHOPIFY_INVENTORY_WIDE = """\
Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,SKU,\
HS Code,COO,Harbour,Main street 1
desk-lamp,Desk lamp,Colour,Green,,,,,LAMP-GREEN,,DE,12,5
desk-lamp,Desk lamp,Colour,Red,,,,,LAMP-RED,,DE,not stocked,0
"""
"""A column for each location, as earlier exports and those of available quantities have them."""

SHOPIFY_PRODUCTS = """\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,\
Option2 Value,Option3 Name,Option3 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,\
Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant Price,\
Variant Barcode,Image Src,Image Position,Status
desk-lamp,Desk lamp,"<p>Bright,
and green.</p>",Lumen,Lamps,"desk, green",TRUE,Colour,Green,Size,L,,,LAMP-GREEN,900,shopify,12,\
continue,manual,49.00,'4012345678901,https://shop.example/1.jpg,1,active
desk-lamp,,,,,,,,Red,,L,,,LAMP-RED,900,shopify,0,deny,manual,49.00,,https://shop.example/2.jpg,2,
desk-lamp,,,,,,,,,,,,,,,,,,,,,https://shop.example/3.jpg,3,
gift-card,Gift card,,Lumen,Cards,,TRUE,Title,Default Title,,,,,GIFT,0,,0,deny,manual,25.00,,,,active
wick,Wick,,Lumen,Parts,,TRUE,Title,Default Title,,,,,,5,shopify,7,deny,manual,2.00,,,,draft
"""
"""Two variants, a picture, an item that is not counted, and one without a SKU."""

SHOPIFY_PRODUCTS_NEW = """\
Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,\
SKU,Barcode,Option1 name,Option1 value,Option2 name,Option2 value,Price,Cost per item,Charge tax,\
Inventory tracker,Inventory quantity,Continue selling when out of stock,Weight value (grams),\
Requires shipping,Fulfillment service,Product image URL,Image position
Desk lamp,desk-lamp,,Lumen,,Lamps,,TRUE,Active,LAMP-GREEN,,Colour,Green,,,49.00,,TRUE,shopify,12,\
CONTINUE,900,TRUE,manual,https://shop.example/1.jpg,1
,desk-lamp,,,,,,,,LAMP-RED,,,Red,,,49.00,,TRUE,shopify,0,DENY,900,TRUE,manual,,
,desk-lamp,,,,,,,,,,,,,,,,,,,,,,,https://shop.example/3.jpg,3
"""
"""The same in the columns that Shopify has had since 2024."""

WOOCOMMERCE_PRODUCTS = """\
ID,Type,SKU,"GTIN, UPC, EAN, or ISBN",Name,Published,"Is featured?","Visibility in catalog",\
"Short description",Description,"Tax status","Tax class","In stock?",Stock,"Low stock amount",\
"Backorders allowed?","Sold individually?","Weight (kg)","Regular price",Categories,Parent,Position
11,simple,CAP,,Cap,1,0,visible,,"One line,
and another",taxable,,1,25,5,notify,0,,16,Clothing,,0
12,variable,HOODIE,,Hoodie,1,0,visible,,,taxable,,1,,,0,0,,,Clothing,,0
13,variation,HOODIE-RED,,"Hoodie - Red, Yes",1,0,visible,,,taxable,parent,1,7,,0,0,,45,,HOODIE,1
14,variation,,,Hoodie - Blue,1,0,visible,,,taxable,parent,1,3,,0,0,,45,,HOODIE,2
15,variable,SOCK,,Sock,1,0,visible,,,taxable,,1,40,,1,0,,,Clothing,,0
16,variation,SOCK-L,,Sock - L,1,0,visible,,,taxable,parent,1,parent,,1,0,,5,,SOCK,1
17,"simple, downloadable, virtual",ALBUM,,Album,1,0,visible,,,taxable,,1,,,0,0,,15,Music,,0
18,simple,BELT,,Belt,1,0,visible,,,taxable,,backorder,'-3,,1,0,,55,Accessories,,0
19,simple,MUG,,Mug,-1,0,visible,,,taxable,,0,,,0,0,,8,Decor,,0
20,grouped,SET,,Set,1,0,visible,,,taxable,,1,,,0,0,,,Clothing,,0
21,external,PENNANT,,Pennant,1,0,visible,,,taxable,,1,,,0,0,,11,Decor,,0
"""
"""Every type of product, with every value that *In stock?*, *Stock* and backorders can have."""

MAGENTO_SOURCES = """\
source_code,sku,status,quantity
eu-1,LAMP,1,6.8800
eu-2,LAMP,1,5.0000
us-1,SHADE,0,15
eu-1,SHADE,1,33
"""

_MAGENTO_COLUMNS = (
    "sku,store_view_code,attribute_set_code,product_type,name,product_online,price,qty,"
    "out_of_stock_qty,use_config_min_qty,is_qty_decimal,allow_backorders,use_config_backorders,"
    "min_cart_qty,use_config_min_sale_qty,is_in_stock,notify_on_stock_below,"
    "use_config_notify_stock_qty,manage_stock,use_config_manage_stock,website_id"
)

MAGENTO_PRODUCTS = f"""\
{_MAGENTO_COLUMNS}
LAMP,,Default,simple,Desk lamp,1,49.0000,25.0000,-50.0000,0,0,2,0,1.0000,1,1,10.0000,0,1,1,0
LAMP,de,,,Schreibtischlampe,,,,,,,,,,,,,,,,
SHADE,,Default,simple,Shade,1,9.0000,4.0000,0.0000,1,0,0,1,1.0000,1,0,1.0000,1,1,1,0
CLOTH,,Default,simple,Cloth by the metre,1,3.0000,7.2500,2.0000,0,1,0,1,1.0000,1,1,1.0000,1,1,1,0
GIFT,,Default,virtual,Gift card,1,25.0000,0.0000,0.0000,1,0,0,1,1.0000,1,1,1.0000,1,0,0,0
LAMPS,,Default,configurable,Lamps,1,,0.0000,0.0000,1,0,0,1,1.0000,1,1,1.0000,1,1,1,0
"""
"""A product of its own settings, its German words, one of the shop's, one by the metre, others."""

PLAIN = """\
Article no.;Description;Depot;Count;Reorder at
LAMP;Desk lamp, green;berlin;1.234,5;20
SHADE;Shade;berlin;7;5

WICK;Wick;hamburg;0;5
;left over;berlin;3;
"""
"""A list that a shop keeps in a spreadsheet that writes numbers with a decimal comma."""

PLAIN_FLAGS = (
    "Article no.=sku", "Description=name", "Depot=source", "Count=quantity",
    "Reorder at=notify_below",
)
