"""What people do with questionnaires and answers."""

from questionnaires.actions.evidence import attach, detach, link
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
    "attach",
    "begin",
    "check",
    "close",
    "comment",
    "content_to_sign",
    "copy_row",
    "detach",
    "freeze",
    "freeze_decline",
    "index_codes",
    "link",
    "open_response",
    "publish",
    "remove_row",
    "reopen",
    "restore_row",
    "save_section",
    "withdraw_correction",
]
