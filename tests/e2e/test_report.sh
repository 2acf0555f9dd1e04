#!/bin/bash
# The report's page: whole in one file, what it tells of runs that failed, hostile names, films. What is not
# installed (gnuplot, Cairo, ffmpeg) is left out, and said so. Usage: test_report.sh EXPERIMENTS
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export OMP_NUM_THREADS=1
data=$1/data/cartpole-v0-expert.h5

imitate() { # NAME SEED ARGUMENTS...: a run of a second
  mgail train --env CartPole-v0 --output "$1" --seed "$2" --set data.expert="$data" \
    --set policy.hidden=16 --set evaluate.episodes=2 --set evaluate.final_episodes=3 "${@:3}" 2>said || fail "$1"
}
for seed in 1 2 3; do
  imitate runs/mgail-s$seed $seed --algorithm mgail --steps 3000 --set evaluate.every=1000 --set run.environments=4 \
    --set value.hidden=16 --set discriminator.hidden=16 --set forward_model.hidden=16 --set forward_model.replay=1000 \
    --set mgail.updates=$((seed == 3 ? 5 : 7))
  imitate runs/bc-s$seed $seed --algorithm bc --set bc.epochs=20 --set bc.evaluate_every=10 --set policy.learning_rate=0.02
done

# Partial: stopped, failed with a sentence, killed with its lock left behind, at work. Failed: no curves.
for name in stopped diverged killed; do
  cp -r runs/mgail-s1 runs/$name
  rm runs/$name/result.json
done
echo "stopped on request after 3000 steps" >>runs/stopped/log.txt
echo "theta is not finite in iteration 7" >>runs/diverged/log.txt
cp runs/mgail-s2/config.ini runs/diverged/config.ini
printf '  2048 steps  68 %%\n' >>runs/killed/log.txt
echo "999999999 on $(hostname) since yesterday" >runs/killed/lock
mkdir runs/broken
cp runs/mgail-s1/config.ini runs/broken

# What comes from files is text: names of folders, of algorithms, lines of logs.
evil="runs/<img src=x onerror=alert(1)>'\"&"
cp -r runs/bc-s1 "$evil"
rm "$evil/result.json"
echo "</li><script>alert('log')</script>" >>"$evil/log.txt"
cp -r runs/mgail-s2 runs/odd
printf "[run]\nalgorithm = x'\\\\\"<b>|\`id\`\nenv = CartPole-v0\nsteps = 3000\n[data]\ntrajectories = 4\n" >runs/odd/config.ini

expect 0 "report.html are written" report runs --output report
page=report/report.html
[ "$(wc -c <$page)" -lt 5000000 ] || fail "the page is too large"

# Nothing beside it is asked for: addresses are places in the page, or data.
grep -oE '(src|href|srcset|data|action|poster)="[^"]*"' $page | grep -vE '="(#[a-z-]+|data:image/webp;base64,.*)"' >said &&
  fail "the page asks for something beside it"
if grep -niE '<script|<link|<iframe|<object|<embed|@import|url\(|<img src=x|<b>\||onerror=[^&]*>' $page >said; then
  fail "markup that is not ours"
fi
grep -q 'prefers-color-scheme:dark' $page || fail "no dark colours"
grep -q 'name="viewport"' $page || fail "no width of a phone"

# Sections, each with its line in the contents, in both forms.
sections=("In short" "Results" "Worst runs" "Settings that differ" "Partial and failed runs")
if command -v gnuplot >/dev/null; then
  sections+=("Learning curves" "Learning curves over time" "Performance profiles")
else
  echo "left out: gnuplot is not installed"
fi
for title in "${sections[@]}"; do
  id=$(tr 'A-Z ' 'a-z-' <<<"$title")
  grep -qF "<h2 id=\"$id\">$title</h2>" $page || fail "no section $title"
  grep -qF "<a href=\"#$id\">$title</a>" $page || fail "$title is not in the contents"
  grep -qxF "## $title" report/report.md || fail "no section $title in report.md"
  grep -qxF -- "- [$title](#$id)" report/report.md || fail "$title is not in the contents of report.md"
