#!/bin/bash
# Settings for a task of one's own: some drawn at random, the better ones trained longer.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'HELP'
Usage: experiments/search.sh --preset FILE --range KEY=VALUES [options]

Draws candidates at random over the ranges; the first is the preset as it is. Successive halving on
environment steps (Jamieson and Talwalkar 2016): all candidates are trained for a part of the run, the
better third of them for three times as long, and so on, the last ones to the end. All have the schedules of
the whole run: they pause (run.pause) and go on. A candidate is judged by the score of its running average
at the last evaluation, (return - random) / (data - random), mean over the seeds; of equals the one with the
better worst seed goes on.

Tune on other seeds than those you report. Folders go to OUTPUT/runs/CANDIDATE-sSEED, what was drawn to
OUTPUT/candidates.json, results to OUTPUT/runs.h5 (mgail collect). The same command goes on where it was
stopped.

  --preset FILE      settings that the candidates share
  --range KEY=VALUES section.key and LOW..HIGH, LOW..HIGH:log (drawn evenly in the logarithm), whole numbers
                     where both ends are whole, or A,B,C; may be given again
  --expert FILE      instead of the preset's demonstrations
  --candidates N     drawn, the preset among them (default 9)
  --keep N           of so many one goes on (default 3)
  --rungs N          parts (default 3: a ninth, a third and the whole of the steps)
  --seeds LIST       of every candidate, by comma (default 101,102)
  --draw N           seed of the draw (default 1)
  --steps N          instead of the preset's number of steps
  --jobs N           runs at a time (default: as many as there are processors)
  --output DIR       default build/search
  --dry-run          print the candidates; run nothing

Exit codes: 0 done; 1 no candidate is left; 64 usage; 66 a file is missing; 75 stopped (Ctrl-C, SIGTERM).
HELP
}

preset='' range=() expert='' candidates=9 keep=3 rungs=3 seeds=101,102 draw=1 steps='' jobs=$(nproc)
output=$root/build/search dry_run=''
options 'preset= range+ expert= candidates= keep= rungs= seeds= draw= steps= jobs= output= dry-run' "$@"
no_arguments
[ -n "$preset" ] || die 64 "--preset is needed; see --help"
[ ${#range[@]} -gt 0 ] || die 64 "--range is needed; see --help"
for file in "$preset" ${expert:+"$expert"}; do [ -e "$file" ] || die 66 "no file $file"; done
whole --candidates "$candidates"
whole --keep "$keep"
whole --rungs "$rungs"
whole --draw "$draw"
whole --jobs "$jobs"
[[ $seeds =~ ^[0-9]+(,[0-9]+)*$ ]] || die 64 "--seeds $seeds: expected numbers by comma"

preset=$(realpath "$preset") output=$(realpath -m "$output")
[ -z "$expert" ] || expert=$(realpath "$expert")
prepare
exec python3 experiments/search.py --mgail "$mgail" --preset "$preset" --expert "$expert" \
  --candidates "$candidates" --keep "$keep" --rungs "$rungs" --seeds "$seeds" --draw "$draw" \
  --steps "$steps" --jobs "$jobs" --output "$output" ${dry_run:+--dry-run} "${range[@]/#/--range=}"
