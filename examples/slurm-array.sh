#!/bin/bash
# One log by a Slurm array: each task makes and stores its own stretch of it.
#
#   sbatch --array=1-12 slurm-array.sh s3://bucket/prefix
#   logship verify s3://bucket/prefix --seed 7 --start 2017-01-12T14:36:56Z --records 10000000000
#
# A task that is preempted, or whose node fails, is started again by Slurm; one that was killed or that failed by
# `scontrol requeue JOB_TASK`, or, with RequeueExit=111 in slurm.conf, by Slurm too. It stores the same bytes again.
#SBATCH --job-name=logship
#SBATCH --array=1-4
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=512M
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=logship-%A_%a.log
set -euo pipefail

# With exec it is logship that gets the TERM of Slurm: it stores what it has begun and ends with 111.
exec logship run \
  --shard "$SLURM_ARRAY_TASK_COUNT" \
  --seed "${SEED:-7}" \
  --start "${START:-2017-01-12T14:36:56Z}" \
  --records "${RECORDS:-10000000000}" \
  --success \
  --to "${1:?where to store it, such as s3://bucket/prefix}"
