"""A Ray cluster of two nodes in a process of its own, for one process joins one cluster: `python -m tests.city.nodes`.

Its first line tells the address; each line that it is given is answered by the nodes of all workers. It ends when its
input does.
"""

import json
import sys

import ray
from ray._private.state import actors
from ray.cluster_utils import Cluster


def placed() -> dict[str, str]:
    """Worker → the node that carries it."""
    return {actor["Name"]: actor["Address"]["NodeID"] for actor in actors().values() if actor["State"] == "ALIVE"}


def main() -> None:
    """Two nodes until the input ends."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    ray.init(address=cluster.address, log_to_driver=False)
    print(json.dumps(cluster.address), flush=True)
    for _ in sys.stdin:
        print(json.dumps(placed()), flush=True)
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    main()
