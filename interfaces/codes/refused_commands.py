"""Codes of commands that the ledger refuses, because of what it knows."""

from stocktrail.interfaces.codes.code import Code, CodeChapter, Met

_REJECTED = (Met.REJECTED,)
_ALSO_ASKED = (Met.REJECTED, Met.QUESTION)

CHAPTER = CodeChapter(
    "Commands that are refused",
    "The command is understood, and the ledger says no; nothing of it is recorded. `details` of "
    "the result hold the numbers. Those about whether an item may be sold also stand in `refusals` "
    "of `stocktrail availability`.",
    (
        Code(
            "already_exists",
            "This id is in use already, for something with other content.",
            "Choose a new id, or send exactly what was sent before.",
            (Met.REJECTED, Met.COMMAND_LINE), exits=(1,),
        ),
        Code(
            "amount_too_large",
            "The order would be worth more than the ledger can count: 15 digits before the point.",
            "Check quantities and prices, or split the order.",
            _REJECTED,
        ),
        Code(
            "backordered_units_cannot_ship",
            "Units that the line still waits for were to be shipped.",
            "Ship what is allocated, or wait until goods arrive.",
            _REJECTED,
        ),
        Code(
            "conflict",
            "The id of this command was used before, for another command.",
            "Use a new id for a new command; `details` name the first field that differs.",
            (Met.CONFLICT,),
        ),
        Code(
            "cursor_beyond_log",
            "You ask for what comes after a position that the log does not have.",
            "Compare what you hold with the ledger: it is another one, or it was restored from a "
            "backup.",
            _ALSO_ASKED,
        ),
        Code(
            "decimal_not_allowed",
            "The item comes in whole units only, and the quantity is a fraction.",
            "Send a whole number, or register the item with `decimal`.",
            _REJECTED,
        ),
        Code(
            "group_failed",
            "Another command of the same group failed, so none of them was recorded.",
            "Repair the one that failed, and send the group again; with new ids where its code "
            "says so.",
            (Met.GROUP_FAILED,),
        ),
        Code(
            "key_destroyed",
            "The customer was erased while the command was on its way.",
            "Register the customer with a new id, if that is still wanted.",
            _REJECTED,
        ),
        Code(
            "max_sale_quantity",
            "More was ordered than may be sold of the item at a time.",
            "Order less, or change the rule with set-quantity-rules.",
            _REJECTED,
        ),
        Code(
            "min_sale_quantity",
            "Less was ordered than may be sold of the item at a time.",
            "Order more, or change the rule with set-quantity-rules.",
            _REJECTED,
        ),
        Code(
            "no_source_in_stock",
            "No source that may be sold from has the item in stock.",
            "Enable a source with enable-source, or say in_stock with set-stock-status.",
            _REJECTED,
        ),
        Code(
            "not_assigned_to_pool",
            "No source of the pool carries the item, or the source does not serve the pool.",
            "Receive the item at a source of the pool, or choose another pool or source.",
            _REJECTED,
        ),
        Code(
            "not_enough_allocated",
            "The order has fewer units allocated than are to be moved away.",
            "Move at most what is allocated to it.",
            _REJECTED,
        ),
        Code(
            "not_enough_on_hand",
            "The source has fewer units than are needed there.",
            "Take less, choose another source, or count what is there.",
            _REJECTED,
        ),
        Code(
            "not_enough_remaining",
            "Less remains of the order, or of its line, than the command is about.",
            "Look at the order, and send at most what remains.",
            _REJECTED,
        ),
        Code(
            "not_enough_salable",
            "More was ordered than may still be sold of the item in the pool.",
            "Order at most `salable_quantity`, wait for goods, or allow backorders.",
            _REJECTED,
        ),
        Code(
            "not_enough_shipped",
            "More is to come back than was shipped and has not come back before.",
            "Look at the order, and refund at most that.",
            _REJECTED,
        ),
        Code(
            "nothing_to_tell",
            "Nothing of the order or line is still to come, so there is no promise to tell.",
            "Leave it out of mark-told.",
            _REJECTED,
        ),
        Code(
            "occurred_in_future",
            "The command says that it happened more than 24 hours from now.",
            "Correct `occurred_at`, or send it when it has happened.",
            _REJECTED,
        ),
        Code(
            "order_ships_complete",
            "The order ships only as a whole, and some of it would be left behind.",
            "Ship all that remains at once, or wait until all is allocated.",
            _REJECTED,
        ),
        Code(
            "quantity_increment",
            "The item is sold in multiples of a number, and the quantity is not one.",
            "Order a multiple, or change the rule with set-quantity-rules.",
            _REJECTED,
        ),
        Code(
            "quantity_too_large",
            "More units of the item would add up than the ledger can count.",
            "Check the quantity, or count the item in larger units.",
            _REJECTED,
        ),
        Code(
            "same_source",
            "Units were to be transferred from a source to itself.",
            "Name two sources.",
            _REJECTED,
        ),
        Code(
            "unknown_customer",
            "There is no customer with this id.",
            "Check the id, or register the customer with register-customer.",
            _ALSO_ASKED,
        ),
        Code(
            "unknown_line",
            "The order or purchase order has no line with this number.",
            "Look at its lines, and name one of them.",
            _ALSO_ASKED,
        ),
        Code(
            "unknown_order",
            "There is no order with this id.",
            "Check the id, or place the order first.",
            _ALSO_ASKED,
        ),
        Code(
            "unknown_pool",
            "There is no pool with this name.",
            "Check the name, or define the pool with define-pool.",
            _ALSO_ASKED,
        ),
        Code(
            "unknown_purchase_order",
            "There is no purchase order with this id.",
            "Check the id, or place it with place-purchase-order first.",
            _ALSO_ASKED,
        ),
        Code(
            "unknown_sku",
            "There is no item with this SKU.",
            "Check the SKU, or register the item with register-product.",
            (Met.REJECTED, Met.QUESTION, Met.ROW),
        ),
        Code(
            "unknown_source",
            "There is no source with this name.",
            "Check the name, or register the source with register-source.",
            _ALSO_ASKED,
        ),
        Code(
            "unknown_source_item",
            "The source does not carry the item.",
            "Receive or count the item there first.",
            _REJECTED,
        ),
        Code(
            "unknown_type",
            "There is no type of event of this name.",
            "Choose one of those that the message names.",
            (Met.REJECTED, Met.QUESTION, Met.COMMAND_LINE), exits=(4,),
        ),
        Code(
            "unknown_webhook",
            "There is no webhook with this id, or it was deleted.",
            "See `stocktrail webhooks` for those that there are.",
            _ALSO_ASKED,
        ),
        Code(
            "version_conflict",
            "Something else was recorded about it since you looked: `expected_version` is not its "
            "version.",
            "Look at it again, decide again, and send a new id.",
            _REJECTED,
        ),
    ),
)
