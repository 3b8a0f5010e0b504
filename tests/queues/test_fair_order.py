"""Tenants take turns, none has more in flight than it may, and no message is lost on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis import Redis

from queues import redis_clock
from queues.fair_order import TICKET, FairOrder, Hands, enqueuing, mend, releasing
from queues.names import MAX_RUNNING_KEY, PARKED_KEY, lane_key, ring_key, slots_key
from workers.embedded.redis import EmbeddedRedis

LIST = "cpu"
LAPSE = timedelta(seconds=60)
TENANTS = ("ann", "bob", "cyd", "dee")
HANDS = Hands(messages_key="unacked", index_key="unacked_index", lapse=LAPSE)


class Lanes:
    """One list as clients and workers use it, on a clock that the test sets."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.now: float | None = 1000.0
        self._order = FairOrder(redis, HANDS)
        self._tags = 0

    def send(self, tenant: str, text: str, *, first: bool = False) -> None:
        self.redis.eval(*enqueuing(text, list_key=LIST, tenant=tenant, first=first))

    def take(self) -> tuple[str, str, str] | None:
        """Pop a ticket and exchange it; gives (tag, tenant, message)."""
        if self.redis.rpop(LIST) is None:
            return None
        return self.exchange()

    def exchange(self) -> tuple[str, str, str] | None:
        self._tags += 1
        tag = f"tag-{self._tags}"
        picked = self._order.pick(list_key=LIST, queue="cpu", tag=tag, now=self.now)
        return None if picked is None else (tag, picked.tenant, picked.raw.decode())

    def release(self, tag: str, tenant: str) -> None:
        with self.redis.pipeline(transaction=True) as pipe:
            pipe.zrem("unacked_index", tag)
            pipe.hdel("unacked", tag)
            pipe.eval(*releasing(tag, tenant=tenant))
            pipe.execute()

    def order(self) -> list[str]:
        """Take everything there is, each at once released; gives whose each message was."""
        served = []
        while taken := self.take():
            tag, tenant, _ = taken
            served.append(tenant)
            self.release(tag, tenant)
        return served

    def mend(self) -> int:
        return mend(self.redis, [LIST], lapse=LAPSE, now=self.now)

    @property
    def tickets(self) -> int:
        return int(self.redis.lrange(LIST, 0, -1).count(TICKET.encode()))

    @property
    def parked(self) -> int:
        return int(self.redis.hget(PARKED_KEY, LIST) or 0)

    @property
    def waiting(self) -> int:
        return sum(self.redis.llen(lane_key(LIST, tenant)) for tenant in TENANTS)


@pytest.fixture
def lanes(shared_redis: EmbeddedRedis) -> Iterator[Lanes]:
    with Redis.from_url(shared_redis.url) as redis:
        redis.flushall()
        yield Lanes(redis)


def test_a_small_tenant_goes_between_the_messages_of_a_large_one(lanes: Lanes) -> None:
    """Who comes late goes next, and then every other time."""
    for number in range(10):
        lanes.send("ann", str(number))
    lanes.take()

    for number in range(3):
        lanes.send("bob", str(number))

    assert lanes.order() == ["bob", "ann"] * 3 + ["ann"] * 6


def test_a_slot_is_taken_by_the_clock_of_redis(lanes: Lanes) -> None:
    """Those of workers differ, and one that is ahead would find every slot of others lapsed."""
    lanes.send("ann", "message")
    lanes.now = None
    before = redis_clock.now(lanes.redis)

    lanes.take()

    score = lanes.redis.zscore(slots_key("ann"), "tag-1")
    assert before <= score <= redis_clock.now(lanes.redis)


def test_newcomers_go_in_the_order_in_which_they_came(lanes: Lanes) -> None:
    """A later one does not push an earlier one back."""
    for _ in range(4):
        lanes.send("ann", "")
    lanes.take()

    for tenant in ("dee", "bob", "cyd"):
        lanes.send(tenant, "")

    assert lanes.order() == ["dee", "bob", "cyd", "ann", "ann", "ann"]


def test_coming_and_going_gains_no_turn(lanes: Lanes) -> None:
    """A tenant that sends one message after the other has every other turn, and no more."""
    for number in range(6):
        lanes.send("ann", str(number))

    served = []
    for _ in range(6):
        lanes.send("bob", "")
        taken = lanes.take()
        assert taken is not None
        served.append(taken[1])

    assert served == ["ann", "bob"] * 3


@pytest.mark.parametrize("place", ["inf", "-inf", "1e300"])
def test_a_forged_place_costs_only_its_own_turns(lanes: Lanes, place: str) -> None:
    """Whoever may write to the ring cannot jumble the turns of others."""
    for tenant in ("ann", "bob", "cyd"):
        for number in range(3):
            lanes.send(tenant, f"{tenant}-{number}")
    lanes.redis.zadd(ring_key(LIST), {"cyd": place})

    others = [tenant for tenant in lanes.order() if tenant != "cyd"]

    assert others == ["ann", "bob"] * 3


