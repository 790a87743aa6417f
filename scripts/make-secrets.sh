#!/bin/sh
# make-secrets.sh [FOLDER]: makes the secrets that docker-compose.yml hands out. What is there stays as it is.
#
# The folder is for its owner alone. The files in it are readable by all, because a container sees them with the owner
# and the mode that they have here, and nothing inside runs as you.
set -eu
umask 077
folder=${1:-secrets}
mkdir -p "$folder"
chmod 700 "$folder"

random() { # random BYTES, as hexadecimal digits
    od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'
}

keep() { # keep NAME VALUE, unless there is one
    [ ! -e "$folder/$1" ] || return 0
    [ ${#2} -ge 16 ] || { echo "no randomness for $1: is /dev/urandom there?" >&2; exit 1; }
    printf '%s\n' "$2" > "$folder/.$1.new"
    chmod 644 "$folder/.$1.new"
    mv "$folder/.$1.new" "$folder/$1"
    echo "made $folder/$1"
}

for name in postgres auth_database stock_database recipes_database nutrition_database chat_database config_database; do
    keep "${name}_password" "$(random 32)"
done
for name in stock recipes nutrition chat; do
    keep "${name}_credential" "$(random 32)"
done
keep auth_secret "$(random 32)"
keep gateway_secret "$(random 32)"
keep setup_code "$(random 8 | sed 's/..../&-/g; s/-$//')"

keep valkey_password "$(random 32)"
password=$(cat "$folder/valkey_password")
keep valkey_users "user default on >$password ~* &* +@all"
keep redis_url "redis://:$password@valkey:6379/0"