done
[ "$(grep -c '<h2 ' $page)" -eq "$(grep -c '<li><a href="#' $page)" ] || fail "contents and sections differ"
for picture in $(sed -n 's/^!\[.*\](\(.*\))$/\1/p' report/report.md); do
  [ -s "report/$picture" ] || fail "report.md shows $picture, which is not there"
done
if command -v gnuplot >/dev/null; then
  for name in curves-cartpole-v0-4 times-cartpole-v0-4 profiles runs-cartpole-v0-4; do
    [ -s report/$name.svg ] && [ -s report/$name.png ] || fail "no figure $name"
  done
  [ "$(grep -c '<figure><svg role="img" aria-label="' $page)" -eq 4 ] || fail "figures without words"
  if grep -q "rgb( *51, *51, *51)\|rgb( *228" $page; then fail "a figure's greys do not follow the page"; fi
fi

# Reasons.
section() { sed -n "/^## $1/,/^## /p" report/report.md; }
section "Partial" >said
for words in 'runs/stopped\*\*: [0-9]* of 3000 steps; stopped on request after 3000 steps$' \
  'runs/diverged\*\*: [0-9]* of 3000 steps; theta is not finite in iteration 7$' \
  'runs/killed\*\*: [0-9]* of 3000 steps; killed; last: 2048 steps  68 %$' 'runs/broken/curves.h5: No such file'; do
  grep -q "$words" said || fail "not told: $words"
done
grep -q "$(grep -c '\*\*' said) partial" $page || fail "the page does not count the partial runs"

# The worst seed, as the results have it.
result() { sed -n 's/.*"result":[[:space:]]*\([-0-9.e]*\),*$/\1/p'; }
for seed in 1 2 3; do
  echo "$(mgail info --json runs/bc-s$seed | result) $seed"
done | sort -g >returns
worst=$(awk 'NR == 1 || $1 < least { least = $1; seed = $2 } END { print seed }' returns)
section "Worst" >said
grep -q "| CartPole-v0 | 4 | bc | $worst | " said || fail "bc's worst seed is $worst: $(cat returns)"
grep -q "runs/bc-s$worst |$" said || fail "the worst run's folder is not named"

# Runs join a collection, whose own folders may be gone: in the end it tells the same as one of all runs at once. A
# folder that is given takes the place of what is there of it; a file that is no collection is named and left out.
mgail collect runs/mgail-s1 runs/stopped --output joined.h5
mv runs/mgail-s1 away
expect 0 "joined.h5: 3 runs, 2 finished, 1 partial" collect joined.h5 runs/mgail-s2 --output joined.h5
mv away runs/mgail-s1
cp runs/mgail-s1/result.json runs/stopped/
expect 0 "joined.h5: 4 runs, 4 finished, 0 partial" collect joined.h5 runs/stopped/ runs/bc-s1 --output joined.h5
expect 0 "all.h5: 4 runs" collect runs/mgail-s1 runs/mgail-s2 runs/stopped/ runs/bc-s1 --output all.h5
rm runs/stopped/result.json
for name in all joined; do
  mgail report $name.h5 --output $name >/dev/null 2>&1
  grep -v '^Collected ' $name/report.md >$name.md
done
cmp all.md joined.md || fail "joined runs differ: $(diff all.md joined.md)"
expect 65 "$data: skipped: " collect "$data" runs/bc-s1 --output some.h5

# Settings: those of the two methods and of the runs of one; none that bc does not read.
section "Settings" >said
grep -q '| CartPole-v0 | policy.learning\\_rate | 0.02 | 0.0003 |' said || fail "the methods' rates"
grep -q '| CartPole-v0 | mgail.updates | – | 7, 5 |' said || fail "the runs' rounds"
if grep -q 'discriminator.hidden\|bc.epochs\|data.expert\|run.seed\|policy.hidden' said; then fail "what does not differ"; fi

# What cannot be written is one sentence.
expect 73 "runs/mgail-s1/log.txt" report runs --output runs/mgail-s1/log.txt/report
expect 64 "--films" report runs --films --csv tables
expect 66 "no run could be read" report runs/broken --output no
cp report/runs.h5 loops.h5
loop_names loops.h5 || fail "a collection without a list to loop"
expect 65 "loops.h5: " report loops.h5 --output no
[ ! -e no ] || fail "a report of no run leaves its folder"

# ---- films ----

probe=0
mgail render --checkpoint runs/mgail-s1 --output probe.webp --size 32x32 --fps 1 >said 2>&1 || probe=$?
if [ $probe -ne 0 ]; then
  echo "left out: films; $(tail -n 1 said)"
  echo "passed"
  exit
fi
rm -rf runs/odd
expect 0 "film-cartpole-v0.webp: " report runs --output filmed --films
grep -q 'expert, CartPole-v0, episode 0: return' said || fail "the expert is not in the film"
head -c 12 filmed/film-cartpole-v0.webp | tail -c 4 | grep -q WEBP || fail "no film"
grep -o 'data:image/webp;base64,[^"]*' filmed/report.html | sed 's/.*,//' | base64 -d >film
cmp film filmed/film-cartpole-v0.webp || fail "the film on the page is another"
middle=$(sed -n 2p returns)
grep -q "bc, seed ${middle#* }, return [0-9.]* (the middle one of 3 runs)" filmed/report.html ||
  fail "bc's middle run is not the one in the film: $(cat returns)"
grep -q '!\[.*\](film-cartpole-v0.webp)' filmed/report.md || fail "no film in report.md"
if grep -q webp report/report.html; then fail "films that nobody asked for"; fi

# Without ffmpeg: one sentence, the rest is written, the exit code is ffmpeg's.
mkdir bin
code=0
PATH=$folder/bin "$MGAIL" report runs --output silent --films >said 2>&1 || code=$?
[ $code -eq 78 ] || fail "without ffmpeg: exit code $code instead of 78"
grep -q "apt-get install ffmpeg" said || fail "does not say how to install ffmpeg"
grep -q "Not all was filmed: .*ffmpeg" silent/report.html || fail "the page does not say why it has no films"
grep -q '| CartPole-v0 | 4 | bc | 3' silent/report.md || fail "no tables without films"
[ -z "$(find silent -name '*webp*')" ] || fail "half a film"

# A run whose policy is gone is left out of the film.
rm runs/mgail-s?/checkpoint.h5
expect 66 "film of CartPole-v0: " report runs --output some --films
grep -q "Not all was filmed: CartPole-v0: .*checkpoint.h5" some/report.html || fail "not told why"
grep -q "expert, CartPole-v0, episode 0" said || fail "the others are not filmed"
[ -s some/film-cartpole-v0.webp ] || fail "no film of the others"

# A request to stop in a film: nothing of it, no report.
# shellcheck disable=SC2016  # for the other shell
printf '#!/bin/sh\n: >started\nwhile [ "$(head -c 65536 | wc -c)" -gt 0 ]; do sleep 0.1; done\n' >bin/ffmpeg
chmod +x bin/ffmpeg
PATH=$folder/bin:$PATH "$MGAIL" report runs --output stopped --films >said 2>&1 &
pid=$!
await test -e started
kill -TERM $pid
code=0
wait $pid || code=$?
[ $code -eq 75 ] || fail "a stop on request ends with $code"
[ -z "$(find stopped -name '*.webp*' -o -name 'report.*')" ] || fail "something half is left: $(ls stopped)"
echo "passed"