def test_a_message_in_hand_is_kept_as_kombu_keeps_it(lanes: Lanes) -> None:
    """Whoever finds its worker dead can put it back."""
    lanes.send("ann", '{"a": 1}')

    taken = lanes.take()

    assert taken is not None
    assert lanes.redis.hgetall("unacked") == {taken[0].encode(): b'[{"a": 1},"","cpu"]'}
    assert lanes.redis.zscore("unacked_index", taken[0]) == lanes.now


def test_what_is_put_back_is_first_of_its_lane(lanes: Lanes) -> None:
    """A message whose worker died has waited its turn already."""
    lanes.send("ann", "waits")

    lanes.send("ann", "put back", first=True)

    assert [taken[2] for taken in (lanes.take(), lanes.take()) if taken] == ["put back", "waits"]


def test_a_tenant_at_its_cap_is_passed_over_and_keeps_its_place(lanes: Lanes) -> None:
    """Others go on; once a slot is free it goes next, once."""
    lanes.redis.hset(MAX_RUNNING_KEY, "ann", 1)
    for _ in range(4):
        lanes.send("ann", "")
        lanes.send("bob", "")
    first = lanes.take()
    assert first is not None
    assert first[1] == "ann"
    passed_over = [lanes.take(), lanes.take()]

    lanes.release(first[0], "ann")

    assert [taken[1] for taken in passed_over if taken] == ["bob", "bob"]
    assert lanes.order() == ["ann", "bob", "ann", "bob", "ann"]


def test_a_ticket_for_nobody_is_parked_until_a_slot_is_free(lanes: Lanes) -> None:
    """It is popped once, not again and again."""
    lanes.redis.hset(MAX_RUNNING_KEY, "ann", 1)
    lanes.send("ann", "1")
    lanes.send("ann", "2")
    taken = lanes.take()
    assert taken is not None
    nothing = lanes.take()
    parked = (lanes.parked, lanes.tickets)

    lanes.release(taken[0], "ann")

    assert nothing is None
    assert parked == (1, 0)
    assert (lanes.parked, lanes.tickets) == (0, 1)


def test_a_slot_of_another_tenant_frees_no_ticket(lanes: Lanes) -> None:
    """What is parked waits for a tenant that has messages there."""
    lanes.redis.hset(MAX_RUNNING_KEY, "ann", 1)
    lanes.send("bob", "")
    taken = lanes.take()
    assert taken is not None
    lanes.send("ann", "1")
    lanes.send("ann", "2")
    lanes.take()
    lanes.take()

    lanes.release(taken[0], "bob")

    assert (lanes.parked, lanes.tickets) == (1, 0)


def test_the_cap_of_any_tenant_gives_way_to_its_own(lanes: Lanes) -> None:
    """`*` holds for whoever is not named; 0 is no limit."""
    lanes.redis.hset(MAX_RUNNING_KEY, mapping={"*": 1, "bob": 0})
    for _ in range(3):
        lanes.send("ann", "")
        lanes.send("bob", "")

    taken = [lanes.take() for _ in range(6)]

    assert [each[1] for each in taken if each] == ["ann", "bob", "bob", "bob"]


def test_a_slot_that_is_not_renewed_is_free(lanes: Lanes) -> None:
    """A worker that died with a message in hand does not keep its tenant waiting for ever."""
    lanes.redis.hset(MAX_RUNNING_KEY, "ann", 1)
    lanes.send("ann", "1")
    lanes.send("ann", "2")
    lanes.take()
    lanes.take()

    early = lanes.mend()
    still_parked = lanes.parked
    lanes.now = 1000.0 + LAPSE.total_seconds()
    lanes.mend()

    assert (early, still_parked) == (0, 1)
    assert lanes.order() == ["ann"]


def test_a_ticket_too_many_does_no_harm(lanes: Lanes) -> None:
    """It is forgotten; messages are served once."""
    lanes.send("ann", "")
    lanes.redis.lpush(LIST, TICKET)

    assert lanes.order() == ["ann"]
    assert (lanes.parked, lanes.tickets) == (0, 0)
    assert lanes.redis.exists(ring_key(LIST), slots_key("ann")) == 0


@pytest.mark.parametrize("lost", [1, 3])
def test_lost_tickets_are_made_anew(lanes: Lanes, lost: int) -> None:
    """A worker killed between a ticket and its message costs no message."""
    for _ in range(3):
        lanes.send("ann", "")
    lanes.redis.lpush(LIST, '{"of": "another client"}')
    for _ in range(lost):
        lanes.redis.rpop(LIST)

    assert lanes.mend() == lost
    assert lanes.tickets == 3
    assert lanes.mend() == 0


