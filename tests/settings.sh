#!/bin/sh
# Run the tests under settings that must not change their verdict: other kernels of the linear
# algebra, numpy without its vector instructions, other numbers of threads, locale, time zone, home
# folder, terminal and drawing backend.
#
# sh tests/settings.sh PYTHON [ARGUMENTS OF PYTEST]; `make test-settings` does so for all tests.
set -u
python=${1:?which Python}
shift
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
failed=""

run() {
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed $name"
}

run old-processor env OPENBLAS_CORETYPE=Prescott OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 LC_ALL=C \
    TZ=Pacific/Chatham MPLBACKEND=svg "$python" -m pytest "$@"
run threads-and-empty-home env OPENBLAS_CORETYPE=Haswell OPENBLAS_NUM_THREADS=4 OMP_NUM_THREADS=4 \
    LC_ALL=C.UTF-8 HOME="$home" MPLBACKEND=TkAgg "$python" -m pytest "$@"
run no-vector-instructions env NPY_DISABLE_CPU_FEATURES="$(
    "$python" -c 'import numpy as np
print(*np.show_config("dicts")["SIMD Extensions"]["found"])')" \
    PYTHONHASHSEED=random COLUMNS=200 NO_COLOR=1 "$python" -m pytest "$@"

if [ -n "$failed" ]; then
    echo "the verdict changes under:$failed" >&2
    exit 1
fi
