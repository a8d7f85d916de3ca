#!/bin/sh
# Writes the secrets of the compose files to secrets/, each of them once. What is there already is kept.
set -eu
cd "$(dirname "$0")/.."
mkdir -p secrets
# only the owner enters the folder; the files are readable because the containers run as other users
chmod 700 secrets
umask 022

keep() {
  if [ ! -e "secrets/$1" ]; then
    printf '%s\n' "$2" > "secrets/$1"
    echo "written: secrets/$1"
  fi
}
random() { head -c 33 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_'; }

keep api_keys "$(random)"
keep metrics_token "$(random)"
keep postgres_password "$(random)"
keep database_url "postgres://docent:$(cat secrets/postgres_password)@postgres:5432/docent"
keep redis_url redis://redis:6379
keep grafana_password "$(random)"
# empty means not used
keep openai_api_key ''
keep alert_webhook_url ''
