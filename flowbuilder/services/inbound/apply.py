"""The worker's side of inbound: stored webhooks become statuses, reviews and turns of conversations.

What one post says is applied even when another can't be; answers leave from a few threads while the next posts are read.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from flask import current_app
from sqlalchemy import Row, update
from sqlalchemy.exc import OperationalError

from flowbuilder import clock, queue
from flowbuilder.services import transaction
from flowbuilder.services.accounts import news
from flowbuilder.services.inbound import backlog, hear, wishes
from flowbuilder.services.inbound.addresses import Addresses, Unaddressed
from flowbuilder.services.inbound.voices import Voices
from flowbuilder.services.sending import lease
from flowbuilder.services.sending.settle import Told, settle
from flowbuilder.store import db, inbox
from flowbuilder.store.accounts import Line
from flowbuilder.whatsapp import webhooks
from flowbuilder.whatsapp.webhooks import AccountNews, InboundMessage, StatusUpdate, TemplateItem, UserPreference

log = logging.getLogger(__name__)

_AT_ONCE = 1000
_BYTES_AT_ONCE = 3_000_000
"""A few thousand statuses: more in one transaction would keep others from writing for too long."""
_LEASE_SECONDS = 60.0
_PAUSE = 0.02
_MANY, _GATHER = 20, 0.05
"""While so many posts come at a time they are gathered for so many seconds: most of a round costs the same for one as for hundreds."""
_SLICE_SECONDS = 60.0
_PAUSES_WITHOUT_DATABASE = (0.05, 0.2, 1.0, 3.0)


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

    While one answer of Meta lets wait, others go on: the next posts are read, and the next messages leave. After a
    minute another job takes over, since none may run for ever.
    """
    deadline = time.monotonic() + _SLICE_SECONDS
    with Voices(current_app._get_current_object()) as voices:
        while not queue.is_stopping():
            if time.monotonic() > deadline:
                queue.ring(queue.REPLIES, "converse")
                return
            try:
                rows = _claim()
                _apply(rows)
            except OperationalError as error:
                log.warning("The database is busy or away (%s); what was being applied is tried again.", error.orig)
                _let_go()
                continue
            started = voices.begin()
            if not rows and not started and not voices.are_talking:
                return
            if not rows:
                voices.listen(_PAUSE)
            elif _MANY < len(rows) < _AT_ONCE:
                voices.listen(_GATHER)


def _let_go() -> None:
    """Free what this process holds, so that it need not wait until the lease ends."""
    for pause in _PAUSES_WITHOUT_DATABASE:
        db.session.rollback()
        time.sleep(pause)
        try:
            with transaction() as session:
                inbox.let_go(session, [lease.owner()])
            return
        except OperationalError as error:
            log.warning("The database is still busy or away (%s).", error.orig)


def _claim() -> list[Row]:
    now = clock.now()
    with transaction() as session:
        return inbox.claim(session, lease.owner(), now, lease.until(now, _LEASE_SECONDS), _AT_ONCE)


def _parts(rows: list[Row]) -> Iterator[list[Row]]:
    """The rows in slices that are not too big for one transaction."""
    part: list[Row] = []
    size = 0
    for row in rows:
        size += len(row.body)
        if part and size > _BYTES_AT_ONCE:
            yield part
            part, size = [], len(row.body)
        part.append(row)
    if part:
        yield part


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


def _apply(rows: list[Row]) -> None:
    """Everything these posts say; what conversations answer to it is queued."""
    for part in _parts(rows):
        addresses = Addresses()
        posts = [post for post in (_read(row, addresses) for row in part) if post is not None]
        posts = sorted(_settle(posts) if posts else [], key=lambda post: min((_at(item) for _line, item in post.others), default=0))
        followed = backlog.followed(other for post in posts for other in post.others)
        for post in posts:
            if post.others or post.strange:
                _take(post, followed)


def _at(item: webhooks.Item) -> int:
    """When it happened; for what does not say so, long ago."""
    return getattr(item, "timestamp", None) or 0


def _take(post: _Post, followed: Collection[str]) -> None:
    """Each item for itself; a post with one that can't be applied is set aside after the others were."""
    failed: Exception | None = post.strange
    for line_id, item in sorted(post.others, key=lambda other: _at(other[1])):
        try:
            if isinstance(item, InboundMessage):
                hear.hear(db.session.get_one(Line, line_id), item, is_followed=item.wamid in followed)
                if item.content.get("kind") == "media":
                    queue.ring(queue.OUTGOING, "fetch_files")
            elif isinstance(item, AccountNews):
                news.take(line_id, item)
            elif isinstance(item, UserPreference):
                wishes.prefer(db.session.get_one(Line, line_id), item)
            elif isinstance(item, TemplateItem):
                _reviewed(line_id, item)
        except OperationalError:
            raise
        except Exception as error:
            log.exception("Webhook %s has something that can't be applied.", post.id)
            failed = failed or error
    if failed:
        _set_aside(post.id, failed)
    else:
        _finish([post.id])


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


def _reviewed(line_id: str, item: TemplateItem) -> None:
    from flowbuilder.services import outbound

    outbound.apply_status(line_id, item)
