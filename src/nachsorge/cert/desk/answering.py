"""Making an answer: chosen by label and stage, put into `nachsorge.answer/1`, signed, and noted.

The recipient is the registered organisation that an analyst has linked to the report; for a report without one it is
whoever holds the receipt, and such a stranger gets from a pack what the public may know. The CERT's own words are for
the reporter either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachsorge.cert.desk import log, scope
from nachsorge.cert.desk.answer_parts import indicator, rule, step
from nachsorge.cert.desk.casework import Refused, locked
from nachsorge.cert.desk.choose import Chosen, choose
from nachsorge.cert.desk.deadlines import Clock
from nachsorge.cert.desk.models import Answer, Milestone
from nachsorge.cert.desk.output import HOUSE
from nachsorge.cert.desk.roles import Deed
from nachsorge.cert.desk.states import State
from nachsorge.model.labels import Audience, Label, Pap, Party, Purpose, Withheld
from nachsorge.model.pack import Pack
from nachsorge.model.words import Rung, Tlp
from nachsorge.sharing import answer as form
from nachsorge.sharing.door import may_leave
from nachsorge.sharing.labels import most_restrictive
from nachsorge.sharing.seal import SealError, seal, sign

if TYPE_CHECKING:
    from nachsorge.cert.desk.models import Case
    from nachsorge.cert.desk.roles import Viewer
    from nachsorge.cert.intake.models import Submission

NOT_YET = frozenset({State.RECEIVED, State.DUPLICATE})
"""States in which nothing is answered: nobody has read it, or its original is answered."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an analyst wants to answer."""

    pack: Pack
    rung: Rung
    pap: Pap = Pap.AMBER
    text: str = ""
    text_label: Tlp = Tlp.AMBER_STRICT


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that was not given yet, with what the door kept back."""

    content: form.Answer
    chosen: Chosen


def draft(submission: Submission, wish: Wish) -> Draft:
    """Make an answer without giving it, for the analyst to look at.

    Raises:
        Refused: the report cannot be answered, or the text may not go to the reporter.
    """
    if submission.notification_id is None:
        raise Refused(_("The report is still sealed: nothing is known to answer."))
    recipient = recipient_of(submission)
    origin = Party(Audience.CERT, f"pack {wish.pack.id}")

    def gate(label: Label) -> str:
        decided = may_leave(label, origin, recipient, Purpose.USE_OWN, holder=HOUSE)
        return decided.reason if isinstance(decided, Withheld) else ""

    chosen = choose(wish.pack, wish.rung, gate, wish.pap)
    label = most_restrictive([chosen.label, *_words(submission, wish)])
    content = form.Answer(
        schema=form.SCHEMA,
        id=str(uuid4()),
        notification=str(submission.notification_id),
        made=timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        by=settings.INSTANCE.name,
        label=form.AnswerLabel(label.tlp, label.pap),
        pack=form.AnswerPack(wish.pack.id, wish.pack.version, wish.pack.digest),
        indicators=tuple(indicator(wish.pack, each) for each in chosen.indicators),
        rules=tuple(rule(wish.pack, each) for each in chosen.rules),
        next_steps=tuple(step(each) for each in chosen.steps),
        text=wish.text,
    )
    return Draft(content, chosen)


def look_of(made: Draft) -> str:
    """Give a digest of what an analyst looks at: all but the id and the time, which are new each time."""
    content = msgspec.structs.replace(made.content, id="", made="")
    return sha256(msgspec.json.encode(content)).hexdigest()


@transaction.atomic
def give(viewer: Viewer, case: Case, wish: Wish, looked_at: str) -> Answer:
    """Make an answer, sign it, and lay it ready for the reporter.

    Args:
        viewer: who answers.
        case: what is answered.
        wish: what is wanted.
        looked_at: `look_of` the draft that the person has seen; something else is not given.

    Raises:
        PermissionDenied: this person may not answer, or not see the case.
        Refused: not in this state, or without a key to sign with.
    """
    case = locked(viewer, case, Deed.ANSWER)
    if State(case.state) in NOT_YET:
        raise Refused(_("A report is answered once it is acknowledged; a duplicate by its original."))
    made = draft(case.submission, wish)
    if look_of(made) != looked_at:
        raise Refused(_("This is not what you have looked at. Look at it again before you give it."))
    body = form.encode(made.content)
    form.decode(body)  # what others would not take must not leave
    answer = Answer.objects.create(
        case=case,
        number=case.answers.count() + 1,
        at=timezone.now(),
        by=viewer.name,
        organisation=case.submission.organisation,
        pack=wish.pack.id,
        rung=wish.rung.value,
        label=made.content.label.tlp.value,
        pap=made.content.label.pap.value,
        content=body,
        signed=_signed(body),
        withheld=sum(made.chosen.withheld.values()),
    )
    replied = {"at": answer.at, "by": viewer.name}
    Milestone.objects.get_or_create(case=case, clock=Clock.REPLY.value, defaults=replied)
    about = {"answer": str(answer.number), "label": answer.label, "withheld": str(answer.withheld)}
    log.write(viewer.name, log.Act.ANSWERED, case.submission.number, **about)
    return answer


@transaction.atomic
def withdraw(viewer: Viewer, answer: Answer, why: str) -> None:
    """Take an answer back: the reporter cannot fetch it any more. What was fetched stays fetched; the log tells."""
    case = locked(viewer, answer.case, Deed.ANSWER)
    if not log.plain(why):
        raise Refused(_("Please give a reason."))
    Answer.objects.filter(pk=answer.pk, withdrawn=None).update(withdrawn=timezone.now())
    log.write(viewer.name, log.Act.WITHDRAWN, case.submission.number, why, answer=str(answer.number))


def sealed_for(viewer: Viewer, answer: Answer, key: bytes) -> bytes:
    """Seal a signed answer for the reporter's key, to be sent as a file. The key has to be the one that was told.

    Raises:
        PermissionDenied: this person may not answer, or not see the case.
        Refused: it is another key, or it cannot be used.
    """
    if not viewer.may(Deed.ANSWER) or not scope.may_open(viewer, answer.case):
        raise PermissionDenied
    submission = answer.case.submission
    try:
        found = seal(bytes(answer.signed), key)
    except SealError as error:
        raise Refused(_("This key cannot be used.")) from error
    if found.fingerprint not in fingerprints(submission):
        raise Refused(_("This is not the key whose fingerprint the reporter gave."))
    log.write(viewer.name, log.Act.SEALED, submission.number, answer=str(answer.number), key=found.fingerprint)
    return found.body


def recipient_of(submission: Submission) -> Party:
    """Give who gets the answer, as the door knows parties."""
    if submission.organisation is None:
        return Party(Audience.PUBLIC)
    return Party(Audience.ORGANISATION, f"organisation {submission.organisation.pk}")


def fingerprints(submission: Submission) -> set[str]:
    """Give the keys that the reporter named, and those of verified contacts of its organisation."""
    told = submission.notification()
    found = {told.contact.fingerprint} if told is not None and told.contact is not None else set()
    if submission.organisation is not None:
        found |= set(submission.organisation.contacts.filter(verified=True).values_list("fingerprint", flat=True))
    return found - {""}


def _words(submission: Submission, wish: Wish) -> list[Label]:
    """Give the label of the CERT's own text, if there is one and it may go to who holds the receipt."""
    if not wish.text:
        return []
    label = Label(wish.text_label, Pap.CLEAR)
    reporter = Party(Audience.ORGANISATION, submission.number)
    decided = may_leave(label, HOUSE, reporter, Purpose.USE_OWN, holder=HOUSE)
    if isinstance(decided, Withheld):
        raise Refused(_("A text of this label is not given by this way."))
    return [label]


def _signed(body: bytes) -> bytes:
    instance = settings.INSTANCE
    if not instance.key or instance.offline_key:
        raise Refused(_("This site has no key to sign answers with."))
    try:
        return sign(body, home=instance.keys, key=instance.key)
    except SealError as error:
        raise Refused(_("The answer could not be signed.")) from error
