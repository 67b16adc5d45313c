# For scripts/bench.sh: pictures of bench/results/workload.json. White behind, so that they can be read on any page.
# shellcheck shell=bash disable=SC2154

# Numbers for gnuplot: tab-separated rows of those runs that a jq filter makes.
rows() { jq -r "$1 | @tsv" "$results/workload.json"; }

style='
set encoding utf8
set border 3 lc rgb "#666666"
set tics nomirror textcolor rgb "#333333"
set title textcolor rgb "#222222"
set grid ytics lc rgb "#dddddd" lw 0.6
set key textcolor rgb "#333333"
unset mxtics
unset mytics
set datafile separator "\t"
'

# draw NAME HEIGHT PROGRAM
draw() {
  gnuplot <<END || fail "gnuplot could not draw $1"
set terminal svg size 860,$2 font "Helvetica,13" background "white"
set output "$img/$1.svg"
$style
$3
END
  say "Drew $img/$1.svg"
}

draw_lookups() {
  rows '[.runs[] | select(.series == "lookups_uniform" or .series == "lookups_hot")] | group_by(.target)
        | map({name: (if .[0].target == "redis_pipelined" then "redis, 64 at a time" else .[0].target end), hot: (map(select(.series == "lookups_hot"))[0].per_second // 0),
               uniform: (map(select(.series == "lookups_uniform"))[0].per_second // 0)})
        | sort_by(-.hot)[] | [.name, .hot, .uniform]' >"$scratch/lookups.tsv"
  draw lookups 430 "
set title 'Look-ups per second by identifier, reading three attributes; one thread (more is better)'
set style data histogram
set style histogram clustered gap 1
set style fill solid border lc rgb 'white'
set boxwidth 0.95
set logscale y
set yrange [1000:*]
set format y '%.0s%c'
set xtics rotate by -20 noenhanced
short(n) = gprintf((n >= 1e5 && n < 1e6) || n >= 1e7 ? '%.0s%c' : '%.1s%c', n)
plot '$scratch/lookups.tsv' using 2:xtic(1) title '10,000 hot identifiers' lc rgb '#c8920a', \
     '' using 3 title 'any identifier' lc rgb '#4a6f8a', \
     '' using (\$0 - 0.17):2:(short(\$2)) with labels font ',9' offset 0,0.6 notitle, \
     '' using (\$0 + 0.17):3:(short(\$3)) with labels font ',9' offset 0.4,0.6 notitle"
}

# The further right, the rarer: each step to the right is a tenth as many.
draw_latencies() {
  local plot='' target colour width
  while read -r target colour width; do
    rows ".runs[] | select(.series == \"mixed_at_rate\" and .target == \"$target\") | .lookup_us
          | [[0.5, .p50], [0.75, .p75], [0.9, .p90], [0.95, .p95], [0.99, .p99], [0.995, .[\"p99.5\"]],
             [0.999, .[\"p99.9\"]], [0.9999, .[\"p99.99\"]]][] | [1 / (1 - .[0]), .[1]]" >"$scratch/latency_$target.tsv"
    [[ -s $scratch/latency_$target.tsv ]] || continue
    plot+="${plot:+, }'$scratch/latency_$target.tsv' using 1:2 with linespoints pt 7 ps 0.4 lw $width lc rgb '$colour' title '$target'"
  done <<'END'
kintsugi #c8920a 3.5
kintsugi_uncached #e6c067 2.5
hash_map #222222 1.5
rocksdb #7b4f9d 1.5
lmdb #2e8b57 1.5
sqlite #4a90c2 1.5
redis #c0392b 1.5
redis_pipelined #e59866 1.5
postgres #1f4e79 1.5
END
  [[ -n $plot ]] || return 0
  draw latencies 460 "
set title 'Latency of look-ups at a fixed rate, 95 look-ups to 5 events, zipfian, one thread'
set logscale xy
set xrange [1.8:11000]
set ytics ('1 µs' 1, '10 µs' 10, '100 µs' 100, '1 ms' 1e3, '10 ms' 1e4, '100 ms' 1e5, '1 s' 1e6, '10 s' 1e7)
set xtics ('half' 2, '90 %%' 10, '99 %%' 100, '99.9 %%' 1000, '99.99 %%' 10000)
set xlabel 'share of look-ups that take no longer' textcolor rgb '#333333'
set ylabel 'from when it was due' textcolor rgb '#333333'
set key outside right top noenhanced
plot $plot"
}

draw_growth() {
  local target
  for target in kintsugi rocksdb; do
    rows ".runs[] | select(.series == \"growth\" and .target == \"$target\")
          | [.identifiers, .lookup_us.mean, .event_us.mean]" >"$scratch/growth_$target.tsv"
    [[ -s $scratch/growth_$target.tsv ]] || return 0
  done
  draw growth 430 "
set title 'The same work as the database grows; one thread, anybody'
set logscale xy
set format x '%.0s%c'
set yrange [1:*]
set ytics (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
set xlabel 'identifiers' textcolor rgb '#333333'
set ylabel 'µs, mean' textcolor rgb '#333333'
set key outside right top
plot '$scratch/growth_kintsugi.tsv' using 1:3 with linespoints pt 7 ps 0.6 lw 3 lc rgb '#c8920a' title 'kintsugi: an event', \
     '' using 1:2 with linespoints pt 7 ps 0.6 lw 3 dt 2 lc rgb '#c8920a' title 'kintsugi: a look-up', \
     '$scratch/growth_rocksdb.tsv' using 1:3 with linespoints pt 7 ps 0.6 lw 1.5 lc rgb '#7b4f9d' title 'RocksDB: a get and a put', \
     '' using 1:2 with linespoints pt 7 ps 0.6 lw 1.5 dt 2 lc rgb '#7b4f9d' title 'RocksDB: two gets'"
}

draw_plots() {
  has gnuplot || { say 'skipped: plots: gnuplot is not installed (Debian: gnuplot-nox)'; return 0; }
  [[ -e $results/workload.json ]] || fail "there is no $results/workload.json to draw; run scripts/bench.sh first"
  mkdir -p "$img"
  draw_lookups
  draw_latencies
  draw_growth
}
