"""Connections go from reader to reader in the order in which they came; none is lost, and none is kept for ever."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from psycopg_pool import PoolTimeout

from tilesrv import lending
from tilesrv.lending import Exhausted, Lender


class FakeConnection:
    """What a lender asks of a connection: its socket, its state."""

    def __init__(self) -> None:
        self.here, self.server = socket.socketpair()
        self.pgconn: Any = self
        self.socket = self.here.fileno()
        self.transaction_status = TransactionStatus.IDLE
        self.closed = False

    async def execute(self, _: str) -> None:
        self.closed = True
        raise psycopg.OperationalError("the server closed the connection")

    def end(self) -> None:
        """As a restart of the server does."""
        self.server.close()


class FakePool:
    def __init__(self) -> None:
        self.made: list[FakeConnection] = []
        self.free: list[FakeConnection] = []
        self.refuses = False
        self.away = 0  # how many times nobody answers yet
        self.asked = 0

    async def getconn(self, timeout: float) -> FakeConnection:
        await asyncio.sleep(0)
        self.asked += 1
        if self.away:
            self.away -= 1
            raise PoolTimeout
        if self.refuses:
            raise psycopg.OperationalError("no server")
        if self.free:
            return self.free.pop()
        self.made.append(FakeConnection())
        return self.made[-1]

    async def putconn(self, connection: FakeConnection) -> None:
        await asyncio.sleep(0)
        if not connection.closed and connection.transaction_status == TransactionStatus.IDLE:
            self.free.append(connection)

    async def check(self) -> None:
        self.free = [each for each in self.free if not each.closed]

    async def close(self, timeout: float) -> None:
        self.free.clear()


Scenario = Callable[[Any, FakePool], Awaitable[None]]


def played(scenario: Scenario, *, most: int = 2, wait_s: float = 5) -> FakePool:
    async def run() -> None:
        lender = Lender(pool, most=most, most_waiting=3, wait_s=wait_s)  # type: ignore[arg-type]
        await scenario(lender, pool)
        await lender.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    pool = FakePool()
    asyncio.run(run())
    return pool


def test_no_more_are_lent_than_there_may_be_and_waiters_are_served_in_turn() -> None:
    served: list[int] = []

    async def reader(lender: Lender, number: int) -> None:
        connection = await lender.take()
        served.append(number)
        await asyncio.sleep(0.001)
        await lender.give(connection)

    async def scenario(lender: Lender, pool: FakePool) -> None:
        await asyncio.gather(*(reader(lender, number) for number in range(5)))

    assert len(played(scenario).made) == 2
    assert served == [0, 1, 2, 3, 4]


def test_too_many_waiters_and_too_long_a_wait_are_told() -> None:
    async def scenario(lender: Lender, _: FakePool) -> None:
        lent = [await lender.take(), await lender.take()]
        waiting = [asyncio.create_task(lender.take()) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Exhausted):
            await lender.take()
        assert all(
            isinstance(each, Exhausted) for each in await asyncio.gather(*waiting, return_exceptions=True)
        )
        for each in lent:
            await lender.give(each)
        assert await lender.take() in lent

    played(scenario, wait_s=0.05)


def test_a_waiter_who_leaves_as_his_turn_comes_passes_it_on() -> None:
    async def scenario(lender: Lender, _: FakePool) -> None:
        lent = await lender.take()
        first, second = (asyncio.create_task(lender.take()) for _ in range(2))
        await asyncio.sleep(0)
        await lender.give(lent)
        first.cancel()
        assert await second is lent
        alone = asyncio.create_task(lender.take())
        await asyncio.sleep(0)
        await lender.give(lent)
        alone.cancel()
        await asyncio.gather(first, alone, return_exceptions=True)
        assert await asyncio.wait_for(lender.take(), 1) is lent, "nobody has it"

    played(scenario, most=1)


@pytest.mark.parametrize("fault", ["ended by the server", "in a transaction", "closed"])
def test_what_cannot_be_used_any_more_is_replaced(fault: str) -> None:
    async def scenario(lender: Lender, pool: FakePool) -> None:
        connection: Any = await lender.take()
        waiting = None
        if fault == "ended by the server":
            await lender.give(connection)
            connection.end()
        else:
            waiting = asyncio.create_task(lender.take())
            await asyncio.sleep(0)
            connection.closed = fault == "closed"
            if fault == "in a transaction":
                connection.transaction_status = TransactionStatus.INTRANS
            await lender.give(connection)
        other = await (waiting or lender.take())
        assert other is not connection and len(pool.made) == 2

    played(scenario, most=1)


def test_who_waits_tries_himself_when_no_connection_can_be_made() -> None:
    async def scenario(lender: Lender, pool: FakePool) -> None:
        pool.refuses = True
        found = await asyncio.gather(*(lender.take() for _ in range(3)), return_exceptions=True)
        assert all(isinstance(each, psycopg.OperationalError) for each in found)
        pool.refuses = False
        assert await lender.take() in pool.made

    played(scenario, most=1)


def test_what_nobody_uses_goes_back_and_what_is_used_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "IDLE_S", 0.05)

    async def scenario(lender: Lender, pool: FakePool) -> None:
        for each in [await lender.take(), await lender.take()]:
            await lender.give(each)
        used = set()
        async with asyncio.timeout(10):
            while not pool.free:
                used.add(connection := await lender.take())
                await lender.give(connection)
                await asyncio.sleep(0.001)
        assert len(used) == 1 and pool.free[0] not in used
        async with asyncio.timeout(10):
            while len(pool.free) < 2:
                await asyncio.sleep(0.01)

    played(scenario)


def test_the_pool_sees_a_connection_now_and_then_however_busy_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "THROUGH_POOL", 3)

    async def scenario(lender: Lender, pool: FakePool) -> None:
        for number in range(1, 7):
            await lender.give(await lender.take())
            assert bool(pool.free) == (number % 3 == 0)

    played(scenario)


def test_who_waits_has_the_database_looked_for_again() -> None:
    """Would fail if one attempt that failed were all, and the next waited for the pause of the pool."""

    async def scenario(lender: Any, pool: FakePool) -> None:
        pool.away = 3
        assert await lender.take() is pool.made[0]
        assert pool.asked == 4

    played(scenario)


def test_a_database_that_stays_away_is_said_to() -> None:
    async def scenario(lender: Any, pool: FakePool) -> None:
        pool.away = 1000
        with pytest.raises(PoolTimeout):
            await lender.take()
        pool.away = 0
        assert await lender.take() is pool.made[0]

    played(scenario, wait_s=0)
