# For scripts/bench.sh: servers of its own, private to this run. A start_ function returns false, with the reason in
# $why_not, where there is no such server.
# shellcheck shell=bash disable=SC2154,SC2034

why_not=''
redis_pid='' redis_port=''
postgres_pid='' postgres_socket=''

# Ends a process that was started here, and waits for it.
stop() {
  kill -s "$1" "$2" 2>/dev/null || true
  wait "$2" 2>/dev/null || true
}

# A new one each time, for it tells the most memory that it has ever held. Its log is written before it answers and
# synced every second: what the library's default survives it survives too, or nearly.
start_redis() {
  has redis-server || { why_not='redis-server is not installed (Debian: redis-server)'; return 1; }
  local directory="$scratch/redis" tries waited
  for ((tries = 0; tries < 10; ++tries)); do
    rm -rf "$directory"
    mkdir "$directory"
    redis_port=$((20000 + RANDOM % 20000))
    redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$directory" --save '' --appendonly yes \
      --appendfsync everysec --auto-aof-rewrite-percentage 0 >"$scratch/redis.log" 2>&1 &
    redis_pid=$!
    for ((waited = 0; waited < 100; ++waited)); do
      if grep -q 'Ready to accept connections' "$scratch/redis.log"; then return 0; fi
      kill -0 "$redis_pid" 2>/dev/null || break  # somebody else has the port
      sleep 0.1
    done
    stop_redis
  done
  why_not="redis-server does not start: $(tail -n 1 "$scratch/redis.log")"
  return 1
}

stop_redis() {
  [[ -n $redis_pid ]] || return 0
  stop TERM "$redis_pid"
  redis_pid=''
}

# The newest that is installed; Debian keeps its programs out of the PATH.
postgres_bin() {
  local directory
  directory=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  if [[ -x $directory/postgres ]]; then
    printf '%s' "$directory"
  elif has postgres; then
    dirname "$(command -v postgres)"
  fi
}

# One for all of the run. Its cache is as large as the library's; otherwise it is set as it comes, but for its log,
# which may grow as large as it likes between checkpoints.
start_postgres() {
  [[ -z $postgres_pid ]] || return 0
  local programs directory="$scratch/postgres" waited
  local -a as_user=()
  programs=$(postgres_bin)
  [[ -n $programs ]] || { why_not='postgres is not installed (Debian: postgresql)'; return 1; }
  mkdir -p "$directory"
  if ((EUID == 0)); then
    id postgres >/dev/null 2>&1 || { why_not='it refuses to be root, and there is no user postgres'; return 1; }
    chown postgres: "$directory"
    as_user=(setpriv --reuid=postgres --regid="$(id -g postgres)" --clear-groups)
  fi
  postgres_socket="$directory"
  if [[ ! -d $directory/data ]]; then
    (cd "$directory" && "${as_user[@]}" "$programs/initdb" -D data -U kintsugi --auth=trust --no-sync --encoding=UTF8 \
      --locale=C >"$scratch/postgres.log" 2>&1) || { why_not="initdb failed: $(tail -n 1 "$scratch/postgres.log")"; return 1; }
  fi
  (cd "$directory" && exec "${as_user[@]}" "$programs/postgres" -D data -k "$postgres_socket" -c listen_addresses='' \
    -c shared_buffers=256MB -c max_wal_size=8GB >"$scratch/postgres.log" 2>&1) &
  postgres_pid=$!
  for ((waited = 0; waited < 300; ++waited)); do
    if grep -q 'ready to accept connections' "$scratch/postgres.log"; then return 0; fi
    kill -0 "$postgres_pid" 2>/dev/null || break
    sleep 0.1
  done
  stop_postgres
  why_not="postgres does not start: $(tail -n 1 "$scratch/postgres.log")"
  return 1
}

stop_postgres() {
  [[ -n $postgres_pid ]] || return 0
  stop INT "$postgres_pid"
  postgres_pid=''
}
