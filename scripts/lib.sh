# shellcheck shell=bash
# What the scripts share. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() {
    printf '%s\n' "$*" >&2
}

stop() { # stop STATUS LINE...
    printf '%s\n' "${@:2}" >&2
    exit "$1"
}

# quietly WHAT COMMAND...: runs the command, a program or a function, and shows WHAT it is for and, on a terminal, its
# latest line of output. All of its output follows if it fails.
quietly() {
    local what=$1 line status=0
    shift
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if [ -t 2 ]; then
        "$@" 2>&1 </dev/null | tee "$log" | while IFS= read -r line; do
            printf '\r\033[K%s: %.45s' "$what" "${line//[^[:print:]]/}" >&2
        done || status=${PIPESTATUS[0]}
        printf '\r\033[K' >&2
    else
        "$@" >"$log" 2>&1 </dev/null || status=$?
    fi
    if [ "$status" = 0 ]; then
        say "$what: done"
    else
        cat "$log" >&2
        say "$what: failed with status $status (its output is above)"
    fi
    rm -f "$log"
    return "$status"
}

# build PRESET TARGET [CMAKE_ARGUMENT...]: configures and compiles; what is up to date stays as it is.
build() {
    (cd "$root" && quietly "Building $1" compile "$@")
}

compile() {
    cmake --preset "$1" "${@:3}" && cmake --build --preset "$1" --target "$2"
}

# system KEY: what /etc/os-release says, such as ID or VERSION_ID.
system() {
    (
        unset "$1"
        # shellcheck source=/dev/null
        if [ -r /etc/os-release ]; then . /etc/os-release; fi
        printf '%s' "${!1-unknown}"
    )
}

# packages RELEASE PURPOSE...: the names in scripts/packages for these purposes on this Debian release.
packages() {
    awk -v release="$1" -v purposes="${*:2}" '
        BEGIN {
            count = split(purposes, list, " ")
            for (i = 1; i <= count; i++)
                wanted[list[i]] = wanted[list[i] "@" release] = 1
        }
        $1 in wanted { print $2 }' "$root/scripts/packages"
}

# missing PACKAGE...: those that are not installed.
missing() {
    { dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true; } |
        awk -v names="$*" '
            $1 == "installed" { there[$2] = 1 }
            END {
                count = split(names, list, " ")
                for (i = 1; i <= count; i++)
                    if (!(list[i] in there))
                        print list[i]
            }'
}

# need PURPOSE...: installs the packages for these purposes that are not there yet, and nothing else. Where that cannot
# be done it says which they are and ends the script with status 2.
need() {
    local release wanted lacking by_hand as_root=()
    release=$(system VERSION_ID)
    mapfile -t wanted < <(packages "$release" "$@")
    lacking=("${wanted[@]}")
    if command -v dpkg-query >/dev/null; then
        mapfile -t lacking < <(missing "${wanted[@]}")
    fi
    [ ${#lacking[@]} != 0 ] || return 0

    case $(system ID):$release in
    debian:12 | debian:13) ;;
    *)
        stop 2 "This system ($(system PRETTY_NAME)) is neither Debian 12 nor 13, so nothing was installed." \
            "forestd needs these packages, under the names that they have here:" \
            "$(printf '    %s\n' "${lacking[@]}")" \
            "With all of them there: cmake --preset release && cmake --build --preset release, and build/forestd is it."
        ;;
    esac
    by_hand="    apt-get update && apt-get install --no-install-recommends ${lacking[*]}"
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null ||
            stop 2 "Packages are missing, only root may install them, and there is no sudo here. As root:" "$by_hand"
        as_root=(sudo)
    fi
    say "To be installed: ${lacking[*]}"
    # shellcheck disable=SC2016 # sh expands it, as root
    quietly "Installing" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get -q update
        exec apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"' sh "${lacking[@]}" ||
        stop 2 "Not all packages could be installed. As root:" "$by_hand"
}

# unittest_numbers OUTPUT STATUS: how many passed, failed and were skipped, by the last words of Python's unittest: "Ran 7
# tests in ..." and "FAILED (failures=1, errors=2, skipped=3)" or "OK (skipped=3)". A class that is skipped whole counts once.
unittest_numbers() {
    awk -v status="$2" '
        function number(word) { return match($0, word "=[0-9]+") ? substr($0, RSTART + length(word) + 1, RLENGTH) + 0 : 0 }
        /^Ran [0-9]+ tests?/ { ran = $2 }
        /^(OK|FAILED)/ { bad = number("failures") + number("errors"); left = number("skipped") }
        END {
            if (status && !bad)
                bad = 1
            good = ran - bad - left
            print (good > 0 ? good : 0), bad + 0, left + 0
        }' "$1"
}
