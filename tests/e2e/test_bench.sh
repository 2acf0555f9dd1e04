#!/bin/bash
# Benchmarks run, and print a ratio for everything.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
expect 0 "collector with policy" bench rollout --seconds 0 --env CartPole-v1
expect 0 "latency" bench allreduce --seconds 0
expect 0 "ppo on CartPole-v1" bench train --seconds 0 "${tiny[@]}"
expect 0 "discriminator 1024 x 100 x 100, weights" bench products --seconds 0 --set discriminator.batch=512
expect 0 '"GFLOP"' bench update --seconds 0 --json "${tiny[@]}"

# The list of collectives: as of 8 ranks that share 4 environments, each phase once, and nothing left behind. Of a
# checkpoint's rows only the checksums of each rank go to rank 0, and to who reads them back.
expect 64 "bench collectives: --output FILE is missing" bench collectives "${tiny[@]}"
expect 64 "--ranks" bench collectives --ranks 0 --output list "${tiny[@]}"
expect 0 "checkpoint: " bench collectives --ranks 8 --output list "${tiny[@]}" --steps 768 --set evaluate.every=256
for line in 'start reduce_u64 1 0 1 8' 'iteration got_on' 'iteration sum_f32' 'evaluation reduce_f64 2 0 2 8' \
  'checkpoint gather_rows 8 0 8 ' 'checkpoint scatter_rows 8 0 8 '; do
  grep -q "^$line" list || fail "the list has no '$line': $(cat list)"
done
for phase in start iteration evaluation checkpoint; do
  [ "$(grep -c "^$phase end" list)" -eq 1 ] || [ "$phase" = start ] || fail "$phase is not there once"
done
if grep -qvE '^(#|[a-z]+ [a-z0-9_]+ [0-9]+ [0-9]+ [0-9]+ [0-9]+ [0-9.]+$)' list; then fail "not a list: $(cat list)"; fi
[ ! -e list.run ] || fail "the run is left"
expect 73 "is not empty" bench collectives --output other "${tiny[@]}" --steps 300 $(mkdir other.run && touch other.run/file)
[ -e other.run/file ] || fail "somebody's file is gone"
echo "passed"