def test_raised_caps_let_parked_tickets_go(lanes: Lanes) -> None:
    """As many as there is room for, and no more."""
    lanes.redis.hset(MAX_RUNNING_KEY, "ann", 1)
    for _ in range(5):
        lanes.send("ann", "")
    for _ in range(5):
        lanes.take()
    lanes.redis.hset(MAX_RUNNING_KEY, "ann", 3)

    lanes.mend()

    assert (lanes.parked, lanes.tickets) == (2, 2)


class AnyOrder(RuleBasedStateMachine):
    """Whatever is sent, taken, given back and lost: each message is served once, in turn."""

    redis: Redis

    def __init__(self) -> None:
        super().__init__()
        self.redis.flushall()
        self.lanes = Lanes(self.redis)
        self.sent: dict[str, deque[str]] = {tenant: deque() for tenant in TENANTS}
        self.in_hand: list[tuple[str, str, str]] = []
        self.caps: dict[str, int] = {}
        self.passed_over: dict[str, list[str]] = {tenant: [] for tenant in TENANTS}
        """Whose turns each tenant has seen go by since it could have had one."""
        self.number = 0

    def _held(self, tenant: str) -> int:
        return sum(holder == tenant for _, holder, _ in self.in_hand)

    def _may_go(self, tenant: str) -> bool:
        cap = self.caps.get(tenant, 0)
        return bool(self.sent[tenant]) and (cap == 0 or self._held(tenant) < cap)

    @initialize(caps=st.tuples(*[st.integers(0, 2)] * len(TENANTS)))
    def start_with(self, caps: tuple[int, ...]) -> None:
        for tenant, cap in zip(TENANTS, caps, strict=True):
            self.set_cap(tenant, cap)
            self.send(tenant, 2)

    @rule(tenant=st.sampled_from(TENANTS), count=st.integers(1, 3))
    def send(self, tenant: str, count: int) -> None:
        for _ in range(count):
            self.number += 1
            self.sent[tenant].append(str(self.number))
            self.lanes.send(tenant, str(self.number))

    @rule(tenant=st.sampled_from(TENANTS), cap=st.integers(0, 2))
    def set_cap(self, tenant: str, cap: int) -> None:
        self.caps[tenant] = cap
        self.redis.hset(MAX_RUNNING_KEY, tenant, cap)
        self.lanes.mend()

    @rule(count=st.integers(1, 6))
    def take(self, count: int) -> None:
        for _ in range(count):
            self._take()

    def _take(self) -> None:
        had_a_ticket = bool(self.lanes.tickets)
        could = [tenant for tenant in TENANTS if self._may_go(tenant)]
        taken = self.lanes.take()
        if taken is None:
            assert not (had_a_ticket and could)
            return
        _, tenant, message = taken
        assert tenant in could
        assert message == self.sent[tenant].popleft()
        self.in_hand.append(taken)
        for other in TENANTS:
            seen = self.passed_over[other]
            if other == tenant or other not in could:
                seen.clear()
            else:
                seen.append(tenant)
                assert len(seen) == len(set(seen)), f"{other} waited for {seen}"

    @precondition(lambda self: self.in_hand)
    @rule(data=st.data())
    def finish(self, data: Any) -> None:
        taken = data.draw(st.sampled_from(self.in_hand))
        self.in_hand.remove(taken)
        self.lanes.release(taken[0], taken[1])

    @precondition(lambda self: self.in_hand)
    @rule(data=st.data())
    def put_back(self, data: Any) -> None:
        taken = data.draw(st.sampled_from(self.in_hand))
        self.in_hand.remove(taken)
        tag, tenant, message = taken
        self.sent[tenant].appendleft(message)
        self.lanes.send(tenant, message, first=True)
        self.lanes.release(tag, tenant)

    @precondition(lambda self: self.lanes.tickets)
    @rule()
    def lose_a_ticket(self) -> None:
        self.redis.rpop(LIST)
        self.lanes.mend()

    @invariant()
    def there_is_a_ticket_a_message(self) -> None:
        assert self.lanes.tickets + self.lanes.parked == self.lanes.waiting

    @invariant()
    def nobody_who_may_go_waits_for_a_parked_ticket(self) -> None:
        if self.lanes.tickets == 0:
            assert not [tenant for tenant in TENANTS if self._may_go(tenant)]

    def teardown(self) -> None:
        for tenant in TENANTS:
            self.redis.hset(MAX_RUNNING_KEY, tenant, 0)
        self.lanes.mend()
        left = [taken[2] for taken in iter(self.lanes.take, None)]
        assert sorted(left) == sorted(each for sent in self.sent.values() for each in sent)


def test_any_order_of_events(shared_redis: EmbeddedRedis) -> None:
    """Messages are served once, a lane in its order, no cap is exceeded, and turns go round."""
    with Redis.from_url(shared_redis.url) as redis:

        class Machine(AnyOrder):
            pass

        Machine.redis = redis
        run_state_machine_as_test(
            Machine, settings=settings(max_examples=30, stateful_step_count=20, deadline=None)
        )
