#!/bin/bash
# Benchmarks run, and print a ratio for everything.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
expect 0 "collector with policy" bench rollout --seconds 0 --env CartPole-v1
expect 0 "latency" bench allreduce --seconds 0
expect 0 "ppo on CartPole-v1" bench train --seconds 0 "${tiny[@]}"
expect 0 "discriminator 1024 x 100 x 100, weights" bench products --seconds 0 --set discriminator.batch=512
expect 0 '"GFLOP"' bench update --seconds 0 --json "${tiny[@]}"
echo "passed"
