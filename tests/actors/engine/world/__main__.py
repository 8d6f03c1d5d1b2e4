"""`python -m tests.actors.engine.world SEED …` runs schedules again, `… city SEED …` cities; a failure tells why."""

import sys

from tests.actors.engine.world.city import live
from tests.actors.engine.world.schedule import run
from tests.actors.engine.world.virtual import run_virtually

words = sys.argv[1:]
if words[:1] == ["city"]:
    for seed in words[1:]:
        print("city", seed, dict(run_virtually(live(int(seed))).truth.answers))
else:
    for seed in words:
        print(seed, dict(run(int(seed))))
