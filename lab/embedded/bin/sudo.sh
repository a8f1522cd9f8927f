#!/bin/sh
# sudo of an embedded device: its folder is all there is, so there is nothing to become.
while [ $# -gt 0 ]; do
  case $1 in
    --) shift; break ;;
    -*) shift ;;
    *) break ;;
  esac
done
exec "$@"
