#!/usr/bin/env bash
# Installs the system packages that are missing, as root or through sudo, without starting any service.
#
#     deploy/packages.sh ROLE...      roles: the second column of packages.txt
#
# Packages bring services that start at once and, for PostgreSQL, a cluster of their own. Hương runs its own
# processes, so both are held back while apt works, and newly installed services are left disabled.
set -euo pipefail

LIST="$(dirname "${BASH_SOURCE[0]}")/packages.txt"
POLICY=/usr/sbin/policy-rc.d
CLUSTERS=/etc/postgresql-common/createcluster.d/huong.conf

say() { printf '• %s · %s\n' "$1" "$2"; }
die() { printf '✗ %s\n  %s\n' "$1" "$2" >&2; exit 2; }

postgresql_version() {
    local version
    for version in 16 15; do
        if [ -x "/usr/lib/postgresql/$version/bin/initdb" ] &&
            [ -e "/usr/share/postgresql/$version/extension/postgis.control" ] &&
            [ -e "/usr/share/postgresql/$version/extension/pgrouting.control" ]; then
            echo "$version"
            return
        fi
    done
    for version in 16 15; do
        if apt-cache show "postgresql-$version-postgis-3" "postgresql-$version-pgrouting" >/dev/null 2>&1; then
            echo "$version"
            return
        fi
    done
    return 1
}

# Prints the packages of the given roles for this distribution, one a line, @PG@ unresolved.
wanted() {
    local id
    id=$(. /etc/os-release && echo "$ID")
    awk -v roles=" $* " -v id="$id" \
        '!/^#/ && NF >= 2 && index(roles, " " $2 " ") && (NF < 3 || $3 == id) { print $1 }' "$LIST"
}

missing_of() {
    local package
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -- "$@"; fi
}

hold_services() {
    # A guard left behind by a run that was killed is ours, not the machine's: the saved one is.
    if [ -e "$POLICY.huong" ]; then as_root mv "$POLICY.huong" "$POLICY"; fi
    if [ -e "$POLICY" ]; then as_root mv "$POLICY" "$POLICY.huong"; fi
    printf '#!/bin/sh\n# held by huong\nexit 101\n' | as_root tee "$POLICY" >/dev/null
    as_root chmod 755 "$POLICY"
    as_root mkdir -p "$(dirname "$CLUSTERS")"
    echo 'create_main_cluster = false' | as_root tee "$CLUSTERS" >/dev/null
}

release_services() {
    as_root rm -f "$POLICY" "$CLUSTERS"
    if [ -e "$POLICY.huong" ]; then as_root mv "$POLICY.huong" "$POLICY"; fi
}

disable_services() {
    local package service
    command -v systemctl >/dev/null || return 0
    for package in "$@"; do
        case "$package" in nginx | mosquitto) service=$package ;; postgresql-1?) service=postgresql ;; *) continue ;; esac
        as_root systemctl disable --quiet "$service" 2>/dev/null || true
    done
}

install() {
    say "Cài gói hệ thống: $*" "Installing system packages: $*"
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        die "Thiếu gói hệ thống và không có quyền root. Nhờ quản trị viên cài: $*" \
            "System packages are missing and there is neither root nor sudo. Ask an administrator to install: $*"
    fi
    trap release_services EXIT
    hold_services
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$@" </dev/null
    disable_services "$@"
    release_services
    trap - EXIT
}

main() {
    local names missing version refreshed=""
    command -v apt-get >/dev/null || die \
        "Hương cần Debian 12 hoặc Ubuntu 24.04 (không thấy apt-get)." \
        "Hương needs Debian 12 or Ubuntu 24.04 (there is no apt-get here)."
    names=$(wanted "$@")
    if [[ $names == *@PG@* ]]; then
        if ! version=$(postgresql_version); then
            refresh
            refreshed=1
            version=$(postgresql_version) || die \
                "Kho gói không có PostgreSQL 15 hoặc 16 cùng PostGIS và pgRouting." \
                "The package sources have no PostgreSQL 15 or 16 with PostGIS and pgRouting."
        fi
        names=${names//@PG@/$version}
    fi
    # shellcheck disable=SC2086  # package names hold no spaces
    missing=$(missing_of $names)
    if [ -n "$missing" ]; then
        [ -n "$refreshed" ] || refresh
        # shellcheck disable=SC2086
        install $missing
    fi
}

refresh() {
    say "Đọc danh sách gói hệ thống" "Reading the lists of system packages"
    as_root apt-get update -q </dev/null >/dev/null || die \
        "Không đọc được danh sách gói (apt-get update)." "The package lists cannot be read (apt-get update)."
}

main "$@"
