# Man pages and completion, for people at a terminal; sourced by setup.sh, which sets the variables.
# shellcheck shell=bash disable=SC2154,SC2034

# The man pages and the completion of the shells, out of the program, which knows where they belong.
install_pages() {
  local file=$program name page_names missing=()
  [[ $dry_run == no ]] || file=$(program_source) || return
  pages=$(mktemp -d) || fatal 'unable to make a directory for the man pages'
  if ! "$file" setup --unpack-pages "$pages/new" 2>/dev/null; then
    [[ $dry_run == yes ]] || fatal "unable to unpack the man pages into $pages"
    say 'install the man pages and the completion of the shells' # from where nothing may be executed
    return
  fi
  mapfile -t page_names < <(cd "$pages/new" && find . -type f | sed 's|^\.||' | sort)
  for name in ${page_names[@]+"${page_names[@]}"}; do
    if cmp -s "$pages/new$name" "$name"; then continue; fi
    make_parents "${name%/*}"
    record file "$name"
    missing+=("$name")
  done
  ((${#missing[@]} == 0)) || step 'install the man pages and the completion of the shells' copy_pages "${missing[@]}"
}

# What is cut short here is put in place by the next setup, which compares.
copy_pages() {
  local name
  for name in "$@"; do install -m 644 -o root -g root "$pages/new$name" "$name" || return; done
}

# make_parents DIRECTORY: with those above it that are missing.
make_parents() {
  [[ -d $1/ ]] || make_parents "${1%/*}"
  make_directory "$1" 755 root:root
}
