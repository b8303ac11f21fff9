#!/bin/sh
# examples/shop/prepare.sh FILE: what a press would be given. Two sorts of files make trouble: one that
# is broken, and one whose fonts are on a server that is away at first.
set -eu
file=$1
echo "preparing $(basename "$file"), attempt ${LARES_ATTEMPT:-1}"
head -c 5 "$file" | grep -q '%PDF-' || { echo "this is no PDF"; exit 3; }
if grep -q 'fonts' "$file" && [ "${LARES_ATTEMPT:-1}" -lt 2 ]; then
    echo "the font server does not answer"
    exit 75
fi
sleep 0.2
echo "prepared"
