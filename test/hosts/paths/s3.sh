#!/bin/sh
# S3 over http and https, as S3_ENDPOINTS has them.

path_s3() {
  [ -n "${S3_ENDPOINTS-}" ] || { echo "S3_ENDPOINTS is not set"; exit 77; }
  head -c 17000000 /dev/urandom >large # more than a part
  seq 20000 >access.log
  for AWS_ENDPOINT_URL_S3 in $S3_ENDPOINTS; do
    export AWS_ENDPOINT_URL_S3
    to=s3://bucket-$$-$(milliseconds)
    repeatably run --once --piece-bytes 1M --to "$to/run"
    repeatably verify "$to/run"
    logship upload large --to "$to/upload"
    logship ship --once --state "$PWD/${to##*-}" --piece-bytes 50k --to "$to/ship" "$PWD/access.log"
    logship verify --source "$PWD/access.log" "$to/ship"
  done
}
