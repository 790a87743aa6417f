"""What can go wrong in nutrition."""

from popote_kit.problems import Problem


class NoName(Problem):
    """A name has nothing to tell foods apart by: no letter and no figure that counts."""

    type = "/problems/no-name"
    title = "A name needs letters or figures"
    kind = "invalid"
    en = "“{name}” has nothing that tells one food from another."
    fr = "« {name} » ne contient rien qui distingue un aliment d'un autre."


class AdultsOnly(Problem):
    """An estimate of need was asked for somebody under 18."""

    type = "/problems/adults-only"
    title = "Estimates are for adults"
    kind = "invalid"
    en = "We estimate needs for adults only; under 18, see a doctor or a dietitian."
    fr = "Les besoins ne sont estimés que pour les adultes ; avant 18 ans, voyez un médecin ou un diététicien."
