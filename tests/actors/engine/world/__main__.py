"""`python -m tests.actors.engine.world SEED …` runs schedules again; a failing one ends with its whole story."""

import sys

from tests.actors.engine.world.schedule import run

for seed in sys.argv[1:]:
    print(seed, dict(run(int(seed))))
