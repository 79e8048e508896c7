#!/bin/sh
# Build the two environments the course needs: .venv for us, .venv-student for students' kernels.
set -eu

PYTHON=${PYTHON:-python3}
UV=0.13.8
here=$(dirname "$0")

fail() { printf '%s\n' "$@" >&2; exit 1; }
may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
install() { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null; }

command -v "$PYTHON" >/dev/null || fail "There is no $PYTHON: install Python 3.11 or newer."
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$PYTHON" --version) is too old: use 3.11 or newer, for example  make PYTHON=python3.12"

if ! command -v bwrap >/dev/null; then
    may_install || fail "Student code runs in a sandbox, and bubblewrap is not installed. Run:" \
        "  sudo apt-get install bubblewrap"
    echo "installing bubblewrap"
    install bubblewrap
fi

if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    may_install || fail "This Python cannot make environments. Run:  sudo apt-get install python3-venv"
    echo "installing python3-venv"
    install python3-venv
fi

echo "building .venv and .venv-student (a minute or two the first time)"
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV" 2>&1 |
    { grep -v '^WARNING: Location' || true; }
# The system knows the certificates of a local mirror or proxy; uv's own list does not.
[ ! -e /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS=1
uv() { .venv/bin/uv "$@" --quiet --compile-bytecode; }
students() {
    [ -x .venv-student/bin/python ] || .venv/bin/uv venv --quiet --python .venv/bin/python .venv-student
    uv pip sync --python .venv-student/bin/python "$here/student.lock"
    # matplotlib's list of fonts takes seconds to make: once here, not once a notebook.
    MPLCONFIGDIR=.venv-student/matplotlib .venv-student/bin/python -c 'import matplotlib.font_manager'
}
students &
# Without what a lock leaves out on purpose: see CONTRIBUTING.
uv pip install --python .venv/bin/python --no-deps -r "$here/course.lock"
uv pip install --python .venv/bin/python --no-deps --no-build-isolation -e .
wait $!
