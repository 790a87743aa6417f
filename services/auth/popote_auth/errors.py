"""What can go wrong with accounts, sessions and households."""

from typing import Any, ClassVar

from popote_auth.model.passwords import Flaw
from popote_kit.problems import Problem, Unauthenticated, Unavailable


class Busy(Unavailable):
    """Too many passwords are being checked; the same request may pass in a moment."""

    type = "/problems/busy"
    title = "Too busy to check passwords"
    en = "Many people are signing in at the moment. Please try again shortly."
    fr = "Beaucoup de personnes se connectent en ce moment. Merci de réessayer bientôt."


class WrongCredentials(Unauthenticated):
    """The e-mail address and the password don't open an account."""

    type = "/problems/wrong-credentials"
    title = "Wrong e-mail address or password"
    en = "The e-mail address or the password is wrong."
    fr = "L'adresse e-mail ou le mot de passe est incorrect."


class WrongRecoveryCode(Unauthenticated):
    """The e-mail address and the recovery code don't open an account, or the code was used."""

    type = "/problems/wrong-recovery-code"
    title = "Wrong e-mail address or recovery code"
    en = "The e-mail address or the recovery code is wrong, or the code was used before."
    fr = "L'adresse e-mail ou le code de secours est incorrect, ou le code a déjà servi."


class WrongPassword(Problem):
    """The caller's own password, asked for again, is wrong."""

    type = "/problems/wrong-password"
    title = "Wrong password"
    kind = "forbidden"
    en = "Your password is wrong."
    fr = "Votre mot de passe est incorrect."


class InvalidGrant(Unauthenticated):
    """The refresh token is not one of ours, or its session has ended: sign in again."""

    type = "/problems/invalid-grant"
    title = "Sign in again"
    en = "This session has ended. Please sign in again."
    fr = "Cette session est terminée. Merci de vous reconnecter."


class RefreshReused(Unauthenticated):
    """A refresh token was presented that had been replaced: somebody may have copied it, so its session was ended."""

    type = "/problems/refresh-reused"
    title = "A replaced refresh token was used"
    en = "This session was used from two places and was ended for safety. Please sign in again."
    fr = "Cette session a servi à deux endroits ; elle a été fermée par sécurité. Merci de vous reconnecter."


class WeakPassword(Problem):
    """The new password is refused; `reason` tells why."""

    type = "/problems/weak-password"
    title = "Choose another password"
    kind = "invalid"

    sentences: ClassVar[dict[Flaw, tuple[str, str]]] = {
        Flaw.TOO_SHORT: (
            "Use at least {shortest} characters; a few words are easiest.",
            "Utilisez au moins {shortest} caractères ; quelques mots, c'est le plus simple.",
        ),
        Flaw.TOO_LONG: (
            "Use at most 256 characters.",
            "Utilisez au plus 256 caractères.",
        ),
        Flaw.COMMON: (
            "This password is on the list that is tried first.",
            "Ce mot de passe est de ceux que l'on essaie en premier.",
        ),
        Flaw.HAS_EMAIL: (
            "Leave your e-mail address out of your password.",
            "Ne mettez pas votre adresse e-mail dans le mot de passe.",
        ),
        Flaw.IS_HOUSEHOLD: (
            "The name of your household is no password.",
            "Le nom de votre foyer n'est pas un mot de passe.",
        ),
        Flaw.REPEATS: (
            "This password only repeats itself.",
            "Ce mot de passe ne fait que se répéter.",
        ),
        Flaw.SEQUENCE: (
            "This password follows the alphabet or the keyboard.",
            "Ce mot de passe suit l'alphabet ou le clavier.",
        ),
    }

    def __init__(self, flaw: Flaw, *, member: str, shortest: int) -> None:
        super().__init__(reason=flaw)
        self._member = member
        self._sentences = [sentence.format(shortest=shortest) for sentence in self.sentences[flaw]]

    def document(self, *, language: str = "en", request_id: str | None = None) -> dict[str, Any]:
        english, french = self._sentences
        return {
            **super().document(language=language, request_id=request_id),
            "detail": french if language == "fr" else english,
            "errors": [{"pointer": f"/{self._member}", "message": english}],
        }


class EmailTaken(Problem):
    """There is an account with this e-mail address."""

    type = "/problems/email-taken"
    title = "This e-mail address has an account"
    kind = "conflict"
    en = "There is an account with this e-mail address. Sign in, or use a recovery code."
    fr = "Un compte existe avec cette adresse e-mail. Connectez-vous, ou utilisez un code de secours."


class RegistrationClosed(Problem):
    """Nobody may sign up here."""

    type = "/problems/registration-closed"
    title = "Registration is closed"
    kind = "forbidden"
    en = "New accounts are not taken here."
    fr = "Aucun nouveau compte n'est accepté ici."


class InvitationNeeded(Problem):
    """One may only sign up with an invitation."""

    type = "/problems/invitation-needed"
    title = "An invitation is needed"
    kind = "forbidden"
    en = "Ask a member of a household for an invitation."
    fr = "Demandez une invitation à un membre d'un foyer."


class InvitationUnknown(Problem):
    """There is no invitation with this code: mistyped, revoked, or long expired."""

    type = "/problems/invitation-unknown"
    title = "No such invitation"
    kind = "not_found"
    en = "There is no invitation with this code."
    fr = "Aucune invitation ne porte ce code."


class InvitationGone(Problem):
    """The invitation was accepted, or has expired."""

    type = "/problems/invitation-gone"
    title = "The invitation is over"
    kind = "gone"
    en = "This invitation was used or has expired. Ask for another."
    fr = "Cette invitation a servi ou a expiré. Demandez-en une autre."


class AlreadyMember(Problem):
    """The person belongs to that household; the invitation stays good for someone else."""

    type = "/problems/already-member"
    title = "Already a member"
    kind = "conflict"
    en = "You are a member of this household already."
    fr = "Vous êtes déjà membre de ce foyer."


class LastOwner(Problem):
    """A household keeps at least one owner."""

    type = "/problems/last-owner"
    title = "The last owner stays"
    kind = "conflict"
    en = "A household needs an owner. Make someone else an owner first."
    fr = "Un foyer a besoin d'un propriétaire. Nommez-en d'abord un autre."


class LimitReached(Problem):
    """There are as many of these as there may be; `limit` tells how many."""

    type = "/problems/limit-reached"
    title = "No more of these"
    kind = "conflict"
    en = "The limit of {limit} is reached."
    fr = "La limite de {limit} est atteinte."


class UnknownService(Unauthenticated):
    """No such service gets tokens here, or its credential is another; the two look alike."""

    type = "/problems/unknown-service"
    title = "Not a service of this Popote"
    en = "The name or the credential of the service is wrong."
    fr = "Le nom ou l'identifiant du service est incorrect."


class WrongSetupCode(Problem):
    """That is not the setup code."""

    type = "/problems/wrong-setup-code"
    title = "Wrong setup code"
    kind = "forbidden"
    en = "That is not the setup code that was printed at the first start."
    fr = "Ce n'est pas le code affiché au premier démarrage."


class SetUpAlready(Problem):
    """The setup code makes one person the operator, once."""

    type = "/problems/set-up-already"
    title = "Set up already"
    kind = "gone"
    en = "The setup code has been used, or there is none."
    fr = "Le code de mise en service a déjà servi, ou il n'y en a pas."
