"""The worker's side of inbound: stored webhooks become statuses, reviews and turns of conversations.

What one post says is applied even when another can't be; answers leave from a few threads while the next posts are read.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from flask import Flask, current_app
from sqlalchemy import Row, update
from sqlalchemy.exc import OperationalError

from flowbuilder import clock, queue
from flowbuilder.services import transaction
from flowbuilder.services.inbound import hear
from flowbuilder.services.inbound.addresses import TEMPLATE_ITEMS, Addresses, Unaddressed
from flowbuilder.services.sending import deliver, lease
from flowbuilder.services.sending.settle import Told, settle
from flowbuilder.store import db, inbox
from flowbuilder.store.accounts import Line
from flowbuilder.whatsapp import webhooks
from flowbuilder.whatsapp.webhooks import InboundMessage, StatusUpdate, TemplateCategory, TemplateQuality, TemplateStatus

log = logging.getLogger(__name__)

_AT_ONCE = 500
_THREADS = 32
_LEASE_SECONDS = 60.0
_PAUSE = 0.02


@dataclass(slots=True)
class _Post:
    """One stored webhook: what it says, each with the line that it is about; ``strange`` is why some of it is about none."""

    id: int
    line_id: str
    items: list[tuple[str, webhooks.Item]] = field(default_factory=list)
    strange: Unaddressed | None = None

    @property
    def others(self) -> list[tuple[str, webhooks.Item]]:
        return [(line_id, item) for line_id, item in self.items if not isinstance(item, StatusUpdate)]


def run() -> None:
    """Apply all that waits and say all that is to be said outside of batches; ends when nothing of either is left.

    While one answer of Meta lets wait, others go on: the next posts are read, and the next messages leave.
    """
    app = current_app._get_current_object()
    talking: dict[str | int, Future[bool]] = {}
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="answer") as pool:
        while not queue.is_stopping():
            moved = any(said.done() and said.result() for said in talking.values())
            talking = {whom: said for whom, said in talking.items() if not said.done()}
            posts = _claim()
            silent = [whom for whom in deliver.waiting() if whom not in talking]
            if not posts and not silent and not talking:
                return
            for whom in [*_apply(posts), *silent]:
                talking[whom] = pool.submit(_say, app, whom, talking.get(whom))
            if not posts and not silent:
                wait(talking.values(), timeout=_PAUSE, return_when=FIRST_COMPLETED)
            elif not posts and not moved:
                time.sleep(_PAUSE)


def _say(app: Flask, whom: str | int, before: Future[bool] | None) -> bool:
    """Deliver a conversation, or one message, in this thread, after what the same conversation is just saying; whether any left."""
    if before is not None:
        wait([before])
    with app.app_context():
        try:
            return deliver.conversation(whom) if isinstance(whom, str) else deliver.one(whom)
        except Exception:
            log.exception("%s was not delivered; the sweep takes care of it.", whom)
            return False
        finally:
            db.session.remove()


def _claim() -> list[_Post]:
    now = clock.now()
    with transaction() as session:
        rows = inbox.claim(session, lease.owner(), now, lease.until(now, _LEASE_SECONDS), _AT_ONCE)
    addresses = Addresses()
    return [post for post in (_read(row, addresses) for row in rows) if post is not None]


def _read(row: Row, addresses: Addresses) -> _Post | None:
    post = _Post(row.id, row.line_id)
    try:
        items = webhooks.parse(bytes(row.body))
    except Exception as error:
        _set_aside(row.id, error)
        return None
    for item in items:
        try:
            post.items.append((addresses.line_of(item, row.line_id), item))
        except Unaddressed as error:
            post.strange = post.strange or error
    return post


def _set_aside(webhook_id: int, error: Exception) -> None:
    log.warning("Webhook %s can't be applied (%r); it is kept aside.", webhook_id, error)
    with transaction() as session:
        inbox.set_aside(session, webhook_id, error.text if isinstance(error, Unaddressed) else repr(error))


def _apply(posts: list[_Post]) -> list[str]:
    """Everything these posts say. Gives the conversations that have something to say, each once, in order."""
    if not posts:
        return []
    posts = _settle(posts)
    talkative: dict[str, None] = {}
    for post in posts:
        if post.others or post.strange:
            talkative.update(dict.fromkeys(_take(post)))
    return list(talkative)


def _take(post: _Post) -> list[str]:
    """Each item for itself; a post with one that can't be applied is set aside after the others were."""
    talkative: list[str] = []
    failed: Exception | None = post.strange
    for line_id, item in sorted(post.others, key=lambda other: getattr(other[1], "timestamp", None) or 0):
        try:
            if isinstance(item, InboundMessage):
                talkative += filter(None, [hear.hear(db.session.get_one(Line, line_id), item)])
            elif isinstance(item, TEMPLATE_ITEMS):
                _reviewed(line_id, item)
        except OperationalError:
            log.exception("The database did not take webhook %s; it is tried again.", post.id)
            return talkative
        except Exception as error:
            log.exception("Webhook %s has something that can't be applied.", post.id)
            failed = failed or error
    if failed:
        _set_aside(post.id, failed)
    else:
        _finish([post.id])
    return talkative


def _settle(posts: list[_Post]) -> list[_Post]:
    """All statuses in one transaction, with which the posts that hold nothing else end; when it fails, each post for itself."""
    try:
        _settle_together(posts)
        return posts
    except OperationalError:
        raise
    except Exception as error:
        if len(posts) == 1:
            _set_aside(posts[0].id, error)
            return []
    return [post for each in posts for post in _settle([each])]


def _settle_together(posts: list[_Post]) -> None:
    told = [Told(line_id, item) for post in posts for line_id, item in post.items if isinstance(item, StatusUpdate)]
    ended = [post.id for post in posts if not post.others and not post.strange]
    with transaction() as session:
        settle(session, told)
        if ended:
            inbox.done(session, ended)
        seen = {line_id for post in posts for line_id, _item in post.items}
        session.execute(update(Line).where(Line.id.in_(seen)).values(last_webhook_at=clock.now()))


def _finish(ids: list[int]) -> None:
    with transaction() as session:
        inbox.done(session, ids)


def _reviewed(line_id: str, item: TemplateStatus | TemplateQuality | TemplateCategory) -> None:
    from flowbuilder.services import outbound

    outbound.apply_status(line_id, item)
