"""Codes of questions that are refused."""

from stocktrail.interfaces.codes.code import Code, CodeChapter, Met

_QUESTION = (Met.QUESTION,)

CHAPTER = CodeChapter(
    "Questions that are refused",
    "Asked at the command line, over HTTP or in Python. Ids that there are not, such as "
    "`unknown_order`, stand above.",
    (
        Code(
            "bad_limit",
            "A page cannot have this many rows.",
            "Ask for fewer rows, at least 1, and follow `next` to the other pages.",
            (Met.QUESTION, Met.SERVICE, Met.COMMAND_LINE), http=(422,), exits=(4,),
        ),
        Code(
            "bad_page",
            "`after` does not belong to this list in this order.",
            "Begin again without it, or keep the same sorting and filters.",
            _QUESTION,
        ),
        Code(
            "bad_period",
            "The period ends before it begins.",
            "Name the earlier moment first.",
            _QUESTION,
        ),
        Code(
            "empty_range",
            "There is no event in the range that was to be sent again.",
            "Name an earlier position as the beginning, or a later one as the end.",
            _QUESTION,
        ),
        Code(
            "item_parked",
            "The numbers of the item are too large for the read models, so it is set aside.",
            "Cancel or adjust what was too much, and register the item under another SKU.",
            (Met.QUESTION, Met.FOUND),
        ),
        Code(
            "question_too_long",
            "The question took longer than one may, and was given up.",
            "Ask for less at a time: a page, a pool, a later moment.",
            (Met.SERVICE,), http=(503,),
        ),
        Code(
            "too_many_events",
            "Too many events lie after that moment to compare what was known with what is.",
            "Ask about a later moment.",
            _QUESTION,
        ),
        Code(
            "unknown_column",
            "The list, or the file, has no column of this name.",
            "Choose one of those that the message names.",
            (Met.QUESTION, Met.FILE),
        ),
        Code(
            "unknown_facet",
            "The list cannot be narrowed by this.",
            "Choose one of those that the message names.",
            _QUESTION,
        ),
        Code(
            "unknown_position",
            "The log has not come to this position yet.",
            "Ask again later, or for a position that it has; `stocktrail status` names the last.",
            (Met.QUESTION, Met.SERVICE), http=(404, 409),
        ),
        Code(
            "unknown_receipt",
            "Nothing was received with this receipt.",
            "Check the id, and the purchase order that it belongs to.",
            _QUESTION,
        ),
        Code(
            "unknown_setting",
            "There is no setting of this name.",
            "Check the spelling; the message names those that there are, or the one that is meant.",
            (Met.CALL, Met.WARNING),
        ),
        Code(
            "unknown_strategy",
            "There is no strategy of this name for allocating backorders.",
            "Choose one of those that the message names.",
            (Met.CALL,),
        ),
        Code(
            "unknown_vendor",
            "Nothing was ever ordered from a vendor of this name.",
            "Check the name; `stocktrail vendors` lists them.",
            _QUESTION,
        ),
    ),
)
