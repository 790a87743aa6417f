"""What can go wrong in chat."""

from popote_kit.problems import Problem


class MessageChanged(Problem):
    """A message that is stored came again with other words; `ids` names them."""

    type = "/problems/message-changed"
    title = "A stored message never changes"
    kind = "conflict"
    en = "A message with this id is stored with other words. Give the new one an id of its own."
    fr = "Un message portant cet identifiant existe avec un autre texte. Donnez un nouvel identifiant au nouveau."


class ContentTooLong(Problem):
    """A message is longer than 128 KiB; `ids` names them."""

    type = "/problems/content-too-long"
    title = "A message is too long"
    kind = "invalid"
    en = "A message holds at most 131072 bytes."
    fr = "Un message contient au plus 131072 octets."
