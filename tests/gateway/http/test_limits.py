"""Token buckets: how many at once, how many a second, how many clients are remembered."""

from gateway.http.limits import Buckets


def test_a_burst_passes_then_one_a_period() -> None:
    at = [0.0]
    buckets = Buckets(per_s=0.5, burst=3, now=lambda: at[0])
    assert [buckets.wait_s("a") for _ in range(4)] == [0, 0, 0, 2]
    at[0] = 2.0
    assert [buckets.wait_s("a") for _ in range(2)] == [0, 2]


def test_clients_do_not_share() -> None:
    buckets = Buckets(per_s=1, burst=1, now=lambda: 0.0)
    assert buckets.wait_s("a") == 0
    assert buckets.wait_s("b") == 0
    assert buckets.wait_s("a") == 1


def test_a_refused_request_costs_nothing() -> None:
    at = [0.0]
    buckets = Buckets(per_s=1, burst=1, now=lambda: at[0])
    buckets.wait_s("a")
    for _ in range(10):
        buckets.wait_s("a")
    at[0] = 1.0
    assert buckets.wait_s("a") == 0


def test_the_longest_unseen_client_is_forgotten() -> None:
    buckets = Buckets(per_s=0.001, burst=1, now=lambda: 0.0, clients_max=2)
    for client in ("a", "b", "a", "c"):
        buckets.wait_s(client)
    assert buckets.wait_s("b") == 0
