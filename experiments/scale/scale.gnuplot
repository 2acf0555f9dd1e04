# Efficiency against ranks, of scale.dat beside it, which table.py wrote.
set terminal svg size 1200,560 font "sans-serif,12" background "white"
set output "scale.svg"
set logscale x 2
set xlabel "ranks"
set ylabel "share of an iteration in which ranks compute"
set yrange [0:1.05]
set grid
set key outside right top
stats "scale.dat" using 2 nooutput
plot for [k = 0:STATS_blocks - 1] "scale.dat" index k using 1:2 with linespoints title columnhead(1)
