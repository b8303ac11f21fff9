#!/bin/sh
# What the jobs of jobs.py do: note in a book of their own that they begin and how they end, each in
# one write, and hold a lock of their job's while they live.
#
#   jobs_work.sh FOLDER SECONDS STATUS [FILE]
#
# STATUS: a number to exit with, or "shaky": 1 in two of three attempts. Of a FILE it is noted whether
# it is whole: its last line is END; one with 'bad' in its name fails.
folder=$1 status=$3 file=$4
book=$folder/book
exec 9>>"$folder/locks/$LARES_JOB"
read -r now _ </proc/uptime
flock -n 9 || echo "two $LARES_TASK $LARES_JOB $LARES_ATTEMPT $LARES_RUN $$ $now -" >>"$book"
echo "begin $LARES_TASK $LARES_JOB $LARES_ATTEMPT $LARES_RUN $$ $now ${file:--}" >>"$book"
[ "$2" = 0 ] || sleep "$2" 9>&-
if [ "$status" = shaky ]; then
    [ $(((LARES_JOB + LARES_RUN) % 3)) = 0 ] && status=0 || status=1
fi
if [ -n "$file" ]; then
    last=
    while read -r line; do last=$line; done <"$file"
    [ "$last" = END ] || echo "torn $LARES_TASK $LARES_JOB $LARES_ATTEMPT $LARES_RUN $$ $now $file" >>"$book"
    case $file in *bad*) status=3 ;; esac
fi
read -r now _ </proc/uptime
echo "end $LARES_TASK $LARES_JOB $LARES_ATTEMPT $LARES_RUN $$ $now $status" >>"$book"
exit "$status"
