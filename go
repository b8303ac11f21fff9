#!/bin/sh
# go: everything one does with this project, from a bare Debian 12 machine.
#
#   ./go run      install what is missing, build, start the example house, say where to look
#   ./go test     install what is missing, build, run all tests
#   ./go build    leave the program in build/release/bin/lares
#   ./go check    what CI runs, and format, lint, fuzz smoke and the sanitizer builds
#   ./go bench    measure what we promise, against Debian's supervisord, runit and s6
#   ./go deb      make a Debian package in build/
#   ./go install [--prefix DIR] [--links] [--force]
#                 place the program, its manual and a unit (DIR: /usr/local); with --links
#                 also as supervisord and supervisorctl
#
# Plain sh: on a bare machine there is no make and no cmake yet. Packages come from apt: each command
# says what it installs, asks nothing as root and uses sudo otherwise.

set -eu
cd "$(dirname "$0")"
unset CDPATH

say() { printf '%s\n' "go: $*" >&2; }

# install FILE...: the packages listed in the files that this machine does not have yet.
install_packages() {
    wanted=$(cat "$@" | sed 's/#.*//' | tr -s ' \n' '\n' | sort -u)
    missing=""
    for package in $wanted; do
        status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
        [ "$status" = "install ok installed" ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            say "these packages are missing:$missing"
            say "install them as root, or install sudo, and try again"
            exit 1
        fi
        as_root="sudo"
    fi
    say "installing with apt:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # Services of these packages are not started by installing them.
    policy=/usr/sbin/policy-rc.d
    made_policy=""
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
        $as_root chmod 755 $policy
        made_policy=yes
    fi
    status=0
    $as_root apt-get update -qq || status=$?
    # shellcheck disable=SC2086
    $as_root apt-get install -y -qq --no-install-recommends $missing >&2 || status=$?
    [ -z "$made_policy" ] || $as_root rm -f $policy
    [ "$status" -eq 0 ] || { say "apt-get failed with $status; nothing was built"; exit 1; }
}

# npm brings 400 packages in Debian: only where nothing called so is there, of whatever origin.
page_packages() {
    echo packages/page.txt
    command -v npm >/dev/null 2>&1 || echo packages/npm.txt
}

browser_packages() {
    command -v chromium >/dev/null 2>&1 || echo packages/browser.txt
}

jobs=$(nproc 2>/dev/null || echo 2)

# build PRESET [TARGET...]
build() {
    preset=$1
    shift
    cmake --preset "$preset" >build/configure-"$preset".log 2>&1 ||
        { cat build/configure-"$preset".log >&2; exit 1; }
    if [ $# -gt 0 ]; then
        cmake --build --preset "$preset" -j "$jobs" --target "$@"
    else
        cmake --build --preset "$preset" -j "$jobs"
    fi
}

# test_preset PRESET [ctest options]
test_preset() {
    preset=$1
    shift
    build "$preset"
    # Another try for what a crowded machine starved; the log shows that it was needed.
    ctest --preset "$preset" -j "$jobs" --repeat until-pass:3 "$@"
}

# place MODE SOURCE TARGET: a file below $DESTDIR.
place() {
    install -D -m "$1" "$2" "$DESTDIR$3"
    say "placed $DESTDIR$3"
}

# print_to TARGET COMMAND...: what the command prints, as a file below $DESTDIR.
print_to() {
    target=$1
    shift
    mkdir -p "$(dirname "$DESTDIR$target")"
    "$@" >"$DESTDIR$target"
    say "placed $DESTDIR$target"
}

# link NAME: the program under another name, unless something else has it.
link() {
    path="$DESTDIR$prefix/bin/$1"
    if [ -e "$path" ] && [ "$(readlink "$path")" != lares ] && [ -z "$force" ]; then
        owner=$(dpkg -S "$path" 2>/dev/null | cut -d: -f1 || true)
        say "$path exists already${owner:+, from the package '$owner'}; nothing was linked there"
        say "remove it, choose another --prefix, or say --force"
        return 1
    fi
    ln -sfn lares "$path"
    say "linked $path"
}

install_files() {
    prefix=/usr/local
    links=""
    force=""
    while [ $# -gt 0 ]; do
        case $1 in
        --prefix) [ $# -ge 2 ] || { say "--prefix needs a folder"; exit 2; }; prefix=$2; shift ;;
        --prefix=*) prefix=${1#*=} ;;
        --links) links=yes ;;
        --force) force=yes ;;
        *) say "unknown option '$1' of install; there are --prefix DIR, --links and --force"; exit 2 ;;
        esac
        shift
    done
    case $prefix in /*) ;; *) prefix="$(pwd)/$prefix" ;; esac
    DESTDIR=${DESTDIR:-}
    program=build/release/bin/lares
    place 755 "$program" "$prefix/bin/lares"
    place 755 "$program-deliver" "$prefix/bin/lares-deliver"
    place 755 "$program-capture" "$prefix/bin/lares-capture"
    for page in lares supervisord supervisorctl; do
        print_to "$prefix/share/man/man1/$page.1" "$program" manual "$page"
    done
    print_to "$prefix/share/bash-completion/completions/lares" "$program" completion bash
    print_to "$prefix/share/zsh/site-functions/_lares" "$program" completion zsh
    print_to "$prefix/share/fish/vendor_completions.d/lares.fish" "$program" completion fish
    print_to "$prefix/lib/systemd/system/lares.service" sed "s|@PREFIX@|$prefix|" examples/systemd/lares.service
    [ -n "$links" ] || return 0
    status=0
    for name in supervisord supervisorctl; do link "$name" || status=1; done
    return $status
}

usage() { sed -n '2,15s/^# \{0,1\}//p' "$0"; }

command=${1:-help}
[ $# -eq 0 ] || shift
mkdir -p build

case $command in
build)
    install_packages packages/build.txt $(page_packages)
    build release lares lares-deliver lares-capture
    say "built build/release/bin/lares"
    ;;
run)
    install_packages packages/build.txt $(page_packages) packages/example.txt
    build release lares lares-deliver lares-capture
    exec sh examples/house/run "$@"
    ;;
test)
    install_packages packages/build.txt $(page_packages) packages/test.txt $(browser_packages)
    export LARES_BROWSER_FETCH=1
    test_preset release "$@"
    ;;
check)
    install_packages packages/build.txt $(page_packages) packages/test.txt $(browser_packages) packages/check.txt
    export LARES_BROWSER_FETCH=1
    sh tests/check/format
    test_preset release
    sh tests/check/lint
    test_preset asan -LE "slow|tidy"
    test_preset tsan -LE "slow|tidy|golden"
    build fuzz fuzz_targets
    ctest --preset fuzz -L fuzz
    say "all checks passed"
    ;;
bench)
    install_packages packages/build.txt packages/bench.txt
    mkdir -p build
    cmake --preset release -D LARES_BENCH=ON >/dev/null
    cmake --build --preset release -j "$jobs" --target lares lares-deliver lares-capture bench_stamp bench_spawn_loop bench_writer bench_copy_loop bench_agenda \
        bench_put_load bench_ok_lines bench_exec_loop bench_disk_limit bench_files
    python3 bench/control/run.py --lares build/release/bin/lares
    kept=0
    for per_task in 1000 1; do
        python3 bench/schedule/run.py --lares build/release/bin/lares --tools build/release/bin --per-task $per_task || kept=1
    done
    python3 bench/queue/run.py --lares build/release/bin/lares --tools build/release/bin || kept=1
    python3 bench/folder/run.py --lares build/release/bin/lares --tools build/release/bin || kept=1
    python3 bench/delivery/run.py --lares build/release/bin/lares || kept=1
    python3 bench/capture/run.py || kept=1
    python3 bench/capture/page.py || kept=1
    python3 bench/supervise/run.py --lares build/release/bin/lares "$@" || kept=1
    exit $kept
    ;;
deb)
    install_packages packages/build.txt $(page_packages) packages/deb.txt
    build release lares lares-deliver lares-capture manual_pages
    (cd build/release && cpack -G DEB)
    say "made $(ls -t build/release/*.deb | head -n 1)"
    ;;
install)
    if [ -z "${LARES_BUILT:-}" ]; then
        install_packages packages/build.txt $(page_packages)
        build release lares lares-deliver lares-capture
    fi
    install_files "$@"
    ;;
help | -h | --help)
    usage
    ;;
*)
    say "unknown command '$command'"
    usage >&2
    exit 2
    ;;
esac
