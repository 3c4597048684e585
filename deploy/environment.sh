# Sourced by the entry points in script/: Python 3.12 or newer, uv, and the locked environment in .venv.
# Each step is skipped when what it would make is there already, and repairs what an interrupted run left.

# A process starts in a third of the time from compiled code, whatever the shell has been told about keeping it.
unset PYTHONDONTWRITEBYTECODE

say() { printf '• %s · %s\n' "$1" "$2"; }
die() { printf '✗ %s\n  %s\n' "$1" "$2" >&2; exit 2; }

# A pyenv shim is on PATH even where no version is chosen: only running it tells.
suits() {
    "$1" -c 'import sys, ssl, sqlite3, venv; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 15))' \
        >/dev/null 2>&1
}

find_python() {
    local candidate
    for candidate in python3.12 python3.13 python3.14 python3 "${HOME:-/nonexistent}"/.pyenv/versions/3.1[2-4]*/bin/python3; do
        if command -v "$candidate" >/dev/null && suits "$candidate"; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    return 1
}

# Prints the command of uv: the machine's if it runs, else our own from the locked wheel.
find_uv() {
    local tools="$PWD/var/tools"
    if command -v uv >/dev/null && uv --version >/dev/null 2>&1; then
        echo uv
        return
    fi
    if ! "$tools/bin/uv" --version >/dev/null 2>&1; then
        rm -rf "$tools"
        "${1:-python3}" -m venv "$tools" >&2
        "$tools/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
            -r deploy/bootstrap.txt >&2
    fi
    echo "$tools/bin/uv"
}

prepare_environment() {
    local stamp python uv
    stamp=$(cat requirements.lock pyproject.toml <(echo "$PWD") | sha256sum)
    if [ "$(cat .venv/.huong 2>/dev/null)" = "$stamp" ] && suits .venv/bin/python; then
        return
    fi
    python=$(find_python) || python=""
    uv=$(find_uv "$python")
    if ! suits .venv/bin/python; then
        if [ -z "$python" ]; then
            say "Không thấy Python 3.12 trở lên: uv tải về" "No Python 3.12 or newer here: uv fetches one"
            python=3.12
        fi
        say "Tạo môi trường Python ($python)" "Making the Python environment ($python)"
        "$uv" venv --quiet --clear --python "$python" .venv ||
            die "Không tạo được môi trường Python 3.12." "The Python 3.12 environment could not be made."
    fi
    say "Cài các thư viện đã khoá phiên bản" "Installing the locked libraries"
    "$uv" pip install --quiet --python .venv/bin/python --require-hashes -r requirements.lock </dev/null
    "$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e . </dev/null
    echo "$stamp" >.venv/.huong
}
