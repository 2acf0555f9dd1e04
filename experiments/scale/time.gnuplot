# Seconds to 0.9 against ranks, of time.dat beside it, which time_to_policy.py wrote.
set terminal svg size 1000,520 font "sans-serif,12" background "white"
set output "time.svg"
set logscale x 2
set logscale y
set xlabel "ranks"
set ylabel "seconds to 0.9 of the expert"
set grid
set key outside right top
stats "time.dat" using 2 nooutput
plot for [k = 0:STATS_blocks - 1] "time.dat" index k using 1:2 with linespoints title columnhead(1)
