"""What can go wrong in nutrition."""

from popote_kit.problems import Problem


class NoName(Problem):
    """A name has nothing to tell foods apart by: no letter and no figure that counts."""

    type = "/problems/no-name"
    title = "A name needs letters or figures"
    kind = "invalid"
    en = "“{name}” has nothing that tells one food from another."
    fr = "« {name} » ne contient rien qui distingue un aliment d'un autre."
