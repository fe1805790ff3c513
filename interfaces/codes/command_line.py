"""Codes of the command line: what was typed, files and addresses of this machine, warnings."""

from stocktrail.interfaces.codes.code import Code, CodeChapter, Met

_COMMAND_LINE, _WARNING = (Met.COMMAND_LINE,), (Met.WARNING,)

CHAPTER = CodeChapter(
    "The command line",
    "What was typed is not understood, or this machine does not do what is needed.",
    (
        Code(
            "bad_filter",
            "A filter has a value that it cannot have, or does not go with the others.",
            "Correct the flag that the message names.",
            _COMMAND_LINE, exits=(4,),
        ),
        Code(
            "bad_flag",
            "A flag has a value that it cannot have, or does not go with another one.",
            "Correct the flag that the message names; `stocktrail help SUBCOMMAND` shows them.",
            _COMMAND_LINE, exits=(2,),
        ),
        Code(
            "bad_setting",
            "`--set` of what-if is not NAME=VALUE, or the value cannot be.",
            "Write it as in `--set backorders=no`.",
            _COMMAND_LINE, exits=(4,),
        ),
        Code(
            "bad_settings",
            "An environment variable `STOCKTRAIL_...`, or a line of .env, has a wrong value.",
            "Correct the one that the message names.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "cannot_listen",
            "The service cannot be reached at this address: it is taken, or not of this machine.",
            "Choose another `--port` or `--host`.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "cannot_read",
            "The file cannot be read.",
            "Check its name and permissions.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "cannot_write",
            "The files of the demo cannot be written here.",
            "Change to a folder that you may write to.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "docs_not_built",
            "This installation has no documents.",
            "Install a release, or run `make docs-site` in a checkout.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "input_or_output_failed",
            "A file or a pipe failed.",
            "Look at the message: the disk may be full, or the file gone.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "known_already",
            "All rows of the file were recorded before, and are not counted again.",
            "If they are to count once more, send them with another `--run` or with new ids.",
            _WARNING,
        ),
        Code(
            "missing_flag",
            "Something that the subcommand needs was not typed.",
            "Add what the message names; `stocktrail help SUBCOMMAND` shows it.",
            _COMMAND_LINE, exits=(2,),
        ),
        Code(
            "missing_library",
            "Parquet needs a library that is not installed.",
            "Run `pip install 'stocktrail[parquet]'`.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "missing_subcommand",
            "Only the first word of a subcommand was typed.",
            "Add one of those that the message names.",
            _COMMAND_LINE, exits=(2,),
        ),
        Code(
            "no_service",
            "What answers at this address is no service of stocktrail.",
            "Check `--url`.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "no_tokens",
            "Nobody could use the service: it asks for a token, and there is none.",
            "Make one with `stocktrail token create`, or say `--allow-anonymous`.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "not_a_script",
            "The file is a spreadsheet, not a script of commands.",
            "Save it as CSV and name the `--command`, or use import-stock.",
            _COMMAND_LINE, exits=(4,),
        ),
        Code(
            "not_served",
            "A process of the service could not begin, so serving has ended.",
            "The log above it says why.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "not_verified",
            "The numbers of the demo do not follow from its events.",
            "Report it: it is a mistake of stocktrail.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "password_on_command_line",
            "Everybody on this machine can read the password in what was typed.",
            "Use `STOCKTRAIL_DATABASE_URL`, or a file of credentials.",
            _WARNING,
        ),
        Code(
            "repeated_flag",
            "A flag stands there twice.",
            "Type it once.",
            _COMMAND_LINE, exits=(2,),
        ),
        Code(
            "service_unreachable",
            "Nothing answers at the address of the service.",
            "Start it, or check `--url`.",
            _COMMAND_LINE, exits=(5,),
        ),
        Code(
            "skipped",
            "The command was not tried, because one before it was not recorded.",
            "Repair the one before it, and send this one again with the same id.",
            (Met.PYTHON,),
        ),
        Code(
            "sqlite_to_be_upgraded",
            "The SQLite library of this machine has a known fault.",
            "Upgrade it; docs/how-to/sqlite.md says to which version.",
            _WARNING,
        ),
        Code(
            "too_many_arguments",
            "More words were typed than the subcommand has places for.",
            "Put quotation marks around what holds spaces; `stocktrail help SUBCOMMAND` shows the "
            "places.",
            _COMMAND_LINE, exits=(2,),
        ),
        Code(
            "unknown_code",
            "There is no code of this name.",
            "Check the spelling; docs/reference/codes.md lists all.",
            _COMMAND_LINE, exits=(2,),
        ),
        Code(
            "unknown_flag",
            "The subcommand has no flag of this name.",
            "Check the spelling; `stocktrail help SUBCOMMAND` shows the flags.",
            _COMMAND_LINE, exits=(2,),
        ),
        Code(
            "unknown_subcommand",
            "There is no subcommand of this name.",
            "Check the spelling; `stocktrail --help` lists them.",
            _COMMAND_LINE, exits=(2,),
        ),
        Code(
            "unknown_token",
            "There is no token with this id.",
            "See `stocktrail token list`.",
            _COMMAND_LINE, exits=(3,),
        ),
    ),
)
