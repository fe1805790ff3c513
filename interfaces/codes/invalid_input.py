"""Codes of commands that can never be right, whatever the ledger knows."""

from stocktrail.interfaces.codes.code import Code, CodeChapter, Met

_INVALID = (Met.INVALID,)
_ANY_FIELD = (Met.INVALID, Met.PARAMETER)
_PARAMETER = (Met.PARAMETER,)

CHAPTER = CodeChapter(
    "Input that is wrong",
    "A field, a line or a parameter is not what it has to be. `pointer` says where, and the "
    "message says what was expected. The id of a command that is invalid may be used again once it "
    "is corrected.",
    (
        Code(
            "bad_attribute",
            "The value of an attribute is neither text, nor true or false, nor a number.",
            "Write text, `true`, `false`, or a number with at most 15 digits.",
            _INVALID,
        ),
        Code(
            "bad_date",
            "This is no date.",
            "Write it as 2026-03-01.",
            (Met.INVALID, Met.ROW),
        ),
        Code(
            "bad_email",
            "This is no e-mail address to which a message can be sent.",
            "Write one address, such as ada@shop.example.",
            _INVALID,
        ),
        Code(
            "bad_header",
            "The first row of the CSV does not name the fields of the command.",
            "Name each field once in the first row, as in the reference of commands.",
            (Met.INVALID, Met.COMMAND_LINE), exits=(4,),
        ),
        Code(
            "bad_length",
            "The text of an attribute is empty or too long.",
            "Write 1 to 1,000 characters, or leave the attribute out.",
            _INVALID,
        ),
        Code(
            "bad_moment",
            "This is no moment.",
            "Write 2026-03-01T09:00:00Z; where a question or a page asks for a moment, a day or a "
            "position may do too.",
            (Met.INVALID, Met.QUESTION, Met.FILE, Met.COMMAND_LINE), exits=(4,),
        ),
        Code(
            "bad_number",
            "This is no number that the ledger can keep.",
            "Write at most 11 digits before the point and 4 after it.",
            (Met.INVALID, Met.PARAMETER, Met.ROW),
        ),
        Code(
            "bad_subject",
            "The subject of a webhook has a * elsewhere than at its end.",
            "Write a whole subject, or its beginning and a * at the end.",
            _INVALID,
        ),
        Code(
            "bad_url",
            "This is no address to which a webhook can be sent.",
            "Write https://, or http:// on this machine, without user, password and fragment.",
            _INVALID,
        ),
        Code(
            "bool_parsing",
            "This is neither true nor false.",
            "Write `true` or `false`.",
            _PARAMETER,
        ),
        Code(
            "bool_type",
            "The field is true or false, and something else was sent.",
            "Send `true` or `false`, without quotation marks.",
            _INVALID,
        ),
        Code(
            "conflicting_id",
            "The id in the body is another than the header `Idempotency-Key` says.",
            "Send the id once, or the same in both places.",
            _INVALID,
        ),
        Code(
            "control_character",
            "The text holds a character that cannot be seen, such as a line end.",
            "Remove it; it often comes from copying.",
            _ANY_FIELD,
        ),
        Code(
            "dict_type",
            "The field holds names with values, and something else was sent.",
            "Send an object, such as `{\"colour\": \"red\"}`.",
            _INVALID,
        ),
        Code(
            "duplicate_key",
            "A key stands twice in one object, so it is not known which value holds.",
            "Write each key once.",
            _INVALID,
        ),
        Code(
            "empty",
            "The line or row is empty.",
            "Remove it, or write a command there.",
            _INVALID,
        ),
        Code(
            "extra_forbidden",
            "The command has no field of this name.",
            "Check the spelling in the reference of commands, or leave it out.",
            _INVALID,
        ),
        Code(
            "float_parsing",
            "This is no number.",
            "Write digits, with a point if needed.",
            _PARAMETER,
        ),
        Code(
            "greater_than_equal",
            "The number is too small.",
            "Send at least the number that the message names.",
            _ANY_FIELD,
        ),
        Code(
            "group_of_one",
            "One command alone cannot be a group.",
            "Leave `group` out, or send the rows of the group together as application/jsonl.",
            _INVALID,
        ),
        Code(
            "group_too_large",
            "A group, or a run with `--mode atomic`, has more rows than fit into one.",
            "Send at most 10,000 rows together.",
            _INVALID,
        ),
        Code(
            "int_parsing",
            "This is no whole number.",
            "Write digits only.",
            _PARAMETER,
        ),
        Code(
            "int_parsing_size",
            "The number has too many digits.",
            "Write a smaller number.",
            _PARAMETER,
        ),
        Code(
            "int_type",
            "The field is a whole number, and something else was sent.",
            "Send a number without quotation marks and without a point.",
            _INVALID,
        ),
        Code(
            "invisible_character",
            "The id holds a character that cannot be seen, such as a zero-width space.",
            "Type the id again; the character often comes from copying.",
            _INVALID,
        ),
        Code(
            "less_than_equal",
            "The number is too large.",
            "Send at most the number that the message names.",
            _ANY_FIELD,
        ),
        Code(
            "list_type",
            "The field is a list, and something else was sent.",
            "Send a list, such as `[{\"line\": 1}]`.",
            _INVALID,
        ),
        Code(
            "literal_error",
            "The field takes only certain words, and this is none of them.",
            "Send one of those that the message names.",
            _ANY_FIELD,
        ),
        Code(
            "missing",
            "A field or parameter that is needed was not sent.",
            "Add it.",
            _ANY_FIELD,
        ),
        Code(
            "model_type",
            "An entry of a list is an object with fields, and something else was sent.",
            "Send an object, such as `{\"line\": 1, \"quantity\": 2}`.",
            _INVALID,
        ),
        Code(
            "negative",
            "The number is less than 0.",
            "Send 0 or more.",
            (Met.INVALID, Met.ROW, Met.COMMAND_LINE), exits=(4,),
        ),
        Code(
            "no_date",
            "A purchase order was to be delayed, and no new day is named.",
            "Name `expected_date`, for the purchase order or for each line.",
            _INVALID,
        ),
        Code(
            "no_rule",
            "The command sets none of the rules for quantities.",
            "Name at least one of `min_sale`, `max_sale` and `increment`.",
            _INVALID,
        ),
        Code(
            "no_source",
            "A source is named for something that does not come back.",
            "Name a source only where the outcome is `return`.",
            _INVALID,
        ),
        Code(
            "no_source_level",
            "This threshold cannot be set for a source.",
            "Name no source; only `notify_below` can be set for one.",
            _INVALID,
        ),
        Code(
            "not_an_object",
            "The line or the body is JSON, but not an object with fields.",
            "Send `{\"command\": ...}`.",
            (Met.INVALID, Met.SERVICE), http=(422,),
        ),
        Code(
            "not_csv",
            "The row is not CSV, or has another number of cells than the first row has names.",
            "Put quotation marks around texts that hold commas, and save the file again.",
            _INVALID,
        ),
        Code(
            "not_json",
            "This is not JSON.",
            "Correct it at the character that the message names.",
            (Met.INVALID, Met.SERVICE), http=(400,),
        ),
        Code(
            "not_positive",
            "The quantity is 0 or less.",
            "Send more than 0.",
            (Met.INVALID, Met.QUESTION),
        ),
        Code(
            "not_utf8",
            "The text is not encoded as UTF-8.",
            "Save or send it as UTF-8.",
            (Met.INVALID, Met.SERVICE, Met.COMMAND_LINE), http=(400,), exits=(4,),
        ),
        Code(
            "repeated",
            "The same line, or the same source, is named more than once.",
            "Name each once.",
            _INVALID,
        ),
        Code(
            "same_order",
            "Units were to be moved from an order to itself.",
            "Name two orders.",
            _INVALID,
        ),
        Code(
            "string_pattern_mismatch",
            "The text does not look as it has to, such as EUR for a currency.",
            "Write it as the reference of commands says.",
            _INVALID,
        ),
        Code(
            "string_too_long",
            "The text is too long.",
            "Send at most as many characters as the message names.",
            _ANY_FIELD,
        ),
        Code(
            "string_too_short",
            "The text is empty.",
            "Write something, or leave the field out if it may be.",
            _ANY_FIELD,
        ),
        Code(
            "string_type",
            "The field is text, and something else was sent.",
            "Put it in quotation marks.",
            _INVALID,
        ),
        Code(
            "too_long",
            "The list has too many entries, or the line too many bytes.",
            "Split it: at most 10,000 entries, and 16 MiB a line.",
            _INVALID,
        ),
        Code(
            "too_short",
            "The list is empty.",
            "Name at least one entry, or leave the field out if it may be.",
            _INVALID,
        ),
        Code(
            "two_scopes",
            "The setting names a pool and a source.",
            "Name one of them: each has a level of its own.",
            _INVALID,
        ),
        Code(
            "unknown_command",
            "There is no command of this name.",
            "Choose one of those that the message names; `stocktrail --help` lists them.",
            (Met.INVALID, Met.SERVICE, Met.COMMAND_LINE), http=(404,), exits=(4,),
        ),
        Code(
            "unknown_parameter",
            "The question, or the request, has no parameter of this name.",
            "Check the spelling in the reference, or leave it out.",
            _PARAMETER,
        ),
        Code(
            "unknown_time_zone",
            "There is no time zone of this name.",
            "Name one of the IANA, such as Europe/Berlin.",
            _INVALID,
        ),
        Code(
            "unwritable_character",
            "The text holds a character that no database can keep.",
            "Remove it: it is NUL, or half of a character.",
            _INVALID,
        ),
        Code(
            "white_space_at_end",
            "The id begins or ends with white space.",
            "Remove the white space.",
            _INVALID,
        ),
    ),
)
