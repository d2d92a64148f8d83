"""What people do with questionnaires and answers."""

from questionnaires.actions.asking_anew import ask_anew
from questionnaires.actions.changing_over import change_over, confirm_rows, offer, use_again
from questionnaires.actions.evidence import attach, detach, link
from questionnaires.actions.keeping_open import open_again, shut
from questionnaires.actions.publishing import AlreadyPublished, publish
from questionnaires.actions.responding import (
    Behind,
    add_row,
    begin,
    copy_row,
    open_response,
    remove_row,
    restore_row,
    save_section,
)
from questionnaires.actions.reviewing import close, comment, reopen, withdraw_correction
from questionnaires.actions.rewording import reword
from questionnaires.actions.signing import (
    Content,
    check,
    content_to_sign,
    freeze,
    freeze_decline,
    index_codes,
)
from questionnaires.actions.typed import IdentityNumber

__all__ = [
    "AlreadyPublished",
    "Behind",
    "Content",
    "IdentityNumber",
    "add_row",
    "ask_anew",
    "attach",
    "begin",
    "change_over",
    "check",
    "close",
    "comment",
    "confirm_rows",
    "content_to_sign",
    "copy_row",
    "detach",
    "freeze",
    "freeze_decline",
    "index_codes",
    "link",
    "offer",
    "open_again",
    "open_response",
    "publish",
    "remove_row",
    "reopen",
    "restore_row",
    "reword",
    "save_section",
    "shut",
    "use_again",
    "withdraw_correction",
]
